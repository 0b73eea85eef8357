//! A tree in the syntax of the machine that matches it.

use std::fmt::Write;

use super::syntax::{Item, Named, Node, Options, Place, Preference};

/// A pattern for the machine.
pub(super) fn written(tree: &Node, options: Options) -> String {
    let mut text = String::new();
    if options.ignores_case {
        text.push_str("(?i)");
    }
    write_node(&mut text, tree, options);
    text
}

fn write_node(text: &mut String, node: &Node, options: Options) {
    match node {
        Node::Character(character) => write_character(text, *character),
        Node::Any => text.push_str(if options.stops_at_lines { "[^\\n]" } else { "(?s:.)" }),
        Node::Class { is_negated, items } => write_class(text, *is_negated, items, options),
        Node::Place(place) => text.push_str(written_place(*place, options)),
        Node::Group { inner, is_captured } => {
            text.push_str(if *is_captured { "(" } else { "(?:" });
            write_node(text, inner, options);
            text.push(')');
        }
        Node::Sequence(parts) => parts.iter().for_each(|part| write_node(text, part, options)),
        Node::Choice(branches) => {
            for (at, branch) in branches.iter().enumerate() {
                if at > 0 {
                    text.push('|');
                }
                write_node(text, branch, options);
            }
        }
        Node::Repeat { inner, least, most, preference, .. } => {
            write_node(text, inner, options);
            // A string takes whatever is written.
            let _ = match (least, most) {
                (0, None) => write!(text, "*"),
                (1, None) => write!(text, "+"),
                (0, Some(1)) => write!(text, "?"),
                (least, None) => write!(text, "{{{least},}}"),
                (least, Some(most)) => write!(text, "{{{least},{most}}}"),
            };
            if *preference == Preference::Shortest {
                text.push('?');
            }
        }
    }
}

fn write_character(text: &mut String, character: char) {
    match character.is_ascii_alphanumeric() {
        true => text.push(character),
        false => {
            // A string takes whatever is written.
            let _ = write!(text, "\\x{{{:x}}}", u32::from(character));
        }
    }
}

fn write_class(text: &mut String, is_negated: bool, items: &[Item], options: Options) {
    text.push_str(if is_negated { "[^" } else { "[" });
    for item in items {
        match item {
            Item::Range(from, to) => {
                write_character(text, *from);
                if from != to {
                    text.push('-');
                    write_character(text, *to);
                }
            }
            Item::Named { named, is_negated } => {
                text.push_str(if *is_negated { "[^" } else { "[" });
                text.push_str(characters(*named));
                text.push(']');
            }
        }
    }
    if is_negated && options.stops_at_lines {
        text.push_str("\\n");
    }
    text.push(']');
}

fn written_place(place: Place, options: Options) -> &'static str {
    match place {
        Place::LineStart if options.anchors_at_lines => "(?m:^)",
        Place::LineEnd if options.anchors_at_lines => "(?m:$)",
        Place::LineStart | Place::TextStart => "\\A",
        Place::LineEnd | Place::TextEnd => "\\z",
        Place::WordStart => "\\b{start}",
        Place::WordEnd => "\\b{end}",
        Place::WordEdge => "\\b",
        Place::NoWordEdge => "\\B",
    }
}

/// The characters of a class, as C's library has them for UTF-8.
fn characters(named: Named) -> &'static str {
    match named {
        Named::Alnum => "\\p{Alphabetic}\\p{Nd}",
        // Digits of other scripts count as letters there.
        Named::Alpha => "\\p{Alphabetic}[\\p{Nd}--0-9]",
        Named::Ascii => "\\x00-\\x7f",
        Named::Blank => " \\t[\\p{Zs}--\\xa0\\u2007\\u202f]",
        Named::Cntrl => "\\p{Cc}\\u2028\\u2029",
        Named::Digit => "0-9",
        Named::Graph => "[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}\\xa0\\u2007\\u202f]",
        Named::Lower => "\\p{Lowercase}",
        Named::Print => "[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}\\p{Zs}]",
        Named::Punct => {
            "[[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}\\xa0\\u2007\\u202f]--[\\p{Alphabetic}\\p{Nd}]]"
        }
        Named::Space => " \\t\\n\\x0b\\x0c\\r\\u2028\\u2029[\\p{Zs}--\\xa0\\u2007\\u202f]",
        Named::Upper => "\\p{Uppercase}",
        Named::Word => "\\p{Alphabetic}\\p{Nd}_",
        Named::Xdigit => "0-9A-Fa-f",
    }
}
