//! Names that mean nothing: what was probably meant.

use crate::error::{Error, Subject};

use super::snapshot::CatalogSnapshot;

impl CatalogSnapshot {
    /// An error about a table that is not there, with the nearest existing one.
    pub(super) fn explain(&self, error: Error) -> Error {
        match error.subject() {
            Some(Subject::Word(name)) if error.code() == "unknown-table" => {
                self.missing_table(name).in_place_of(error)
            }
            _ => error,
        }
    }

    /// The error about a table that is not there.
    pub(super) fn missing_table(&self, name: &str) -> Error {
        if name.starts_with("pg_") {
            let message = format!("'{name}' is not supported: there is no pg_catalog");
            return Error::usage("unknown-table", message)
                .hint("information_schema.tables and pactum.tables list what is there");
        }
        let schema = name.split('.').next().unwrap_or_default();
        let claim = self.catalog.claimed.iter().find(|c| c.name.eq_ignore_ascii_case(schema));
        if let Some(claim) = claim.filter(|_| name.contains('.')) {
            let message = format!(
                "'{schema}' is the SQL name of contract '{}', which has released nothing",
                claim.id
            );
            return Error::usage("unknown-table", message)
                .at(claim.file.display().to_string())
                .hint("publish the contract; the file holds its claim of the name");
        }
        let tables: Vec<String> = self
            .catalog
            .served
            .iter()
            .flat_map(|s| {
                let schema = s.contract.sql_name.value.as_str();
                s.contract.tables.iter().map(move |t| format!("{schema}.{}", t.name.value))
            })
            .collect();
        let same_end = tables.iter().find(|t| t.rsplit('.').next() == Some(name));
        let near = crate::diagnostic::nearest(name, tables.iter().map(String::as_str));
        let error = Error::usage("unknown-table", format!("there is no table '{name}'"));
        if let Some(near) = near.or(same_end.map(String::as_str)) {
            return error.hint(format!("did you mean {near}?"));
        }
        let of_schema = name.contains('.').then(|| self.served(&schema.to_lowercase())).flatten();
        match of_schema.map(|served| &served.contract.tables) {
            Some(own) if !own.is_empty() => {
                let own = own.iter().map(|t| format!("{schema}.{}", t.name.value));
                error.hint(format!("tables: {}", own.collect::<Vec<_>>().join(", ")))
            }
            _ => error,
        }
    }
}
