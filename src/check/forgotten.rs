//! Declared columns that a delivery lacks although nothing requires them: they will be NULL, which
//! is said aloud, since a forgotten column looks the same.

use std::collections::BTreeMap;

use arrow::datatypes::{DataType, Field, FieldRef};

use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::diagnostic::{Span, nearest};
use crate::engine::parquet_file::ParquetFile;
use crate::engine::unparsed::UNPARSED;

use super::report::{Level, Notice};

/// A notice for each column that some file lacks, and for each field that its objects lack.
///
/// `names` are the files' names that hold a classified value, each with the name to show instead.
pub(super) fn notices(
    contract: &Contract,
    table: &Table,
    files: &[ParquetFile],
    names: &BTreeMap<String, String>,
) -> Vec<Notice> {
    let fields = files.iter().map(|file| {
        let own = file.schema().fields().iter();
        let own = own.filter(|field| !field.name().starts_with(UNPARSED));
        let name = &file.input.name;
        (names.get(name).unwrap_or(name).as_str(), own.cloned().collect())
    });
    let files: Vec<(&str, Vec<FieldRef>)> = fields.collect();
    // What is found in place of names may be values.
    let found = files.iter().flat_map(|(_, fields)| fields).map(|field| field.name().as_str());
    if files.is_empty() || table.may_be_values(found) {
        return Vec::new();
    }
    let mut lacking = Vec::new();
    let columns: Vec<&Column> = table.stored_columns().collect();
    missing(&columns, "", &files, files.len(), &mut lacking);
    let notice = |lack: Lack| Notice {
        code: "absent-column".to_owned(),
        severity: Level::Warning,
        message: lack.message,
        place: format!("{}:{}:{}", contract.source.name, lack.span.line, lack.span.column),
        hint: lack.meant.map(|name| format!("is '{name}' meant, which is in the file?")),
    };
    lacking.into_iter().map(notice).collect()
}

struct Lack {
    message: String,
    span: Span,
    meant: Option<String>,
}

/// What is not in the fields that a level of each file has, and what is not inside of those. `all` is
/// the number of files, some of which may not have the level.
fn missing(
    columns: &[&Column],
    within: &str,
    files: &[(&str, Vec<FieldRef>)],
    all: usize,
    out: &mut Vec<Lack>,
) {
    for column in columns {
        let name = format!("{within}{}", column.physical());
        let field = |fields: &[FieldRef]| {
            fields.iter().find(|field| field.name() == column.physical()).cloned()
        };
        let without: Vec<&str> =
            files.iter().filter(|(_, f)| field(f).is_none()).map(|(file, _)| *file).collect();
        if let Some(first) = without.first().filter(|_| !column.not_null()) {
            let message = match without.len() {
                1 if all == 1 => format!("column '{name}' is not in the file: it will be NULL"),
                n if n == all => {
                    format!("column '{name}' is in none of the {all} files: it will be NULL")
                }
                1 => format!("column '{name}' is not in {first}: its rows will have NULL"),
                n => format!(
                    "column '{name}' is not in {n} of the {all} files, such as {first}: their rows will \
                     have NULL"
                ),
            };
            let meant = undeclared_near(column, columns, files);
            out.push(Lack { message, span: column.name.span, meant });
        }
        let inner: Vec<(&str, Vec<FieldRef>)> = files
            .iter()
            .filter_map(|(file, fields)| Some((*file, inside(field(fields)?.as_ref())?)))
            .collect();
        let item = column.items.as_deref().unwrap_or(column);
        let fields: Vec<&Column> = item.properties.iter().collect();
        if !inner.is_empty() && !fields.is_empty() {
            missing(&fields, &format!("{name}."), &inner, all, out);
        }
    }
}

/// The fields of objects: of the column itself, or of the items of its lists.
fn inside(field: &Field) -> Option<Vec<FieldRef>> {
    match field.data_type() {
        DataType::Struct(fields) => Some(fields.iter().cloned().collect()),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            inside(item)
        }
        _ => None,
    }
}

/// An undeclared name of a file that is nearly the column's.
fn undeclared_near(
    column: &Column,
    columns: &[&Column],
    files: &[(&str, Vec<FieldRef>)],
) -> Option<String> {
    let names = files.iter().flat_map(|(_, fields)| fields).map(|field| field.name().as_str());
    let undeclared = names.filter(|name| columns.iter().all(|c| c.physical() != *name));
    nearest(column.physical(), undeclared).map(str::to_owned)
}
