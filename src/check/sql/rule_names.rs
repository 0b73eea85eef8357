//! Names that SQL rules may use besides those of SQL: physical names of tables and columns, names
//! that servers give tables, and tables of the project's other contracts.
//!
//! A query that uses one gets a session of its own, in which exactly its tables can be read by the
//! names that it has for them. A name of SQL wins over a physical one, and the contract's own table
//! over another contract's.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::prelude::ident;

use crate::check::plan::clause::Other;
use crate::contract::Contract;
use crate::contract::model::Table;
use crate::contract::servers::table_names;
use crate::engine::{Session, sql};
use crate::error::{Error, Result};

/// Schema and name of a table in the session, in lower case.
type Place = (String, String);

/// A physical name of a column and its name in SQL, in lower case.
type Renamed = (String, String);

/// What rules may call the tables of a session.
#[derive(Default)]
pub(in crate::check) struct RuleNames {
    /// The schema of the contract's own tables.
    own: String,
    /// The tables that can be read.
    tables: HashMap<Place, Arc<dyn TableProvider>>,
    /// Columns that files call otherwise.
    columns: HashMap<Place, Vec<Renamed>>,
    /// Further names of the contract's own tables.
    own_names: Vec<(Vec<String>, Place)>,
    /// Names of other contracts' tables.
    other_names: Vec<(Vec<String>, Place)>,
    /// The other contracts, by their schema.
    others: BTreeMap<String, Other>,
}

/// A table as a query names it.
struct Read<'a> {
    parts: Vec<String>,
    place: Place,
    provider: &'a Arc<dyn TableProvider>,
    /// The physical names that the query uses.
    renamed: Vec<&'a Renamed>,
}

impl RuleNames {
    /// Those of a contract's own tables.
    pub fn of(contract: &Contract) -> Self {
        let own = contract.sql_name.value.to_ascii_lowercase();
        let mut names = Self { own: own.clone(), ..Self::default() };
        for table in &contract.tables {
            let place = (own.clone(), table.name.value.to_ascii_lowercase());
            let further = table_names(contract, table).into_iter();
            names.own_names.extend(further.map(|parts| (parts, place.clone())));
            names.columns.insert(place, renamed(table));
        }
        names
    }

