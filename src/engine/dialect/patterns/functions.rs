//! The functions of patterns.

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::compiled::{Pattern, Patterns};
use super::ends::Budget;
use super::matches::{byte_of, character_of, each, matches, split, told};
use super::replaced::{Which, replaced};
use super::similar::{ends_in_escape, expression, like_pattern};
use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Output, Row, Rows, Value};
use crate::engine::dialect::text::SUBSTR;

const TEXT: Gives = Gives::Kind(Kind::Text);
const TEXTS: Gives = Gives::Kind(Kind::Texts);
const LISTS: Gives = Gives::Kind(Kind::TextLists);
const INT4: Gives = Gives::Kind(Kind::Int4);
const BOOL: Gives = Gives::Kind(Kind::Bool);

const T: Kind = Kind::Text;
const N: Kind = Kind::Int4;

/// `text ~ pattern`, and with the option `i` as the third argument `text ~* pattern`.
pub(in crate::engine::dialect) static MATCHES: Function = Function {
    name: "regexp_is_match",
    forms: &[
        Form::batch(&[T, T], BOOL, |rows, out| patterned(rows, out, None, is_match)),
        Form::batch(&[T, T, T], BOOL, |rows, out| patterned(rows, out, Some(2), is_match)),
    ],
};

/// `text SIMILAR TO pattern`, with the escape character as the third argument.
pub(in crate::engine::dialect) static SIMILAR: Function = Function {
    name: "regexp_similar",
    forms: &[Form::batch(&[T, T, T], BOOL, |rows, out| {
        each_row(rows, out, |row, patterns| {
            let pattern = patterns.get(&expression(row.text(1), row.text(2))?, "")?;
            Ok(Value::Bool(pattern.is_match(row.text(0))?))
        })
    })],
};

/// A pattern of LIKE that is checked, and with the escape character as the second argument rewritten to
/// the backslash.
pub(in crate::engine::dialect) static LIKE: Function = Function {
    name: "like_escape",
    forms: &[
        Form::strict(&[T], TEXT, |row| match ends_in_escape(row.text(0)) {
            true => exec_err!("LIKE pattern must not end with escape character"),
            false => Ok(Value::text(row.text(0))),
        }),
        Form::strict(&[T, T], TEXT, |row| {
            let pattern = like_pattern(row.text(0), row.text(1))?;
            match ends_in_escape(&pattern) {
                true => exec_err!("LIKE pattern must not end with escape character"),
                false => Ok(Value::text(pattern)),
            }
        }),
    ],
};

