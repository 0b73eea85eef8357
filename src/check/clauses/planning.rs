//! What the clauses of a table are planned from.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use chrono::{DateTime, Utc};

use crate::check::expr::nested::step_into;
use crate::check::plan::clause::{Clause, Step};
use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::engine::digits::Digits;
use crate::engine::nulls::Nulls;
use crate::engine::parquet_file::ParquetFile;
use crate::engine::unparsed::UNPARSED;

/// What the clauses of one table are planned from.
pub(in crate::check) struct Planning<'a> {
    pub contract: &'a Contract,
    pub table: &'a Table,
    /// The schemas of the files that could be read, with the names and rows of those files.
    pub files: &'a [PlannedFile],
    /// Engines whose rules something else runs.
    pub external_engines: &'a [String],
    /// Other contracts that a relationship may point to.
    pub neighbours: &'a [Contract],
    /// The instant that ages are measured at.
    pub now: DateTime<Utc>,
    /// Where clauses are planned inside the values of a column.
    pub inside: Option<Inside<'a>>,
}

/// A place inside the values of a column.
pub(in crate::check) struct Inside<'a> {
    /// The column.
    pub root: &'a Column,
    /// The way into its values.
    pub path: Vec<Step>,
}

/// A readable file's part of a plan.
pub(in crate::check) struct PlannedFile {
    pub name: String,
    pub schema: SchemaRef,
    pub rows: u64,
    /// The file's own types of columns that are taken for others, since they say nothing of values.
    pub own_types: HashMap<String, DataType>,
    /// Which values of columns of floats are NULL, where that is known.
    pub nulls: HashMap<String, Nulls>,
    /// Columns that the file's path names.
    pub path: Vec<String>,
    /// The digits that its numbers were written with, by column, where they were texts.
    pub digits: Arc<HashMap<String, Digits>>,
}

impl Planning<'_> {
    /// Whether the names of a file's columns may be values that reports withhold.
    pub fn is_headless(&self) -> bool {
        self.files.iter().any(|file| {
            let names = file.schema.fields().iter().map(|field| field.name());
            // Columns of the path are in the schema where they are declared.
            let own = names.filter(|name| !file.path.contains(name));
            let own = own.map(|name| name.strip_prefix(UNPARSED).unwrap_or(name));
            self.table.may_be_values(own)
        })
    }

    /// Whether no file that could be read has the column.
    pub fn is_absent(&self, column: &Column) -> bool {
        !self.files.is_empty() && self.files.iter().all(|f| self.type_in(f, column).is_none())
    }

    /// The type that a file has for a column, or for what is planned inside one.
    pub fn type_in(&self, file: &PlannedFile, column: &Column) -> Option<DataType> {
        let (root, path) = self.way_to(column);
        let found = file.schema.field_with_name(root).ok()?.data_type().clone();
        step_down(found, path)
    }

    /// The file's own type there, which may say nothing of values.
    pub fn own_type_in(&self, file: &PlannedFile, column: &Column) -> Option<DataType> {
        let (root, path) = self.way_to(column);
        match file.own_types.get(root) {
            Some(own) => step_down(own.clone(), path),
            None => self.type_in(file, column),
        }
    }

    /// Whether a file has no value of a column: it was taken for another type for that.
    pub fn is_valueless_in(&self, file: &PlannedFile, column: &Column) -> bool {
        let (root, path) = self.way_to(column);
        path.is_empty() && file.own_types.get(root).is_some_and(|own| !own.is_nested())
    }

    /// Whether a file has the value that holds what is planned: the column itself, on a column.
    pub fn has_parent_in(&self, file: &PlannedFile, column: &Column) -> bool {
        let (root, path) = self.way_to(column);
        let found = file.schema.field_with_name(root).map(|field| field.data_type().clone());
        let Some((_, above)) = path.split_last() else { return true };
        found.is_ok_and(|found| step_down(found, above).is_some())
    }

    fn way_to<'c>(&'c self, column: &'c Column) -> (&'c str, &'c [Step]) {
        match &self.inside {
            None => (column.physical(), [].as_slice()),
            Some(inside) => (inside.root.physical(), inside.path.as_slice()),
        }
    }
}

fn step_down(found: DataType, path: &[Step]) -> Option<DataType> {
    path.iter().try_fold(found, |found, step| step_into(&found, step).ok()?)
}

/// Plans what a column states.
pub(super) type PlanColumn = fn(&Planning<'_>, &Column, &mut Vec<Clause>);

/// What a plan needs to know of files.
pub(in crate::check) fn planned(files: &[ParquetFile]) -> Vec<PlannedFile> {
    let one = |f: &ParquetFile| PlannedFile {
        name: f.input.name.clone(),
        schema: f.schema().clone(),
        rows: f.rows(),
        own_types: (0..f.own_columns())
            .filter_map(|n| Some((f.schema().field(n).name().clone(), f.own_type(n)?.clone())))
            .collect(),
        nulls: (0..f.own_columns())
            .filter(|n| f.metadata.schema().field(*n).data_type().is_floating())
            .filter_map(|n| Some((f.schema().field(n).name().clone(), f.nulls(n)?)))
            .collect(),
        path: f
            .input
            .partitions
            .iter()
            .filter(|_| f.input.found)
            .map(|(name, _)| name.clone())
            .collect(),
        digits: Arc::clone(&f.input.digits),
    };
    files.iter().map(one).collect()
}