    /// Adds the names of other contracts' tables. The bare name of a contract with several majors
    /// means the first of them.
    pub fn add_others<'a>(&mut self, own: &Contract, others: impl Iterator<Item = &'a Contract>) {
        let mut bare = HashSet::from([own.id.as_str()]);
        for contract in others.filter(|other| Other::of(other) != Other::of(own)) {
            let is_default = bare.insert(contract.id.as_str());
            self.add_other(contract, is_default);
        }
    }

    fn add_other(&mut self, contract: &Contract, is_default: bool) {
        let other = Other::of(contract);
        let schema = other.schema();
        self.others.insert(schema.clone(), other);
        let [bare, with_major] = contract.schema_names().map(|name| name.to_ascii_lowercase());
        let schemas: Vec<String> =
            is_default.then_some(bare).into_iter().chain([with_major]).collect();
        for table in &contract.tables {
            let name = table.name.value.to_ascii_lowercase();
            let place = (schema.clone(), name.clone());
            let mut names = Vec::new();
            if is_default {
                names = table_names(contract, table);
                names.push(vec![name.clone()]);
            }
            for schema in &schemas {
                names.push(vec![schema.clone(), name.clone()]);
                names.push(vec![schema.clone(), table.physical().to_ascii_lowercase()]);
            }
            names.sort();
            names.dedup();
            self.other_names.extend(names.into_iter().map(|parts| (parts, place.clone())));
            self.columns.insert(place, renamed(table));
        }
    }

    /// A table that can be read now.
    pub fn add(&mut self, schema: &str, name: &str, provider: &Arc<dyn TableProvider>) {
        self.tables.insert((schema.to_owned(), name.to_owned()), Arc::clone(provider));
    }

    /// The columns of a table that is registered under a physical name too.
    pub fn add_columns(&mut self, schema: &str, name: &str, table: &Table) {
        self.columns.insert((schema.to_owned(), name.to_owned()), renamed(table));
    }

    /// Every word of these names that a query may quote, in lower case.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        self.columns.values().flatten().map(|(physical, _)| physical)
    }

    /// The other contracts that a query reads.
    pub fn others_in(&self, query: &str) -> Vec<&Other> {
        let tables = sql::tables(query).unwrap_or_default();
        let places = tables.iter().filter_map(|parts| self.place(parts).ok().flatten());
        places.filter_map(|(schema, _)| self.others.get(&schema)).collect()
    }

    /// The contract's own tables that a query reads, by their names in lower case.
    pub fn own_in(&self, query: &str) -> Vec<String> {
        let tables = sql::tables(query).unwrap_or_default();
        let places = tables.iter().filter_map(|parts| self.place(parts).ok().flatten());
        places.filter(|(schema, _)| *schema == self.own).map(|(_, name)| name).collect()
    }

    /// The session in which a query can be planned.
    ///
    /// # Errors
    /// When a name means several tables, or a table of a contract that is not released.
    pub fn session(&self, base: &Session, query: &str) -> Result<Session> {
        let Ok(tables) = sql::tables(query) else { return Ok(base.clone()) };
        let words = sql::words(query)?;
        let mut reads = Vec::new();
        for parts in tables {
            let Some(place) = self.place(&parts)? else { continue };
            let Some(provider) = self.tables.get(&place) else {
                return Err(self.unreadable(&place));
            };
            let columns = self.columns.get(&place).map(Vec::as_slice).unwrap_or_default();
            let renamed = columns.iter().filter(|(physical, _)| words.contains(physical)).collect();
            reads.push(Read { parts, place, provider, renamed });
        }
        if reads.iter().all(|read| self.is_plain(read)) {
            return Ok(base.clone());
        }
        let session = base.apart()?;
        let mut given = HashSet::new();
        for read in &reads {
            let at = self.whole(&read.parts);
            if given.insert(at.clone()) {
                self.give(&session, at, read)?;
            }
        }
        Ok(session)
    }

    fn give(&self, session: &Session, at: [String; 3], read: &Read<'_>) -> Result<()> {
        let [catalog, schema, name] = at;
        let table = if self.is_plain(read) { Arc::clone(read.provider) } else { view(read)? };
        match catalog.as_str() {
            "" => session.register(&schema, &name, table),
            _ => session.register_apart((&catalog, &schema, &name), table),
        }
    }

    /// Whether a query reads a table by its names in SQL only.
    fn is_plain(&self, read: &Read<'_>) -> bool {
        let [catalog, schema, name] = self.whole(&read.parts);
        read.renamed.is_empty() && catalog.is_empty() && (schema, name) == read.place
    }

    /// Catalog, schema and name; an empty catalog is the session's own.
    fn whole(&self, parts: &[String]) -> [String; 3] {
        match parts {
            [catalog, schema, name] => [catalog.clone(), schema.clone(), name.clone()],
            [schema, name] => [String::new(), schema.clone(), name.clone()],
            _ => [String::new(), self.own.clone(), parts.concat()],
        }
    }

    /// The table that a name means, whether it can be read or not.
    fn place(&self, parts: &[String]) -> Result<Option<Place>> {
        let lower: Vec<String> = parts.iter().map(|part| part.to_ascii_lowercase()).collect();
        let [catalog, schema, name] = self.whole(&lower);
        let plain = (schema, name);
        let is_plain = self.tables.contains_key(&plain) || self.columns.contains_key(&plain);
        if catalog.is_empty() && is_plain {
            return Ok(Some(plain));
        }
        for names in [&self.own_names, &self.other_names] {
            let mut means: Vec<&Place> =
                names.iter().filter(|(known, _)| *known == lower).map(|(_, place)| place).collect();
            means.sort();
            means.dedup();
            match means.as_slice() {
                [] => {}
                [one] => return Ok(Some((*one).clone())),
                [one, other, ..] => return Err(self.ambiguous(parts, one, other)),
            }
        }
        Ok(None)
    }

    fn ambiguous(&self, parts: &[String], one: &Place, other: &Place) -> Error {
        let whose = |place: &Place| match self.others.get(&place.0) {
            Some(other) => format!("'{}' of contract '{}'", place.1, other.id),
            None => format!("'{}'", place.1),
        };
        let message =
            format!("'{}' means two tables: {} and {}", parts.join("."), whose(one), whose(other));
        Error::usage("ambiguous-table", message).hint("write it as contract.table")
    }

    /// A table can be read once it is delivered or released.
    fn unreadable(&self, (schema, name): &Place) -> Error {
        let Some(other) = self.others.get(schema) else {
            let message = format!("table '{name}' is neither delivered nor in the current release");
            return Error::mend("not-released", message);
        };
        let (id, major) = (&other.id, other.major);
        let message = format!("contract '{id}' has no release of major {major} with '{name}'");
        Error::mend("not-released", message).hint("publish that contract first")
    }
}

/// Columns whose physical name is not a name in SQL already.
pub(in crate::check) fn renamed(table: &Table) -> Vec<Renamed> {
    let named = table.stored_columns().map(|column| {
        (column.physical().to_ascii_lowercase(), column.name.value.to_ascii_lowercase())
    });
    let is_name = |word: &str| {
        table.columns.iter().any(|column| column.name.value.eq_ignore_ascii_case(word))
    };
    named.filter(|(physical, _)| !is_name(physical)).collect()
}