pub(super) const FUNCTIONS: &[Function] = &[
    // The rows of `regexp_matches`, in a list.
    Function {
        name: "regexp_all_matches",
        forms: &[
            Form::batch(&[T, T], LISTS, |rows, out| patterned(rows, out, None, all_matches)),
            Form::batch(&[T, T, T], LISTS, |rows, out| patterned(rows, out, Some(2), all_matches)),
        ],
    },
    Function {
        name: "regexp_count",
        forms: &[
            Form::batch(&[T, T], INT4, |rows, out| patterned(rows, out, None, counted)),
            Form::batch(&[T, T, N], INT4, |rows, out| patterned(rows, out, None, counted)),
            Form::batch(&[T, T, N, T], INT4, |rows, out| patterned(rows, out, Some(3), counted)),
        ],
    },
    Function {
        name: "regexp_instr",
        forms: &[
            Form::batch(&[T, T], INT4, |rows, out| patterned(rows, out, None, found_at)),
            Form::batch(&[T, T, N], INT4, |rows, out| patterned(rows, out, None, found_at)),
            Form::batch(&[T, T, N, N], INT4, |rows, out| patterned(rows, out, None, found_at)),
            Form::batch(&[T, T, N, N, N], INT4, |rows, out| patterned(rows, out, None, found_at)),
            Form::batch(&[T, T, N, N, N, T], INT4, |rows, out| {
                patterned(rows, out, Some(5), found_at)
            }),
            Form::batch(&[T, T, N, N, N, T, N], INT4, |rows, out| {
                patterned(rows, out, Some(5), found_at)
            }),
        ],
    },
    Function {
        name: "regexp_like",
        forms: &[
            Form::batch(&[T, T], BOOL, |rows, out| patterned(rows, out, None, is_match)),
            Form::batch(&[T, T, T], BOOL, |rows, out| patterned(rows, out, Some(2), is_match)),
        ],
    },
    Function {
        name: "regexp_match",
        forms: &[
            Form::batch(&[T, T], TEXTS, |rows, out| patterned(rows, out, None, first)),
            Form::batch(&[T, T, T], TEXTS, |rows, out| patterned(rows, out, Some(2), first)),
        ],
    },
    Function {
        name: "regexp_replace",
        forms: &[
            Form::batch(&[T, T, T], TEXT, |rows, out| patterned(rows, out, None, replaced_first)),
            Form::batch(&[T, T, T, T], TEXT, |rows, out| {
                patterned(rows, out, Some(3), replaced_first)
            }),
            Form::batch(&[T, T, T, N], TEXT, |rows, out| patterned(rows, out, None, replaced_from)),
            Form::batch(&[T, T, T, N, N], TEXT, |rows, out| {
                patterned(rows, out, None, replaced_from)
            }),
            Form::batch(&[T, T, T, N, N, T], TEXT, |rows, out| {
                patterned(rows, out, Some(5), replaced_from)
            }),
        ],
    },
    Function {
        name: "regexp_split_to_array",
        forms: &[
            Form::batch(&[T, T], TEXTS, |rows, out| patterned(rows, out, None, parts)),
            Form::batch(&[T, T, T], TEXTS, |rows, out| patterned(rows, out, Some(2), parts)),
        ],
    },
    Function {
        name: "regexp_substr",
        forms: &[
            Form::batch(&[T, T], TEXT, |rows, out| patterned(rows, out, None, part)),
            Form::batch(&[T, T, N], TEXT, |rows, out| patterned(rows, out, None, part)),
            Form::batch(&[T, T, N, N], TEXT, |rows, out| patterned(rows, out, None, part)),
            Form::batch(&[T, T, N, N, T], TEXT, |rows, out| patterned(rows, out, Some(4), part)),
            Form::batch(&[T, T, N, N, T, N], TEXT, |rows, out| patterned(rows, out, Some(4), part)),
        ],
    },
];

/// `substring`, by places or by a pattern.
pub(in crate::engine::dialect) static SUBSTRING: Function =
    Function { name: "substring", forms: &SUBSTRING_FORMS };

const SUBSTRING_FORMS: [Form; 6] = {
    let [a, b, c, d] = SUBSTR;
    [
        a,
        b,
        c,
        d,
        Form::batch(&[T, T], TEXT, |rows, out| patterned(rows, out, None, part_by_pattern)),
        Form::batch(&[T, T, T], TEXT, |rows, out| {
            each_row(rows, out, |row, patterns| {
                let pattern = patterns.get(&expression(row.text(1), row.text(2))?, "")?;
                part_by_pattern(row, &pattern)
            })
        }),
    ]
};

fn each_row(
    rows: &Rows<'_>,
    out: &mut Output,
    compute: for<'a> fn(&Row<'a>, &mut Patterns) -> Result<Value<'a>>,
) -> Result<()> {
    let mut patterns = Patterns::default();
    for row in rows.each() {
        match row.has_null() {
            true => out.push(Value::Null)?,
            false => out.push(compute(&row, &mut patterns)?)?,
        }
    }
    Ok(())
}

/// Computes rows whose second argument is the pattern, and one of the others its options.
fn patterned(
    rows: &Rows<'_>,
    out: &mut Output,
    options: Option<usize>,
    compute: for<'a> fn(&Row<'a>, &Pattern) -> Result<Value<'a>>,
) -> Result<()> {
    let mut patterns = Patterns::default();
    for row in rows.each() {
        if row.has_null() {
            out.push(Value::Null)?;
            continue;
        }
        let letters = options.map_or("", |at| row.text(at));
        let pattern = patterns.get(row.text(1), letters)?;
        out.push(compute(&row, &pattern)?)?;
    }
    Ok(())
}

fn not_global(name: &str, pattern: &Pattern) -> Result<()> {
    match pattern.is_global {
        true => exec_err!("{name}() does not support the \"global\" option"),
        false => Ok(()),
    }
}

/// An argument that is a number of at least so much; a default where it is not given.
fn number(row: &Row<'_>, at: usize, name: &str, (least, default): (i64, i64)) -> Result<i64> {
    let found = if at < row.len() { row.int(at) } else { default };
    match found < least {
        true => exec_err!("invalid value for parameter \"{name}\": {found}"),
        false => Ok(found),
    }
}

