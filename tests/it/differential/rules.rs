//! Random rules, each as a contract states it and as the oracle sees it.

use serde_json::Value;

use super::row::{Cell, Row, WORDS};
use crate::support::Random;

/// A rule of the contract with what it fails: a row by itself.
pub struct Stated {
    pub id: &'static str,
    pub fails: Box<dyn Fn(&Row) -> bool>,
}

const PATTERNS: &[&str] = &[
    "^a", "[0-9]", "\\d$", "^\\w+$", "b|c", ".", "^.{2}$", "^$", "\\s", "^(?!a)", "(.)\\1",
    "[^a-z]",
];

fn stated(id: &'static str, fails: impl Fn(&Row) -> bool + 'static) -> Stated {
    Stated { id, fails: Box::new(fails) }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// A contract of random rules, and its rules in plain words.
pub fn rules(random: &mut Random) -> (String, Vec<Stated>) {
    let (mut columns, mut all) = (Vec::new(), Vec::new());
    for part in [numbers, days, words, notes, lists, places] {
        let (text, rules) = part(random);
        columns.push(text);
        all.extend(rules);
    }
    (columns.join("\n"), all)
}

fn numbers(random: &mut Random) -> (String, Vec<Stated>) {
    let low = random.below(8) as i64 - 4;
    let bound = random.below(250) as f64 / 100.0 - 1.0;
    let step = [2, 3, 7][random.below(3) as usize];
    let cents = random.below(1500) as i128;
    let columns = format!(
        "- name: whole\n  logicalType: integer\n  required: true\n  unique: true\n\
         \x20 logicalTypeOptions: {{ minimum: {low}, multipleOf: {step} }}\n\
         \x20 quality: [{{ id: some, metric: nullValues, mustBe: 0, customProperties: [{{ property: where, value: 'number > 0' }}] }}]\n\
         - name: number\n  logicalType: number\n  logicalTypeOptions: {{ exclusiveMinimum: {bound}, maximum: 2 }}\n\
         - name: price\n  logicalType: number\n  physicalType: decimal(7,2)\n  logicalTypeOptions: {{ minimum: {}.{:02} }}",
        cents / 100,
        cents % 100,
    );
    let outside = |v: f64, good: bool| !v.is_finite() || !good;
    let rules = vec![
        stated("t/whole/logicalType", |r| r.whole.is_unread()),
        stated("t/whole/required", |r| r.whole.is_null()),
        stated("t/whole/minimum", move |r| r.whole.get().is_some_and(|v| v < low)),
        stated("t/whole/multipleOf", move |r| r.whole.get().is_some_and(|v| v % step != 0)),
        stated("t/whole/some", |r| {
            // SQL orders NaN above every number.
            let scoped = r.number.get().is_some_and(|v| v > 0.0 || v.is_nan());
            scoped && r.whole.is_null()
        }),
        stated("t/number/logicalType", |r| r.number.is_unread()),
        stated("t/number/exclusiveMinimum", move |r| {
            r.number.get().is_some_and(|v| outside(v, v > bound))
        }),
        stated("t/number/maximum", move |r| r.number.get().is_some_and(|v| outside(v, v <= 2.0))),
        stated("t/price/logicalType", |r| r.price.is_unread()),
        stated("t/price/minimum", move |r| r.price.get().is_some_and(|v| v < cents)),
    ];
    (columns, rules)
}

fn days(random: &mut Random) -> (String, Vec<Stated>) {
    let first = chrono::NaiveDate::from_ymd_opt(2025, 12, 20).unwrap();
    let last = first + chrono::Days::new(1 + random.below(40));
    let columns = format!(
        "- name: day\n  logicalType: date\n\
         \x20 logicalTypeOptions: {{ format: dd.MM.yyyy, minimum: '{first}', exclusiveMaximum: '{last}' }}"
    );
    let rules = vec![
        stated("t/day/logicalType", |r| r.day.is_unread()),
        stated("t/day/minimum", move |r| matches!(r.day, Cell::Is(day) if day < first)),
        stated("t/day/exclusiveMaximum", move |r| matches!(r.day, Cell::Is(day) if day >= last)),
    ];
    (columns, rules)
}

fn words(random: &mut Random) -> (String, Vec<Stated>) {
    let least = random.below(4) as usize;
    let pattern = PATTERNS[random.below(PATTERNS.len() as u64) as usize];
    let words: Vec<&str> =
        (0..3).map(|_| WORDS[random.below(WORDS.len() as u64) as usize]).collect();
    let list: Vec<String> = words.iter().map(|w| quoted(w)).collect();
    let columns = format!(
        "- name: text\n  logicalType: string\n  logicalTypeOptions: {{ minLength: {least}, pattern: {} }}\n\
         \x20 quality:\n\
         \x20 - {{ id: valid, metric: invalidValues, mustBe: 0, arguments: {{ validValues: [{}] }} }}\n\
         \x20 - {{ id: gone, metric: missingValues, mustBe: 0, arguments: {{ missingValues: [null, {}] }} }}",
        quoted(pattern),
        list.join(", "),
        list[0],
    );
    let ecma = regress::Regex::new(pattern).unwrap();
    let owned: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
    let missing = owned[0].clone();
    let rules = vec![
        stated("t/text/minLength", move |r| {
            r.text.as_ref().is_some_and(|t| t.chars().count() < least)
        }),
        stated("t/text/pattern", move |r| r.text.as_ref().is_some_and(|t| ecma.find(t).is_none())),
        stated("t/text/valid", move |r| r.text.as_ref().is_some_and(|t| !owned.contains(t))),
        stated("t/text/gone", move |r| r.text.as_ref().is_none_or(|t| *t == missing)),
    ];
    (columns, rules)
}

/// Columns that some files have of the null type, or not at all.
fn notes(random: &mut Random) -> (String, Vec<Stated>) {
    let most = random.below(5) as usize;
    let length = 1 + random.below(4) as usize;
    let columns = format!(
        "- name: note\n  logicalType: string\n  logicalTypeOptions: {{ maxLength: {most} }}\n\
         \x20 quality: [{{ id: gone, metric: nullValues, mustBe: 0 }}]\n\
         - name: must\n  logicalType: string\n  required: true\n  enum: [{{ value: a }}, {{ value: 'NULL' }}]\n\
         - name: code\n  logicalType: string\n  physicalType: varchar({length})"
    );
    let rules = vec![
        stated("t/note/maxLength", move |r| {
            r.note.as_ref().is_some_and(|t| t.chars().count() > most)
        }),
        stated("t/note/gone", |r| r.note.is_none()),
        stated("t/code/physicalTypeLength", move |r| {
            r.code.as_ref().is_some_and(|t| t.chars().count() > length)
        }),
        stated("t/must/required", |r| r.must.is_none()),
        stated("t/must/enum", |r| r.must.as_ref().is_some_and(|t| t != "a" && t != "NULL")),
    ];
    (columns, rules)
}

fn lists(random: &mut Random) -> (String, Vec<Stated>) {
    let least = random.below(4) as i64;
    let columns = format!(
        "- name: items\n  logicalType: array\n  logicalTypeOptions: {{ maxItems: 2, uniqueItems: true }}\n\
         \x20 items: {{ logicalType: integer, required: true, logicalTypeOptions: {{ minimum: 0 }} }}\n\
         - name: visits\n  logicalType: array\n\
         \x20 items:\n    logicalType: object\n    properties:\n\
         \x20   - {{ name: day, logicalType: integer, required: true, logicalTypeOptions: {{ minimum: {least} }} }}\n\
         - name: counts\n  logicalType: map\n\
         \x20 map: {{ key: {{ logicalType: string }}, value: {{ logicalType: integer, required: true, logicalTypeOptions: {{ maximum: 5 }} }} }}"
    );
    let any = |items: &Option<Vec<Option<i64>>>, fails: &dyn Fn(Option<i64>) -> bool| {
        items.as_ref().is_some_and(|items| items.iter().any(|item| fails(*item)))
    };
    let visit = |r: &Row, fails: &dyn Fn(Option<i64>) -> bool| {
        r.visits.as_ref().is_some_and(|all| all.iter().flatten().any(|day| fails(*day)))
    };
    let rules = vec![
        stated("t/items/maxItems", |r| r.items.as_ref().is_some_and(|i| i.len() > 2)),
        stated("t/items/uniqueItems", |r| {
            let items = r.items.clone().unwrap_or_default();
            (1..items.len()).any(|n| items[..n].contains(&items[n]))
        }),
        stated("t/items.items/required", move |r| any(&r.items, &|item| item.is_none())),
        stated("t/items.items/minimum", move |r| {
            any(&r.items, &|item| item.is_some_and(|v| v < 0))
        }),
        stated("t/visits.items.day/required", move |r| visit(r, &|day| day.is_none())),
        stated("t/visits.items.day/minimum", move |r| {
            visit(r, &|day| day.is_some_and(|day| day < least))
        }),
        stated("t/counts.value/required", move |r| any(&r.counts, &|value| value.is_none())),
        stated("t/counts.value/maximum", move |r| {
            any(&r.counts, &|value| value.is_some_and(|v| v > 5))
        }),
    ];
    (columns, rules)
}

/// An optional object with a required field, within it another one.
fn places(random: &mut Random) -> (String, Vec<Stated>) {
    let most = random.below(5) as usize;
    let least = random.below(8) as f64 / 4.0;
    let columns = format!(
        "- name: place\n  logicalType: object\n  logicalTypeOptions: {{ required: [geo], minProperties: 2 }}\n\
         \x20 properties:\n\
         \x20 - {{ name: city, logicalType: string, required: true, logicalTypeOptions: {{ maxLength: {most} }} }}\n\
         \x20 - name: geo\n    logicalType: object\n    properties:\n\
         \x20   - {{ name: lat, logicalType: number, required: true, logicalTypeOptions: {{ minimum: {least} }} }}\n\
         \x20   - {{ name: other, logicalType: integer }}"
    );
    let rules = vec![
        stated("t/place/requiredProperties", |r| r.place.as_ref().is_some_and(|p| p.geo.is_none())),
        stated("t/place/minProperties", |r| {
            r.place.as_ref().is_some_and(|p| p.geo.is_none() || p.city.is_none())
        }),
        stated("t/place.city/required", |r| r.place.as_ref().is_some_and(|p| p.city.is_none())),
        stated("t/place.city/maxLength", move |r| {
            let city = r.place.as_ref().and_then(|p| p.city.as_ref());
            city.is_some_and(|city| city.chars().count() > most)
        }),
        stated("t/place.geo.lat/required", |r| {
            r.place.as_ref().is_some_and(|p| p.geo == Some(None))
        }),
        stated("t/place.geo.lat/minimum", move |r| {
            let lat = r.place.as_ref().and_then(|p| p.geo).flatten();
            lat.is_some_and(|lat| lat < least)
        }),
    ];
    (columns, rules)
}
