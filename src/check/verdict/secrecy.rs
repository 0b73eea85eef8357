//! Secrecy: which findings of a clause would reveal a classified value.
//!
//! Anything computed from a classified column is classified: a measured maximum, mean or quantile
//! is withheld, unless the rule has custom property `public: true`. A count of rows is not. The
//! plan of an SQL rule says what it reads; where it cannot, everything counts as read.

use std::collections::{BTreeSet, HashMap};

use crate::check::plan::clause::{Clause, Drift, ForeignKey, Measure, Other, Test};
use crate::check::released::Released;
use crate::check::report::Secrecy;
use crate::check::sql::rules::Planned;
use crate::check::sql::session::PREVIOUS;
use crate::check::sql::session::Tables;
use crate::contract::Contract;
use crate::contract::model::{Column, Table};
use crate::engine::sql;
use crate::query::lineage_in;

use super::counted::is_count;

/// The columns that a check can read, and which of them are classified.
pub(in crate::check) struct Secrets<'a> {
    public: &'a [String],
    /// By schema and table of the session, in lower case: each column, and whether it is classified.
    columns: HashMap<(String, String), HashMap<String, bool>>,
    /// The schema of the contract's own tables.
    own: String,
}

impl<'a> Secrets<'a> {
    /// Those of a contract whose tables of these names are delivered, and of the releases that it
    /// looks at.
    pub fn of(
        contract: &Contract,
        delivered: &BTreeSet<&str>,
        released: &Released,
        neighbours: &[Contract],
        public: &'a [String],
    ) -> Self {
        let own = contract.sql_name.value.to_ascii_lowercase();
        let mut secrets = Self { public, columns: HashMap::new(), own: own.clone() };
        for table in &contract.tables {
            secrets.add(&own, table);
        }
        if let Some(before) = &released.own {
            for table in &before.contract.tables {
                secrets.add(PREVIOUS, table);
                // A table that is not delivered is read as released.
                if !delivered.contains(table.name.value.as_str()) {
                    secrets.add(&own, table);
                }
            }
            contract.tables.iter().for_each(|table| secrets.add(PREVIOUS, table));
        }
        let others = released.others.iter().map(|(other, found)| (other.clone(), &found.contract));
        let documents = neighbours.iter().map(|document| (Other::of(document), document));
        for (other, contract) in others.chain(documents) {
            let schema = other.schema();
            contract.tables.iter().for_each(|table| secrets.add(&schema, table));
        }
        secrets
    }

    /// Adds a table under both of its names. A column is classified if any document says so.
    fn add(&mut self, schema: &str, table: &Table) {
        for name in [table.name.value.to_ascii_lowercase(), table.physical().to_ascii_lowercase()] {
            let known = self.columns.entry((schema.to_owned(), name)).or_default();
            for column in &table.columns {
                let is_secret = column.classified(self.public);
                *known.entry(column.name.value.to_ascii_lowercase()).or_default() |= is_secret;
            }
        }
    }

    /// Whether a column that a plan reads is classified; an unknown one may be.
    fn is_read(&self, schema: &str, table: &str, column: &str) -> bool {
        let any = |columns: &HashMap<String, bool>| columns.values().any(|is_secret| *is_secret);
        match self.columns.get(&(schema.to_ascii_lowercase(), table.to_ascii_lowercase())) {
            None => self.columns.values().any(any),
            Some(columns) => {
                columns.get(&column.to_ascii_lowercase()).copied().unwrap_or_else(|| any(columns))
            }
        }
    }

    /// Whether a table has a classified column.
    pub fn any_in(&self, table: &Table) -> bool {
        table.columns.iter().any(|column| column.classified(self.public))
    }

    /// Which of a clause's findings reports withhold.
    pub async fn of_clause(&self, table: &Table, clause: &Clause, tables: &Tables) -> Secrecy {
        let found = match &clause.test {
            Test::Sql(query) => self.of_query(query, tables).await,
            Test::Measure(measure) => self.of_measure(table, clause, measure),
            _ if self.tests(table, clause) => Secrecy::Values,
            _ => Secrecy::Open,
        };
        // Whatever the query reads, a rule on a column is about that column.
        let found = found.max(match self.looks_at(table, clause) {
            true => Secrecy::Values,
            false => Secrecy::Open,
        });
        if clause.is_public { found.min(Secrecy::Values) } else { found }
    }

