//! The type that readers are served stays what the first release of a major made it, wherever the
//! declaration leaves a width open: a delivery that it does not hold fails by its type.

use arrow::datatypes::DataType;

use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::contract::types::{
    Wider, admits_wholly, common, meaning, served, sql_type, stored, type_to_declare,
};
use crate::engine::parquet_file::ParquetFile;

use super::plan::clause::{Clause, Settled, Test};
use super::released::Released;
use super::report::Verdict;

/// A type that readers know.
pub(super) struct Known {
    /// The release that serves it.
    pub release: u64,
    /// The type, as it is stored.
    pub data_type: DataType,
}

impl Released {
    /// The type that the current release serves a column with. None where the declaration no longer
    /// admits that type, or a draft declares another one.
    pub(super) fn known(
        &self,
        contract: &Contract,
        table: &Table,
        column: &Column,
    ) -> Option<Known> {
        let own = self.own.as_ref()?;
        let by_id = |t: &&Table| t.id.is_some() && t.id == table.id;
        let tables = &own.contract.tables;
        let old_table = tables
            .iter()
            .find(by_id)
            .or_else(|| tables.iter().find(|t| t.name.value == table.name.value))?;
        let by_id = |c: &&Column| c.id.is_some() && c.id == column.id;
        let old = old_table
            .stored_columns()
            .find(by_id)
            .or_else(|| old_table.stored_columns().find(|c| column.is_called(&c.name.value)))?;
        let schema = own.tables.get(&old_table.name.value)?.schema();
        let named = |f: &&std::sync::Arc<arrow::datatypes::Field>| {
            f.name().eq_ignore_ascii_case(&old.name.value)
        };
        let data_type = schema.fields().iter().find(named)?.data_type().clone();
        let holds = admits_wholly(column, &data_type).is_ok()
            && (!contract.is_draft() || meaning(old) == meaning(column));
        holds.then_some(Known { release: own.number, data_type })
    }

    /// The type that a column is stored as, and what it would have to be.
    ///
    /// # Errors
    /// When the delivered type is wider than the served one.
    pub(crate) fn served(
        &self,
        contract: &Contract,
        table: &Table,
        column: &Column,
        delivered: &DataType,
    ) -> Result<DataType, Wider> {
        let known = self.known(contract, table, column);
        served(Some(column), delivered, known.as_ref().map(|k| &k.data_type))
    }
}

/// Fails the type clause of each column whose files have a type that the served one does not hold.
/// A column that states no type gets a clause for it.
pub(super) fn hold(
    contract: &Contract,
    table: &Table,
    files: &[ParquetFile],
    released: &Released,
    clauses: &mut Vec<Clause>,
    is_whole: bool,
) {
    for column in table.stored_columns() {
        let Some(known) = released.known(contract, table, column) else { continue };
        let Some(settled) = wider(column, files, &known) else { continue };
        let is_type = |c: &&mut Clause| {
            c.column.as_deref() == Some(column.name.value.as_str())
                && matches!(c.kind.as_str(), "logicalType" | "physicalType")
        };
        match clauses.iter_mut().find(is_type) {
            Some(clause) if !has_failed(clause) => clause.test = Test::Settled(settled),
            Some(_) => {}
            None if is_whole => clauses.push(Clause::new(
                table,
                Some(column),
                "logicalType",
                column.name.span,
                format!("{}, as released", sql_type(&known.data_type)),
                Test::Settled(settled),
            )),
            None => {}
        }
    }
}

fn has_failed(clause: &Clause) -> bool {
    matches!(&clause.test, Test::Settled(settled) if settled.verdict == Verdict::Failed)
}

fn wider(column: &Column, files: &[ParquetFile], known: &Known) -> Option<Settled> {
    let mut failing_rows = 0;
    let mut reason = None;
    for file in files {
        let Some(own) = told(file, column.physical()) else { continue };
        let Ok(delivered) = stored(&own) else { continue };
        let Err(wider) = served(Some(column), &delivered, Some(&known.data_type)) else { continue };
        failing_rows += file.rows();
        reason.get_or_insert_with(|| describe(&file.input.name, known.release, &wider));
    }
    reason.map(|reason| Settled {
        verdict: Verdict::Failed,
        measured: None,
        failing_rows: Some(failing_rows),
        reason: Some(reason),
    })
}

/// The type that a file gives a column; none where it has no value that could tell one.
pub(crate) fn told(file: &ParquetFile, column: &str) -> Option<DataType> {
    let index = file.schema().index_of(column).ok().filter(|_| file.rows() > 0)?;
    let own = file.own_type(index).unwrap_or(file.schema().field(index).data_type());
    (*own != DataType::Null && !file.is_valueless(index)).then(|| own.clone())
}

fn describe(file: &str, release: u64, wider: &Wider) -> String {
    let (delivered, served) = (sql_type(&wider.delivered), sql_type(&wider.served));
    let declared = common(&wider.served, &wider.delivered).and_then(|both| stored(&both).ok());
    let declared = type_to_declare(&declared.unwrap_or_else(|| wider.delivered.clone()));
    let place = match wider.inside.as_str() {
        "" => String::new(),
        inside => format!(" in {inside}"),
    };
    format!(
        "{file} has {delivered}{place}, and readers are served {served} since release {release} or \
         before; declare physicalType: {declared}{place} and raise the version as pactum diff says, or \
         deliver {served}"
    )
}
