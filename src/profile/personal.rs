//! Columns that look personal, by their names and by the form of their values.

use super::ColumnProfile;

/// Why a column looks personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    /// The classification to suggest.
    pub classification: &'static str,
    /// Why, without a value.
    pub evidence: String,
}

/// Words of names, and what they mean.
const WORDS: &[(&str, &str)] = &[
    ("email", "an e-mail address"),
    ("mail", "an e-mail address"),
    ("phone", "a telephone number"),
    ("telephone", "a telephone number"),
    ("mobile", "a telephone number"),
    ("fax", "a telephone number"),
    ("address", "an address"),
    ("street", "an address"),
    ("postcode", "an address"),
    ("zip", "an address"),
    ("birth", "a date of birth"),
    ("birthday", "a date of birth"),
    ("birthdate", "a date of birth"),
    ("dob", "a date of birth"),
    ("surname", "a person's name"),
    ("firstname", "a person's name"),
    ("lastname", "a person's name"),
    ("fullname", "a person's name"),
    ("username", "a person's name"),
    ("ssn", "a social security number"),
    ("passport", "a passport number"),
    ("iban", "a bank account"),
    ("salary", "an income"),
    ("gender", "a trait of a person"),
    ("religion", "a trait of a person"),
    ("disability", "a trait of a person"),
    ("ethnicity", "a trait of a person"),
    ("ip", "a network address"),
];

/// Words that make `name` a person's.
const PERSONS: &[&str] = &[
    "first", "last", "full", "middle", "given", "family", "user", "person", "customer", "client",
    "learner", "student", "patient", "employee", "author", "member", "contact",
];

/// Words of free text.
const PROSE: &[&str] = &["comment", "comments", "note", "notes", "remark", "remarks", "message"];

/// Why a column looks personal, if it does.
pub fn personal(column: &ColumnProfile) -> Option<Personal> {
    let words = words_of(&column.name);
    let has = |word: &str| words.iter().any(|w| w == word);
    let found = |evidence: String| Some(Personal { classification: "confidential", evidence });
    if let Some((word, meaning)) = WORDS.iter().find(|(word, _)| has(word)) {
        return found(format!("'{word}' in its name: {meaning}"));
    }
    let person = PERSONS.iter().any(|word| has(word));
    if has("name") && (person || words.len() == 1) {
        return found("its name: a person's name".to_owned());
    }
    let text = column.text.as_ref()?;
    let code = text.pattern.is_some() || text.reads_as.is_some() || text.format == Some("uuid");
    if person && text.blanks >= 0.5 && !code {
        return found("its name and blanks in its values: a person's name".to_owned());
    }
    if text.format == Some("email") {
        return found("its values: e-mail addresses".to_owned());
    }
    if matches!(text.format, Some("ipv4" | "ipv6")) {
        return found("its values: network addresses".to_owned());
    }
    if PROSE.iter().any(|word| has(word)) || text.blanks >= 4.0 {
        return found("free text, which may name anybody".to_owned());
    }
    None
}

/// The words of `customerEmail`, `customer_email` and `Customer E-Mail`.
fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && before.is_lowercase();
        if !c.is_alphanumeric() || begins {
            words.push(String::new());
        }
        if let (true, Some(last)) = (c.is_alphanumeric(), words.last_mut()) {
            last.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::words_of;

    #[test]
    fn names_fall_into_their_words() {
        for name in ["customerEmail", "customer_email", "Customer Email", "CUSTOMER-EMAIL"] {
            assert_eq!(words_of(name), ["customer", "email"], "{name}");
        }
    }
}
