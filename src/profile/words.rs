//! What the names of columns say: ids, periods, measures. Names only suggest, so nothing here
//! decides more than what a draft offers.

/// Words that end the name of an identifier.
const IDS: &[&str] = &[
    "id",
    "ids",
    "key",
    "pk",
    "uuid",
    "guid",
    "code",
    "number",
    "no",
    "nr",
    "sku",
    "isbn",
    "issn",
    "ean",
    "iban",
    "ref",
    "reference",
    "identifier",
    "slug",
    "handle",
    "serial",
    "barcode",
    "iata",
    "icao",
    "doi",
    "hash",
    "token",
];

/// Things that are referred to by a number or a code in a column of their name.
const THINGS: &[&str] = &[
    "account",
    "booking",
    "course",
    "customer",
    "department",
    "device",
    "document",
    "employee",
    "event",
    "flight",
    "invoice",
    "item",
    "learner",
    "machine",
    "movie",
    "order",
    "patient",
    "payment",
    "person",
    "product",
    "project",
    "sensor",
    "session",
    "shipment",
    "site",
    "station",
    "store",
    "student",
    "supplier",
    "task",
    "ticket",
    "transaction",
    "trip",
    "user",
    "vehicle",
    "vendor",
];

/// Words of dates and parts of dates.
const PERIODS: &[&str] = &[
    "year",
    "years",
    "yr",
    "yyyy",
    "month",
    "months",
    "mon",
    "quarter",
    "qtr",
    "week",
    "weeks",
    "weekday",
    "day",
    "dow",
    "doy",
    "hour",
    "minute",
    "second",
    "period",
    "season",
    "semester",
    "term",
    "decade",
    "fiscal",
    "epoch",
    "date",
    "timestamp",
    "ts",
];

/// Words of places in an order, which tell rows of one thing apart.
const PLACES: &[&str] = &[
    "rank", "position", "pos", "place", "seq", "sequence", "line", "row", "step", "index", "idx",
    "version", "revision", "level", "ordinal", "page", "round", "turn",
];

/// Quantities that fall below zero, whatever one file holds.
const SIGNED: &[&str] = &[
    "temp",
    "temperature",
    "celsius",
    "fahrenheit",
    "dewp",
    "dewpoint",
    "lat",
    "latitude",
    "lon",
    "lng",
    "long",
    "longitude",
    "x",
    "y",
    "z",
    "delta",
    "diff",
    "difference",
    "change",
    "growth",
    "balance",
    "net",
    "profit",
    "loss",
    "margin",
    "return",
    "returns",
    "delay",
    "offset",
    "shift",
    "altitude",
    "elevation",
    "log",
    "logit",
    "residual",
    "error",
    "bias",
    "tz",
    "utc",
    "deviation",
    "anomaly",
    "trend",
    "gain",
];

/// Shares of a whole, between 0 and 1.
const SHARES: &[&str] = &[
    "probability",
    "prob",
    "proba",
    "share",
    "fraction",
    "confidence",
    "likelihood",
    "propensity",
];

/// Marks that are given on a scale.
const MARKS: &[&str] = &[
    "rating",
    "ratings",
    "score",
    "grade",
    "mark",
    "marks",
    "stars",
    "percent",
    "percentage",
    "pct",
    "percentile",
    "satisfaction",
    "nps",
];

/// The words of `customerEmail`, `customer_email` and `Customer E-Mail`.
pub(super) fn words_of(name: &str) -> Vec<String> {
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

fn any(name: &str, list: &[&str]) -> bool {
    words_of(name).iter().any(|word| list.contains(&word.as_str()))
}

/// Whether a column is named like an identifier: `id_student`, `orderNo`, `country_code`, `flight`.
pub(super) fn is_identifier(name: &str) -> bool {
    let words = words_of(name);
    let ends = |word: Option<&String>| word.is_some_and(|w| IDS.contains(&w.as_str()));
    // `number_of_rooms` counts.
    let counts = words.iter().any(|w| w == "of");
    let alone =
        matches!(words.as_slice(), [word] if THINGS.contains(&word.as_str()) || joined(word));
    let begins = words.first().is_some_and(|w| matches!(w.as_str(), "id" | "code"));
    (ends(words.last()) || begins || alone) && !counts
}

/// `userid`, where no sign parts the words.
fn joined(word: &str) -> bool {
    word.strip_suffix("id").is_some_and(|thing| THINGS.contains(&thing))
}

/// Whether a column is named like a date or a part of one.
pub(super) fn is_period(name: &str) -> bool {
    any(name, PERIODS)
}

/// Whether a column is named like a place in an order.
pub(super) fn is_place(name: &str) -> bool {
    any(name, PLACES)
}

/// Whether a column is named like a quantity that may be negative.
pub(super) fn may_be_negative(name: &str) -> bool {
    any(name, SIGNED)
}

/// Whether a column is named like a share of a whole.
pub(super) fn is_share(name: &str) -> bool {
    any(name, SHARES)
}

/// Whether a column is named like a mark on a scale.
pub(super) fn is_mark(name: &str) -> bool {
    any(name, MARKS)
}

/// Whether a text names a period, such as `2013J`, `2024-Q1`, `FY24`, `W07` or `March`: the next
/// file has others.
pub(super) fn is_period_code(text: &str) -> bool {
    let lower = text.to_lowercase();
    has_year(&lower) || has_ordinal(&lower) || is_name_of_month_or_day(&lower)
}

/// A year between characters that are not digits, or the beginning of `201301` and `20130131`.
fn has_year(text: &str) -> bool {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| run.starts_with("19") || run.starts_with("20")).any(|run| {
        let month = run.get(4..6).and_then(|m| m.parse::<u8>().ok());
        match run.len() {
            4 => true,
            6 | 8 => month.is_some_and(|m| (1..=12).contains(&m)),
            _ => false,
        }
    })
}

/// `Q1`, `W23`, `FY24`, `H2`, `M01`: a letter or two of a period and its number.
fn has_ordinal(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let (word, _) = text.split_at(text.len() - digits.len());
    let number = (1..=2).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit());
    number && matches!(word, "q" | "w" | "wk" | "kw" | "fy" | "h" | "m" | "p" | "week" | "cw")
}

fn is_name_of_month_or_day(text: &str) -> bool {
    const NAMES: &[&str] = &[
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    NAMES.iter().any(|name| *name == text || name.get(..3) == Some(text)) || text == "sept"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_their_words() {
        for name in ["customerEmail", "customer_email", "Customer Email", "CUSTOMER-EMAIL"] {
            assert_eq!(words_of(name), ["customer", "email"], "{name}");
        }
    }

    #[test]
    fn identifiers_are_told_from_counts_and_measures() {
        for name in ["id", "id_student", "userId", "userid", "order_no", "CountryCode", "flight"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["number_of_rooms", "paid", "valid", "score", "flight_time", "studied_credits"]
        {
            assert!(!is_identifier(name), "{name}");
        }
    }

    #[test]
    fn period_codes_are_told_from_other_codes() {
        for text in ["2013J", "2013-01", "201301", "20130131", "FY24", "q1", "W07", "March", "Mon"]
        {
            assert!(is_period_code(text), "{text}");
        }
        for text in ["AAA", "1234", "209999", "TMA", "Q123", "Marching", "0-35", "A4", "x2"] {
            assert!(!is_period_code(text), "{text}");
        }
    }
}