fn is_match<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    not_global("regexp_like", pattern)?;
    Ok(Value::Bool(pattern.is_match(row.text(0))?))
}

fn counted<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    not_global("regexp_count", pattern)?;
    let start = number(row, 2, "start", (1, 1))?;
    let text = row.text(0);
    let Some(from) = byte_of(text, start) else { return Ok(Value::Int(0)) };
    let mut count = 0;
    each(pattern, text, from, false, |_| {
        count += 1;
        Ok(true)
    })?;
    Ok(Value::Int(count))
}

/// The n-th match from a character on: itself, or one of its groups.
fn nth(
    text: &str,
    pattern: &Pattern,
    start: i64,
    n: i64,
    group: i64,
) -> Result<Option<(usize, usize)>> {
    let Some(from) = byte_of(text, start) else { return Ok(None) };
    let group = usize::try_from(group).unwrap_or(usize::MAX);
    let (mut found, mut left) = (None, n);
    if group > pattern.groups {
        return Ok(None);
    }
    each(pattern, text, from, group > 0, |(whole, groups)| {
        left -= 1;
        if left == 0 {
            found = match group {
                0 => Some(whole),
                group => groups.get(group - 1).copied().flatten(),
            };
        }
        Ok(left > 0)
    })?;
    Ok(found)
}

fn found_at<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    let (text, name) = (row.text(0), "regexp_instr");
    let (start, n) = (number(row, 2, "start", (1, 1))?, number(row, 3, "n", (1, 1))?);
    let is_end = match number(row, 4, "endoption", (0, 0))? {
        0 => false,
        1 => true,
        other => return exec_err!("invalid value for parameter \"endoption\": {other}"),
    };
    let group = number(row, 6, "subexpr", (0, 0))?;
    not_global(name, pattern)?;
    let found = nth(text, pattern, start, n, group)?;
    Ok(Value::Int(
        found.map_or(0, |(start, end)| character_of(text, if is_end { end } else { start })),
    ))
}

fn part<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    let text = row.text(0);
    let (start, n) = (number(row, 2, "start", (1, 1))?, number(row, 3, "n", (1, 1))?);
    let group = number(row, 5, "subexpr", (0, 0))?;
    not_global("regexp_substr", pattern)?;
    let found = nth(text, pattern, start, n, group)?;
    Ok(found.and_then(|(start, end)| text.get(start..end)).map_or(Value::Null, Value::text))
}

fn first<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    if pattern.is_global {
        return exec_err!(
            "regexp_match() does not support the \"global\" option: use regexp_matches"
        );
    }
    let text = row.text(0);
    Ok(match pattern.captures(text, 0, &Budget::of(text))? {
        Some(found) => Value::Texts(told(text, &found)),
        None => Value::Null,
    })
}

fn all_matches<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    matches(pattern, row.text(0)).map(Value::TextLists)
}

fn parts<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    not_global("regexp_split_to_array", pattern)?;
    let parts = split(pattern, row.text(0))?.into_iter();
    Ok(Value::Texts(parts.map(|part| Some(part.to_owned())).collect()))
}

fn replaced_first<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    let which = if pattern.is_global { Which::All } else { Which::Nth(1) };
    replaced(pattern, row.text(0), row.text(2), 0, which).map(Value::text)
}

fn replaced_from<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    let text = row.text(0);
    let start = number(row, 3, "start", (1, 1))?;
    let which = match number(row, 4, "n", (0, 1))? {
        0 => Which::All,
        n => Which::Nth(n),
    };
    let Some(from) = byte_of(text, start) else { return Ok(Value::text(text)) };
    replaced(pattern, text, row.text(2), from, which).map(Value::text)
}

/// What the first group of a pattern matches; without one, what it matches itself.
fn part_by_pattern<'a>(row: &Row<'a>, pattern: &Pattern) -> Result<Value<'a>> {
    let text = row.text(0);
    let span = match pattern.groups {
        0 => pattern.find(text, 0, &Budget::of(text))?,
        _ => pattern
            .captures(text, 0, &Budget::of(text))?
            .and_then(|(_, groups)| groups.first().copied().flatten()),
    };
    Ok(span.and_then(|(start, end)| text.get(start..end)).map_or(Value::Null, Value::text))
}
