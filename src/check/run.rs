//! One run: footers, plan, scan, queries, report.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::FieldRef;

use crate::contract::Contract;
use crate::contract::lint::refuse_unusable_names;
use crate::engine::parquet_file::ParquetFile;
use crate::error::{Error, Result};

use super::checked::{Checked, CheckedTable};
use super::declared::has_undeclared;
use super::delivery::{Delivery, find_table};
use super::forgotten;
use super::only_null;
use super::options::{Options, is_secret};
use super::plan::clause::{Clause, Measure, Test};
use super::released::Released;
use super::report::{ClauseReport, Level, Overall, Report, Verdict};
use super::sql::releases::add_released;
use super::sql::session::Tables;
use super::verdict::secrecy::Secrets;
use super::verdict::table_report::{secret_names, table_report};
use super::verdict::waive;
use super::work::{TableWork, open, primary_order, scan};

/// Checks a delivery. `released` holds the other data that clauses look at.
///
/// # Errors
/// When the run could not be finished, or the contract states nothing to check. Failures of the
/// delivery are in the report and are not errors.
pub async fn check(
    contract: &Contract,
    delivery: &Delivery,
    released: &Released,
    options: &Options<'_>,
) -> Result<Checked> {
    refuse_unusable_names(contract)?;
    let contract = &*delivery.naming(contract);
    let outcome = judge(contract, delivery, released, options).await;
    // A file that changed meanwhile explains any result.
    delivery.verify_unchanged().and(outcome)
}

