//! Parameters that a consumer's SQL uses and its header does not declare, and the line that declares
//! them.

use crate::diagnostic::{Source, Span};
use crate::engine::{places, sql};

/// The type that is offered where the query does not show one.
pub const USUAL_TYPE: &str = "varchar";

/// A parameter that the SQL uses and the header does not declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeclared {
    /// Its name, without the dollar sign.
    pub name: String,
    /// Where the SQL first uses it.
    pub span: Span,
}

/// The parameters of a text that are not among the declared ones, by name. One with a number for its
/// name is typed by the query.
pub fn undeclared(source: &Source, is_declared: impl Fn(&str) -> bool) -> Vec<Undeclared> {
    let Ok(used) = sql::placeholders(&source.text) else { return Vec::new() };
    let is_number = |name: &str| name.parse::<u32>().is_ok();
    let mut names: Vec<String> =
        used.into_iter().filter(|name| !is_declared(name) && !is_number(name)).collect();
    names.sort();
    let place = |name: String| Undeclared { span: first_use(&source.text, &name), name };
    names.into_iter().map(place).collect()
}

fn first_use(text: &str, name: &str) -> Span {
    let Some(((line, column), _)) = places::of_parameter(text, name) else { return Span::START };
    let start = Span::of_position(text, line, column).start;
    Span::of_bytes(text, start, start + name.len() + 1)
}

/// What to write into a header so that it declares a parameter, which is one of several that it lacks:
/// names with types.
pub fn declaration(text: &str, name: &str, lacking: &[(String, String)]) -> String {
    let entry = |(name, type_name): &(String, String)| {
        format!("{name}: {{type: {type_name}, required: true}}")
    };
    let all = lacking.iter().map(entry).collect::<Vec<_>>().join(", ");
    let own = lacking.iter().find(|(lacking, _)| lacking == name).map(entry).unwrap_or_default();
    let header: Vec<&str> = text.lines().map_while(header_line).collect();
    let params = header.iter().position(|line| line.trim_start().starts_with("params:"));
    let Some((at, params)) = params.and_then(|at| Some((at, header.get(at)?))) else {
        let blank = header.iter().find(|line| !line.trim().is_empty()).map_or(1, |l| indent(l));
        return format!("add the line `--{}params: {{{all}}}`", " ".repeat(blank));
    };
    let blank = indent(params);
    let value = params.trim().trim_start_matches("params:").trim();
    let inner = value.strip_prefix('{').and_then(|value| value.strip_suffix('}'));
    match (value, inner.map(str::trim)) {
        ("null" | "~", _) | (_, Some("")) => {
            format!("write `--{}params: {{{all}}}`", " ".repeat(blank))
        }
        (_, Some(others)) => {
            format!("write `--{}params: {{{others}, {all}}}`", " ".repeat(blank))
        }
        ("", None) => {
            let mut below = header.iter().skip(at + 1);
            let first = below.find(|line| !line.trim().is_empty()).map_or(0, |line| indent(line));
            let blank = if first > blank { first } else { blank + 2 };
            format!("add the line `--{}{own}` below params", " ".repeat(blank))
        }
        _ => format!("add `{own}` to params"),
    }
}

/// What a line of a header says; a header may have empty lines.
fn header_line(line: &str) -> Option<&str> {
    line.strip_prefix("--").or(line.trim().is_empty().then_some(""))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str) -> String {
        let lacking = [("a", "bigint"), ("b", "varchar")];
        let lacking = lacking.map(|(name, of)| (name.to_owned(), of.to_owned()));
        declaration(text, "b", &lacking)
    }

    #[test]
    fn a_declaration_continues_the_header_as_it_is_written() {
        let (a, b) = ("a: {type: bigint, required: true}", "b: {type: varchar, required: true}");
        let sql = "select $a, $b";
        for (header, meant) in [
            ("-- owner: x\n", format!("add the line `-- params: {{{a}, {b}}}`")),
            ("--owner: x\n", format!("add the line `--params: {{{a}, {b}}}`")),
            ("-- owner: x\n-- params: {}\n", format!("write `-- params: {{{a}, {b}}}`")),
            (
                "-- owner: x\n-- params: {c: {type: date}}\n",
                format!("write `-- params: {{c: {{type: date}}, {a}, {b}}}`"),
            ),
            (
                "-- owner: x\n-- params:\n--     c: {type: date}\n",
                format!("add the line `--     {b}` below params"),
            ),
            (
                "-- owner: x\n\n-- params:\n\n--  c: {type: date}\n",
                format!("add the line `--  {b}` below params"),
            ),
            ("-- owner: x\n-- params:\n", format!("add the line `--   {b}` below params")),
        ] {
            assert_eq!(declared(&format!("{header}{sql}")), meant, "{header}");
        }
    }

    #[test]
    fn a_parameter_is_found_where_it_is_first_used_and_not_in_a_longer_name() {
        let source = Source::new("sql/c.sql", "-- owner: x\nselect $hours, $h, $1, $d");
        let found = undeclared(&source, |name| name == "d");
        let places: Vec<(&str, usize, usize)> =
            found.iter().map(|u| (u.name.as_str(), u.span.line, u.span.column)).collect();
        assert_eq!(places, [("h", 2, 16), ("hours", 2, 8)]);
    }
}
