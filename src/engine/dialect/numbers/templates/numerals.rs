//! Roman numerals, and the endings of ordinals.

const ROMAN: &[(i128, &str)] = &[
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];

/// A number in Roman numerals, which end with 3999.
pub(super) fn roman(number: i128) -> String {
    if !(1..=3999).contains(&number) {
        return "#".repeat(15);
    }
    let (mut rest, mut text) = (number, String::new());
    for (value, letters) in ROMAN {
        while rest >= *value {
            text.push_str(letters);
            rest -= value;
        }
    }
    text
}

/// The ending of an ordinal.
pub(super) fn ending(digits: &str) -> &'static str {
    let mut last = digits.bytes().rev();
    let (one, ten) = (last.next(), last.next());
    match one {
        _ if ten == Some(b'1') => "th",
        Some(b'1') => "st",
        Some(b'2') => "nd",
        Some(b'3') => "rd",
        _ => "th",
    }
}