    async fn of_query(&self, query: &str, tables: &Tables) -> Secrecy {
        match tables.planned(query).await {
            Ok(planned) => self.of_plan(&planned),
            // An error of planning quotes only the query and names, and there is no answer.
            Err(_) => Secrecy::Open,
        }
    }

    fn of_plan(&self, planned: &Planned) -> Secrecy {
        let found = lineage_in(&planned.analyzed, &self.own);
        let is_secret = found.reads.iter().any(|c| self.is_read(&c.schema, &c.table, &c.column));
        // EXISTS is analyzed into a count, and is not one: it answers about a value.
        match (is_secret, is_count(&planned.asked)) {
            (false, _) => Secrecy::Open,
            (true, true) => Secrecy::Values,
            (true, false) => Secrecy::Measure,
        }
    }

    fn of_measure(&self, table: &Table, clause: &Clause, measure: &Measure) -> Secrecy {
        let secret = |name: &str| self.is_named(table, name);
        let column = clause.column.as_deref();
        let computed = match measure {
            Measure::Latency { columns, .. } | Measure::Frequency { columns, .. } => {
                columns.iter().any(|name| secret(name))
            }
            Measure::Drift(Drift::Mean(name) | Drift::Quantile(name, _)) => secret(name),
            Measure::Drift(Drift::StabilityIndex(name)) => secret(name),
            // Shares of rows.
            Measure::Drift(Drift::KeysKept | Drift::RowsChanged) => {
                return match self.any_in(table) {
                    true => Secrecy::Values,
                    false => Secrecy::Open,
                };
            }
        };
        match computed || column.is_some_and(secret) {
            true => Secrecy::Measure,
            false => Secrecy::Open,
        }
    }

    /// Whether a clause's column, groups or filter are classified.
    fn looks_at(&self, table: &Table, clause: &Clause) -> bool {
        let words = clause.scope.filter.as_ref().map(|f| sql::words(f).unwrap_or_default());
        let in_filter = words.unwrap_or_default();
        // A filter's words are columns and functions: a word that names no column is a function.
        let mut filtered = in_filter.iter().filter(|word| table.column(word).is_some());
        clause.column.as_deref().is_some_and(|name| self.is_named(table, name))
            || clause.scope.group_by.iter().any(|name| self.is_named(table, name))
            || filtered.any(|word| self.is_named(table, word))
    }

    /// Whether what a clause tests is classified.
    fn tests(&self, table: &Table, clause: &Clause) -> bool {
        let stored = |physical: &String| {
            let found = table.columns.iter().find(|c| c.physical() == physical);
            found.map_or_else(|| self.any_in(table), |c| self.is_secret(table, c))
        };
        match &clause.test {
            Test::Rows(test) => stored(&test.column),
            Test::Unique(columns) => columns.iter().any(stored),
            Test::UniqueWithin(place) => self.is_named(table, &place.column),
            Test::ForeignKey(key) => key.from_physical.iter().any(stored) || self.parent(key),
            _ => false,
        }
    }

    /// Whether the values that a foreign key refers to are classified: if so, the values that refer
    /// to them are classified too.
    pub fn parent(&self, key: &ForeignKey) -> bool {
        let schema = key.contract.as_ref().map_or_else(|| self.own.clone(), Other::schema);
        key.to.iter().any(|(column, _)| self.is_read(&schema, &key.table, column))
    }

    /// Whether a column of a delivered table is classified, by a name that may lead on into it.
    fn is_named(&self, table: &Table, name: &str) -> bool {
        let root = name.split('.').next().unwrap_or(name);
        let found = table.column(name).or_else(|| table.column(root));
        found.map_or_else(|| self.any_in(table), |column| self.is_secret(table, column))
    }

