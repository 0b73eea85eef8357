//! Columns that look personal, by their names and by the form of their values.

use arrow::datatypes::DataType;

use super::words::words_of;
use super::{ColumnProfile, TableProfile};

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
    "first",
    "last",
    "full",
    "middle",
    "given",
    "family",
    "user",
    "person",
    "customer",
    "client",
    "learner",
    "student",
    "patient",
    "employee",
    "author",
    "member",
    "contact",
    "people",
    "staff",
    "participant",
    "passenger",
    "pupil",
    "teacher",
    "subscriber",
    "visitor",
    "owner",
    "driver",
];

/// Words of columns that only persons have, besides those of [`WORDS`].
const TRAITS: &[&str] = &["age", "sex", "born", "hired", "nationality", "marital"];

/// Words that end the name of a count.
const COUNTS: &[&str] = &["count", "total", "sent", "opened", "rate", "share", "length"];

/// Words of free text.
const PROSE: &[&str] = &["comment", "comments", "note", "notes", "remark", "remarks", "message"];

/// Why a column of a table looks personal, if it does.
pub fn personal(column: &ColumnProfile, table: &TableProfile) -> Option<Personal> {
    let words = words_of(&column.name);
    let has = |word: &str| words.iter().any(|w| w == word);
    let found = |evidence: String| Some(Personal { classification: "confidential", evidence });
    if let Some((word, meaning)) = by_name(column, &words) {
        return found(format!("'{word}' in its name: {meaning}"));
    }
    let person = is_of_persons(&words);
    // `name` by itself may be a course's or an airport's.
    if has("name") && (person || (words.len() == 1 && is_about_persons(table))) {
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

/// The word of a column's name that says what it holds. A flag or a count holds none of it, except
/// where it is a trait.
fn by_name(column: &ColumnProfile, words: &[String]) -> Option<(&'static str, &'static str)> {
    let (word, meaning) =
        WORDS.iter().find(|(word, _)| words.iter().any(|known| known == word)).copied()?;
    let is_count = words.last().is_some_and(|last| COUNTS.contains(&last.as_str()));
    let is_flag = column.data_type == DataType::Boolean || is_count;
    (!is_flag || meaning == "a trait of a person").then_some((word, meaning))
}

/// Whether one of the words means a person, or several.
fn is_of_persons(words: &[String]) -> bool {
    let is_one = |word: &str| PERSONS.contains(&word);
    words.iter().any(|word| is_one(word) || word.strip_suffix('s').is_some_and(is_one))
}

/// Whether a table is about persons, by its name or by what other columns hold.
fn is_about_persons(table: &TableProfile) -> bool {
    let telling = |column: &ColumnProfile| {
        let words = words_of(&column.name);
        let trait_of_one = words.iter().any(|word| TRAITS.contains(&word.as_str()));
        trait_of_one || by_name(column, &words).is_some()
    };
    is_of_persons(&words_of(&table.name)) || table.columns.iter().any(telling)
}