/// A table with the physical names of some of its columns beside their names in SQL.
fn view(read: &Read<'_>) -> Result<Arc<dyn TableProvider>> {
    let (schema, name) = &read.place;
    let place = TableReference::partial(schema.clone(), name.clone());
    let columns = read.provider.schema();
    let source = provider_as_source(Arc::clone(read.provider));
    let scan = LogicalPlanBuilder::scan(place, source, None)?;
    let own = columns.fields().iter().map(|field| ident(field.name()));
    let renamed = read.renamed.iter().filter(|(_, name)| columns.index_of(name).is_ok());
    let further = renamed.map(|(physical, name)| ident(name).alias(physical));
    let plan = scan.project(own.chain(further).collect::<Vec<_>>())?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;
    use crate::engine::Limits;
    use crate::query::planned_table;

    fn contract(id: &str, more: &str, tables: &str) -> Contract {
        let text = format!(
            "apiVersion: v3.2.0\nkind: DataContract\nid: {id}\nname: {id}\nversion: 1.0.0\n\
             status: active\n{more}\nschema: [{tables}]\n"
        );
        parse(&Arc::new(Source::new(id, text))).contract.unwrap()
    }

    const ORDERS: &str = "{name: orders, physicalName: dbo.tbl_orders, properties: [\
        {name: id, logicalType: integer, physicalName: ord_id},\
        {name: phone_no, logicalType: string, physicalName: Phone No.},\
        {name: a, logicalType: integer, physicalName: b},\
        {name: b, logicalType: integer, physicalName: a}]}";

    /// Names over a contract `shop` and a released neighbour `crm`, with a session.
    fn names() -> (RuleNames, Session) {
        let servers = "servers: [{server: p, type: snowflake, database: DB, schema: Public}]";
        let shop = contract("shop", servers, ORDERS);
        let crm = contract(
            "crm",
            "",
            "{name: customers, physicalName: dim_customer, properties: [{name: id, logicalType: integer}]}",
        );
        let absent =
            contract("hr", "", "{name: staff, properties: [{name: id, logicalType: integer}]}");
        let mut names = RuleNames::of(&shop);
        names.add_others(&shop, [&crm, &absent].into_iter());
        let session = Session::new(&Limits::default(), "shop").unwrap();
        let orders: Arc<dyn TableProvider> = planned_table(&shop.tables[0]).unwrap();
        session.register("shop", "orders", Arc::clone(&orders)).unwrap();
        names.add("shop", "orders", &orders);
        let customers: Arc<dyn TableProvider> = planned_table(&crm.tables[0]).unwrap();
        names.add(&Other::of(&crm).schema(), "customers", &customers);
        (names, session)
    }

    async fn plans(query: &str) -> std::result::Result<(), String> {
        let (names, session) = names();
        let session = names.session(&session, query).map_err(|e| e.message().to_owned())?;
        let planned = sql::plan_query(session.context(), query).await;
        planned.map(|_| ()).map_err(|e| e.message().to_owned())
    }

    #[tokio::test]
    async fn a_rule_reads_by_physical_names_and_by_those_of_the_server() {
        for query in [
            "select count(*) from orders where id > 0",
            "select count(*) from tbl_orders where ord_id > 0",
            "select count(*) from dbo.tbl_orders o where o.ord_id > o.id",
            "select count(*) from DBO.TBL_ORDERS where \"phone no.\" is null",
            "select count(*) from public.orders where public.orders.ord_id > 0",
            "select count(*) from db.public.orders",
            "select count(*) from shop.orders where ord_id is null",
            "with u as (select ord_id from orders) select count(*) from u join orders o on u.ord_id = o.id",
        ] {
            assert_eq!(plans(query).await, Ok(()), "{query}");
        }
        for query in [
            "select count(*) from other.orders",
            "select count(*) from orders where orderid > 0",
            "select count(*) from db.orders.orders",
        ] {
            assert!(plans(query).await.is_err(), "{query}");
        }
    }

    #[tokio::test]
    async fn a_name_of_sql_wins_over_a_physical_one() {
        let (names, session) = names();
        let query = "select a from orders where ord_id = 1";
        let session = names.session(&session, query).unwrap();
        let plan = sql::plan_query(session.context(), query).await.unwrap();
        let shown = plan.logical_plan().display_indent().to_string();
        assert!(!shown.contains("orders.b AS a"), "{shown}");
    }

    #[tokio::test]
    async fn a_rule_reads_the_tables_of_other_contracts() {
        for query in [
            "select count(*) from orders o where not exists (select 1 from crm.customers c where c.id = o.id)",
            "select count(*) from crm_v1.customers",
            "select count(*) from crm.dim_customer",
            "select count(*) from customers join orders using (id)",
            "select count(*) from dim_customer",
        ] {
            assert_eq!(plans(query).await, Ok(()), "{query}");
        }
        let (names, _) = names();
        let others = names.others_in("select count(*) from crm.customers join orders using (id)");
        assert_eq!(others.iter().map(|o| o.id.as_str()).collect::<Vec<_>>(), ["crm"]);
        assert_eq!(names.others_in("select customers from orders").len(), 0);
        assert_eq!(
            plans("select count(*) from hr.staff").await.unwrap_err(),
            "contract 'hr' has no release of major 1 with 'staff'"
        );
    }

    #[tokio::test]
    async fn a_name_of_two_tables_is_refused_with_both() {
        let shop =
            contract("shop", "", "{name: a, physicalName: x.t}, {name: b, physicalName: y.t}");
        let names = RuleNames::of(&shop);
        let session = Session::new(&Limits::default(), "shop").unwrap();
        let error = names.session(&session, "select 1 from t").unwrap_err();
        assert_eq!(error.message(), "'t' means two tables: 'a' and 'b'");
    }
}
