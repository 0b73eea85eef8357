//! Classes of characters between brackets.

use datafusion::error::Result;

use super::escapes::{Escape, escape};
use super::reader::{Reader, invalid};
use super::syntax::{Item, Named, Node};

fn unbalanced() -> datafusion::error::DataFusionError {
    invalid("brackets [] not balanced")
}

/// A class behind its opening bracket.
pub(super) fn class(reader: &mut Reader, ignores_case: bool) -> Result<Node> {
    let is_negated = reader.take("^");
    let mut items = Vec::new();
    let mut is_first = true;
    loop {
        if !is_first && reader.take("]") {
            return Ok(Node::Class { is_negated, items });
        }
        let item = item(reader, ignores_case, is_first)?;
        is_first = false;
        let is_range = reader.peek(0) == Some('-') && reader.peek(1) != Some(']');
        let from = match item {
            Item::Range(from, _) => from,
            named if !is_range => {
                items.push(named);
                continue;
            }
            Item::Named { .. } => return Err(invalid("invalid character range")),
        };
        if !is_range {
            items.push(Item::Range(from, from));
            continue;
        }
        reader.skip(1);
        match self::item(reader, ignores_case, false)? {
            Item::Range(to, _) if from <= to => items.push(Item::Range(from, to)),
            _ => return Err(invalid("invalid character range")),
        }
    }
}

/// One character, or a class by its name.
fn item(reader: &mut Reader, ignores_case: bool, is_first: bool) -> Result<Item> {
    if reader.take("[:") {
        let name = up_to(reader, ":]")?;
        let named = named(&name, ignores_case).ok_or_else(|| invalid("invalid character class"))?;
        return Ok(Item::Named { named, is_negated: false });
    }
    for (opening, closing) in [("[.", ".]"), ("[=", "=]")] {
        if reader.take(opening) {
            let name = up_to(reader, closing)?;
            let mut characters = name.chars();
            return match (characters.next(), characters.next()) {
                (Some(one), None) => Ok(Item::Range(one, one)),
                _ => Err(invalid("invalid collating element")),
            };
        }
    }
    match reader.next() {
        None => Err(unbalanced()),
        Some('\\') => match escape(reader, 0)? {
            Escape::Character(one) => Ok(Item::Range(one, one)),
            Escape::Item(item) => Ok(item),
            Escape::Place(_) | Escape::Reference => Err(invalid("invalid escape \\ sequence")),
        },
        Some('-') if !is_first && reader.peek(0) != Some(']') => {
            Err(invalid("invalid character range"))
        }
        Some(one) => Ok(Item::Range(one, one)),
    }
}

fn up_to(reader: &mut Reader, closing: &str) -> Result<String> {
    let mut name = String::new();
    while !reader.take(closing) {
        name.push(reader.next().ok_or_else(unbalanced)?);
    }
    Ok(name)
}

fn named(name: &str, ignores_case: bool) -> Option<Named> {
    Some(match name {
        "alnum" => Named::Alnum,
        "alpha" => Named::Alpha,
        "lower" | "upper" if ignores_case => Named::Alpha,
        "ascii" => Named::Ascii,
        "blank" => Named::Blank,
        "cntrl" => Named::Cntrl,
        "digit" => Named::Digit,
        "graph" => Named::Graph,
        "lower" => Named::Lower,
        "print" => Named::Print,
        "punct" => Named::Punct,
        "space" => Named::Space,
        "upper" => Named::Upper,
        "word" => Named::Word,
        "xdigit" => Named::Xdigit,
        _ => return None,
    })
}
