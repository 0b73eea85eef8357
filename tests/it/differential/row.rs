//! Rows as the oracle knows them, and what a file of some shape keeps of one.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::support::Random;

/// A cell: nothing, a value, or a text that is not a value of the column's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<T> {
    Null,
    Is(T),
    Unread(String),
}

impl<T: Copy> Cell<T> {
    pub fn get(&self) -> Option<T> {
        match self {
            Self::Is(value) => Some(*value),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn is_unread(&self) -> bool {
        matches!(self, Self::Unread(_))
    }
}

/// An optional object with a child that it requires, and another optional object.
#[derive(Debug, Clone, Default)]
pub struct Place {
    pub city: Option<String>,
    /// An object with one number, which it requires.
    pub geo: Option<Option<f64>>,
}

/// What a row holds.
#[derive(Debug, Clone)]
pub struct Row {
    pub whole: Cell<i64>,
    pub number: Cell<f64>,
    pub day: Cell<NaiveDate>,
    /// Hundredths.
    pub price: Cell<i128>,
    pub text: Option<String>,
    pub note: Option<String>,
    pub must: Option<String>,
    pub items: Option<Vec<Option<i64>>>,
    pub place: Option<Place>,
    /// Objects with a day, which they require.
    pub visits: Option<Vec<Option<Option<i64>>>>,
    /// Values of a map, whose keys are their numbers.
    pub counts: Option<Vec<Option<i64>>>,
}

pub const WORDS: &[&str] = &[
    "",
    " ",
    "a",
    "ab",
    "abc",
    "ABC",
    "a1",
    "é",
    "日本語",
    "line\nbreak",
    "x-1",
    "٣",
    "e\u{301}",
    "0",
    "NULL",
    "NaN",
];

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    Parquet,
    Csv,
    Ndjson,
}

/// What a Parquet file has of a column that is optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Typed,
    /// Of the null type, as pandas writes a column of `None`.
    Null,
    Absent,
}

/// What a Parquet file has of `place`, where it has an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    All,
    NoCity,
    NullCity,
    NoGeo,
    NullGeo,
    NoLat,
    NullLat,
}

/// The shape of a file: what it can hold of a row.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub input: Input,
    pub place: Column,
    pub within: Within,
    pub items: Column,
    pub visits: Column,
    pub counts: Column,
    pub note: Column,
    pub must: Column,
}

impl Shape {
    pub fn any(input: Input, random: &mut Random) -> Self {
        let mut column = |kinds: &[Column]| kinds[random.below(kinds.len() as u64) as usize];
        use Column::{Absent, Null, Typed};
        let optional = [Typed, Typed, Typed, Null, Absent];
        let within = [
            Within::All,
            Within::All,
            Within::NoCity,
            Within::NullCity,
            Within::NoGeo,
            Within::NullGeo,
            Within::NoLat,
            Within::NullLat,
        ];
        match input {
            Input::Parquet => Self {
                input,
                place: column(&optional),
                items: column(&optional),
                visits: column(&optional),
                counts: column(&optional),
                note: column(&optional),
                must: column(&[Typed, Typed, Null]),
                within: within[random.below(within.len() as u64) as usize],
            },
            // Texts have the types that are declared; a line of CSV has no objects.
            _ => {
                let nested = if input == Input::Csv { Absent } else { Typed };
                Self {
                    input,
                    place: nested,
                    items: nested,
                    visits: nested,
                    counts: nested,
                    note: Typed,
                    must: Typed,
                    within: Within::All,
                }
            }
        }
    }

    /// What a file of this shape keeps of a row.
    pub fn keep(&self, row: &mut Row) {
        let gone = |column: Column| column != Column::Typed;
        let typed = self.input == Input::Parquet;
        unless_unread(typed, &mut row.whole);
        unless_unread(typed, &mut row.number);
        unless_unread(typed, &mut row.day);
        unless_unread(typed, &mut row.price);
        row.place = row.place.take().filter(|_| !gone(self.place));
        row.items = row.items.take().filter(|_| !gone(self.items));
        row.visits = row.visits.take().filter(|_| !gone(self.visits));
        row.counts = row.counts.take().filter(|_| !gone(self.counts));
        row.note = row.note.take().filter(|_| !gone(self.note));
        row.must = row.must.take().filter(|_| !gone(self.must));
        if let Some(place) = &mut row.place {
            match self.within {
                Within::All => {}
                Within::NoCity | Within::NullCity => place.city = None,
                Within::NoGeo | Within::NullGeo => place.geo = None,
                Within::NoLat | Within::NullLat => place.geo = place.geo.map(|_| None),
            }
        }
        if self.input == Input::Csv {
            // A field without characters is NULL.
            for text in [&mut row.text, &mut row.note, &mut row.must] {
                *text = text.take().filter(|t| !t.is_empty());
            }
        }
    }
}