async fn judge(
    contract: &Contract,
    delivery: &Delivery,
    released: &Released,
    options: &Options<'_>,
) -> Result<Checked> {
    let mut work = Vec::new();
    for delivered in &delivery.tables {
        let table = find_table(contract, &delivered.table)?;
        work.push(open(contract, table, &delivered.files, released, options));
    }
    if !options.allow_empty {
        refuse_empty(contract, &work)?;
    }
    let mut tables = Tables::new(contract, &options.limits)?
        .answering_within(options.rule_time)
        .beside(contract, released.neighbours(options.neighbours));
    let rows = work.iter().flat_map(|w| &w.files).map(ParquetFile::rows).sum();
    options.progress.begin("checking", rows);
    for one in &mut work {
        let is_secret = is_secret(one.table, options);
        scan(one, &tables, options)
            .map_err(|error| if is_secret { error.without_values() } else { error })?;
        let order = primary_order(one);
        match one.unreadable.first() {
            Some((file, _)) => tables.refuse(one.table, format!("{file} cannot be read")),
            None => tables.add_delivered(one.table, &one.files, order.as_deref())?,
        }
    }
    options.progress.end();
    add_released(contract, &mut tables, released)?;
    let delivered = work.iter().map(|one| one.table.name.value.as_str()).collect();
    let public = options.public_classifications;
    let secrets = Secrets::of(contract, &delivered, released, options.neighbours, public);
    let names: BTreeMap<String, String> =
        work.iter().flat_map(|one| secret_names(one, public)).collect();
    let mut reports = Vec::new();
    for one in &work {
        reports.push(
            table_report(contract, one, &tables, released, (&secrets, &names), options).await?,
        );
    }
    let mut notices = released.notices();
    // A part of the clauses is run over data that was delivered before.
    for one in work.iter().filter(|_| options.only.is_none()) {
        notices.extend(forgotten::notices(contract, one.table, &one.files, &names));
    }
    // Of what cannot be read nobody knows whether it has values.
    let readable = |(one, _): &(&TableWork<'_>, _)| one.unreadable.is_empty();
    for (one, report) in work.iter().zip(&reports).filter(readable) {
        if options.only.is_none() {
            notices.extend(only_null::notices(contract, one.table, &one.files, report));
        }
    }
    if let Some(waivers) = options.waivers {
        notices.extend(waive::apply(contract, &mut reports, waivers, options.today));
    }
    let failed = reports.iter().flat_map(|t| &t.clauses).any(ClauseReport::fails_run)
        || notices.iter().any(|notice| notice.severity == Level::Error);
    Ok(Checked {
        looked_back: work.iter().flat_map(|w| &w.clauses).any(looks_back),
        report: Report {
            contract: contract.id.clone(),
            sql_name: contract.sql_name.value.clone(),
            contract_version: contract.version_text.clone(),
            verdict: if failed { Overall::Failed } else { Overall::Passed },
            outcome: None,
            release: None,
            attempt: None,
            tables: reports,
            depends_on: released.depends_on(),
            notices,
        },
        tables: work.into_iter().map(|work| checked_table(work, options)).collect(),
    })
}

fn looks_back(clause: &Clause) -> bool {
    clause.scope.previous || matches!(clause.test, Test::Measure(Measure::Drift(_)))
}

/// Clauses that every delivery has are not statements of the contract.
fn refuse_empty(contract: &Contract, work: &[TableWork<'_>]) -> Result<()> {
    // A declared type is a statement, also where no value shows whether it is kept.
    let typed = |c: &Clause| {
        matches!(c.kind.as_str(), "logicalType" | "physicalType") && c.expected != "any type"
    };
    let informs = |c: &Clause| match &c.test {
        Test::Settled(settled) => settled.verdict == Verdict::Informational && !typed(c),
        _ => false,
    };
    let own = |c: &&Clause| c.kind != "additionalColumns" && !informs(c);
    if work.iter().flat_map(|w| &w.clauses).filter(own).count() > 0 {
        return Ok(());
    }
    Err(Error::mend("nothing-to-check", "the contract states nothing about the delivered tables")
        .at(contract.source.name.clone())
        .hint("declare types, keys or rules; pactum infer FILE drafts them; --allow-empty passes"))
}

fn checked_table(work: TableWork<'_>, options: &Options<'_>) -> CheckedTable {
    let hidden = hidden(&work, options);
    let order = primary_order(&work);
    let sorted = order.is_some();
    let files = match order {
        Some(order) => order.iter().map(|n| work.files[*n].clone()).collect(),
        None => work.files,
    };
    CheckedTable { name: work.table.name.value.clone(), files, sorted, hidden }
}

/// Columns, by their names in files, whose values stay out of reports: classified ones, and
/// undeclared ones.
fn hidden(work: &TableWork<'_>, options: &Options<'_>) -> Vec<String> {
    if options.show_classified {
        return Vec::new();
    }
    let public = options.public_classifications;
    let declared = |name: &str| work.table.stored_columns().find(|c| c.physical() == name);
    let fields = work.files.iter().flat_map(|f| f.schema().fields());
    let hides = |field: &&FieldRef| {
        let column = declared(field.name());
        let is_secret = column.is_none_or(|c| c.classified(public));
        is_secret || has_undeclared(column, field.data_type())
    };
    let names: BTreeSet<&String> = fields.filter(hides).map(|field| field.name()).collect();
    names.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use super::*;
    use crate::check::clauses::{Planning, plan};
    use crate::contract::parse;
    use crate::diagnostic::Source;

    #[test]
    fn changes_and_drift_look_back_and_other_clauses_do_not() {
        let text = "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\nschema:\n\
            - name: t\n  properties: [{ name: id, logicalType: integer, primaryKey: true }]\n\
            \x20 quality:\n\
            \x20 - { id: rows, metric: rowCount, mustBe: 1 }\n\
            \x20 - { id: change, metric: rowCount, mustBe: 0, customProperties: [{ property: compareTo, value: previous }] }\n\
            \x20 - { id: kept, type: custom, engine: pactum, implementation: { metric: keysKept, mustBe: 100 } }\n";
        let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
        let clauses = plan(&Planning {
            contract: &contract,
            table: &contract.tables[0],
            files: &[],
            external_engines: &[],
            neighbours: &[],
            now: DateTime::UNIX_EPOCH,
            inside: None,
        });
        let back = |id: &str| looks_back(clauses.iter().find(|c| c.id == id).unwrap());
        assert!(back("t/change") && back("t/kept"));
        assert!(!back("t/rows") && !back("t/primaryKey"));
    }
}