    fn is_secret(&self, table: &Table, column: &Column) -> bool {
        let before = (PREVIOUS.to_owned(), table.name.value.to_ascii_lowercase());
        let released = self.columns.get(&before);
        let name = column.name.value.to_ascii_lowercase();
        column.classified(self.public)
            || released.and_then(|columns| columns.get(&name)).is_some_and(|secret| *secret)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::check::clauses::{Planning, plan};
    use crate::contract::parse;
    use crate::diagnostic::Source;
    use crate::engine::Limits;
    use crate::query::planned_table;

    const TABLES: &str = "schema:\n\
        - name: t\n  properties:\n\
        \x20 - { name: id, logicalType: integer, primaryKey: true }\n\
        \x20 - { name: n, logicalType: integer, classification: secret, logicalTypeOptions: { minimum: 0 } }\n\
        \x20 - { name: box, logicalType: object, properties: [{ name: inner, logicalType: integer, classification: secret }] }\n\
        - name: open\n  properties: [{ name: id, logicalType: integer }]\n";

    /// Which findings of clause `q` reports withhold, where the first table has this rule.
    async fn secrecy(rule: &str) -> Secrecy {
        let text = format!(
            "version: 1.0.0\napiVersion: v3.2.0\nkind: DataContract\nid: t\nstatus: active\n{}",
            TABLES.replacen(
                "- name: open",
                &format!("  quality: [{{ id: q, {rule} }}]\n- name: open"),
                1
            )
        );
        let contract = parse(&Arc::new(Source::new("t", text))).contract.unwrap();
        let mut tables = Tables::new(&contract, &Limits::default()).unwrap();
        for table in &contract.tables {
            tables.add_released(table, planned_table(table).unwrap()).unwrap();
        }
        let clauses = plan(&Planning {
            contract: &contract,
            table: &contract.tables[0],
            files: &[],
            external_engines: &[],
            neighbours: &[],
            now: chrono::DateTime::UNIX_EPOCH,
            inside: None,
        });
        let released = Released::default();
        let secrets = Secrets::of(&contract, &BTreeSet::from(["t", "open"]), &released, &[], &[]);
        let clause = clauses.iter().find(|c| c.id == "t/q").unwrap();
        secrets.of_clause(&contract.tables[0], clause, &tables).await
    }

    async fn of_query(query: &str) -> Secrecy {
        secrecy(&format!("type: sql, query: \"{query}\", mustBe: 0")).await
    }

    #[tokio::test]
    async fn the_plan_tells_what_a_rule_reads() {
        for query in [
            "select max(n) from t",
            "select max(N) from T as x",
            "select max(box['inner']) from t",
            "select max(id) from t where n > 1",
            "select max(id) from (select * from t order by n limit 1) s",
            "select max(o.id) from open o where exists (select 1 from t where t.id = o.id and t.n > 1)",
            "with recursive r as (select n from t union all select n + 1 from r where n < 3) select max(n) from r",
        ] {
            assert_eq!(of_query(query).await, Secrecy::Measure, "{query}");
        }
        assert_eq!(of_query("select count(*) from t where n > 1").await, Secrecy::Values);
        for query in ["select max(id) from t", "select max(id) from open", "select nothing from t"]
        {
            assert_eq!(of_query(query).await, Secrecy::Open, "{query}");
        }
    }

    #[tokio::test]
    async fn a_rule_may_be_public_and_its_rows_are_not() {
        let public = "customProperties: [{ property: public, value: true }]";
        let rule = format!("type: sql, query: 'select max(n) from t', mustBe: 0, {public}");
        assert_eq!(secrecy(&rule).await, Secrecy::Values);
        let scoped = "metric: rowCount, mustBe: 1, customProperties: [{ property: where, value: ";
        assert_eq!(secrecy(&format!("{scoped} 'n > 1' }}]")).await, Secrecy::Values);
        assert_eq!(secrecy(&format!("{scoped} 'id > 1' }}]")).await, Secrecy::Open);
        let grouped =
            "metric: rowCount, mustBe: 1, customProperties: [{ property: groupBy, value: [n] }]";
        assert_eq!(secrecy(grouped).await, Secrecy::Values);
    }

    #[tokio::test]
    async fn a_key_is_as_secret_as_its_columns() {
        let key = async |columns: &str| {
            let arguments = format!("arguments: {{ properties: [{columns}] }}");
            secrecy(&format!("metric: duplicateValues, mustBe: 0, {arguments}")).await
        };
        assert_eq!(key("id").await, Secrecy::Open);
        assert_eq!(key("n").await, Secrecy::Values);
        assert_eq!(key("id, n").await, Secrecy::Values);
    }
}