fn unless_unread<T>(typed: bool, cell: &mut Cell<T>) {
    if typed && matches!(cell, Cell::Unread(_)) {
        *cell = Cell::Null;
    }
}

fn pick<T: Clone>(random: &mut Random, values: &[T]) -> T {
    values[random.below(values.len() as u64) as usize].clone()
}

fn unread<T>(random: &mut Random, texts: &[&str]) -> Cell<T> {
    Cell::Unread(pick(random, texts).to_owned())
}

fn word(random: &mut Random) -> Option<String> {
    match random.below(8) {
        0 => None,
        1 => Some(format!("long text {}", random.next())),
        _ => Some(pick(random, WORDS).to_owned()),
    }
}

/// A row of a file that could hold anything.
pub fn row(random: &mut Random) -> Row {
    let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0, 5e-324, 1e308];
    let wholes = [i64::MIN, i64::MAX, 0, 1, -1];
    Row {
        whole: match random.below(9) {
            0 => Cell::Null,
            1 => Cell::Is(pick(random, &wholes)),
            2 => unread(
                random,
                &["x", "1.0", "1e3", "9223372036854775808", "٣", "NULL", "NaN", "true"],
            ),
            _ => Cell::Is(random.below(20) as i64 - 5),
        },
        number: match random.below(9) {
            0 => Cell::Null,
            1 | 2 => Cell::Is(pick(random, &floats)),
            3 => unread(random, &["x", "1,5", "1e400", "0x10", "NULL", "true", "1 000"]),
            // Of three decimals, so that its text has few digits.
            _ => Cell::Is((random.below(1000) as f64 * 4.0 - 1000.0) / 1000.0),
        },
        day: match random.below(6) {
            0 => Cell::Null,
            1 => unread(random, &["31.02.2026", "2026-01-31", "1.1.2026", "01.01.26", "x", "NULL"]),
            _ => {
                let days = chrono::Days::new(random.below(60));
                Cell::Is(NaiveDate::from_ymd_opt(2025, 12, 1).unwrap() + days)
            }
        },
        price: match random.below(6) {
            0 => Cell::Null,
            1 => unread(random, &["1.234", "123456.00", "x", "NULL", "NaN", "1,5"]),
            _ => Cell::Is(i128::from(random.below(3000)) - 500),
        },
        text: word(random),
        note: word(random),
        must: word(random),
        items: match random.below(5) {
            0 => None,
            n => {
                Some((1..n).map(|_| Some(random.below(9) as i64 - 2).filter(|v| *v < 6)).collect())
            }
        },
        place: match random.below(4) {
            0 => None,
            _ => Some(Place {
                city: word(random),
                geo: match random.below(4) {
                    0 => None,
                    1 => Some(None),
                    _ => Some(Some(random.below(40) as f64 / 4.0 - 2.0)),
                },
            }),
        },
        visits: match random.below(5) {
            0 => None,
            n => Some(
                (1..n)
                    .map(|_| match random.below(6) {
                        0 => None,
                        1 => Some(None),
                        _ => Some(Some(random.below(9) as i64 - 1)),
                    })
                    .collect(),
            ),
        },
        counts: match random.below(4) {
            0 => None,
            n => Some((1..n).map(|_| Some(random.below(9) as i64).filter(|v| *v < 7)).collect()),
        },
    }
}

/// What a row holds in lists, objects and maps, as JSON.
pub fn nested(row: &Row, shape: &Shape) -> Map<String, Value> {
    let place = |place: &Place| {
        let geo = place.geo.map(|lat| match shape.within {
            Within::NoLat => json!({ "other": 1 }),
            _ => json!({ "lat": lat }),
        });
        match shape.within {
            Within::NoCity => json!({ "geo": geo }),
            Within::NoGeo => json!({ "city": place.city }),
            _ => json!({ "city": place.city, "geo": geo }),
        }
    };
    let visit = |visit: &Option<Option<i64>>| visit.map(|day| json!({ "day": day }));
    let visits = row.visits.as_ref().map(|visits| visits.iter().map(visit).collect::<Vec<_>>());
    let counts = row.counts.as_ref().map(|counts| {
        let pairs = counts.iter().enumerate().map(|(n, value)| (n.to_string(), json!(value)));
        Value::Object(pairs.collect())
    });
    let all = [
        ("items", json!(row.items), shape.items),
        ("place", json!(row.place.as_ref().map(place)), shape.place),
        ("visits", json!(visits), shape.visits),
        ("counts", json!(counts), shape.counts),
    ];
    let kept = all.into_iter().filter(|(_, _, column)| *column != Column::Absent);
    kept.map(|(name, value, _)| (name.to_owned(), value)).collect()
}
