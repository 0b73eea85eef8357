//! `SHOW TABLES` and `DESCRIBE t` as queries of the information schema.

use crate::contract::names::text_literal;
use crate::engine::sql::{self, Shown};
use crate::error::{Error, Position, Result};

use super::information_schema::{NAME as INFORMATION_SCHEMA, VIEWS};
use super::snapshot::CatalogSnapshot;
use super::system_columns::definitions;

impl CatalogSnapshot {
    /// The query that shows what a text asks for; `None` where the text is a query itself.
    ///
    /// # Errors
    /// When what it asks for is not shown, or there is no such table.
    pub(super) fn query_of_shown(&self, text: &str) -> Result<Option<String>> {
        let own = "table_schema not in ('information_schema', 'pactum')";
        Ok(match sql::shown(text)? {
            None => None,
            Some(Shown::Schemas) => Some(
                "select schema_name from information_schema.schemata order by schema_name"
                    .to_owned(),
            ),
            Some(Shown::Tables { schema, like }) => {
                let of = match schema {
                    Some(schema) => {
                        let listed = self.listed_schema(&schema)?;
                        format!("table_schema = {}", text_literal(&listed))
                    }
                    None => own.to_owned(),
                };
                let like =
                    like.map(|pattern| format!(" and table_name like {}", text_literal(&pattern)));
                Some(format!(
                    "select table_schema, table_name from information_schema.tables \
                     where {of}{} order by table_schema, table_name",
                    like.unwrap_or_default()
                ))
            }
            Some(Shown::Columns { schema, table, at }) => {
                let (schema, table) = self.listed_table(schema.as_deref(), &table, at)?;
                Some(format!(
                    "select column_name, data_type, is_nullable from information_schema.columns \
                     where table_schema = {} and table_name = {} order by ordinal_position",
                    text_literal(&schema),
                    text_literal(&table)
                ))
            }
        })
    }

    /// A schema's name as it is listed.
    fn listed_schema(&self, name: &str) -> Result<String> {
        let lower = name.to_ascii_lowercase();
        if lower == "pactum" || lower == INFORMATION_SCHEMA {
            return Ok(lower);
        }
        let served = self.served(&lower).filter(|s| s.release.is_some() || self.is_planning);
        match served {
            Some(served) => Ok(served.listed_name()),
            None => Err(Error::usage("unknown-table", format!("there is no schema '{name}'"))),
        }
    }

    /// The names of a table's schema and of the table, as they are listed.
    fn listed_table(
        &self,
        schema: Option<&str>,
        table: &str,
        at: Position,
    ) -> Result<(String, String)> {
        let missing = |name: &str| self.missing_table(name).marked(at, at);
        let Some(schema) = schema else { return Err(missing(table)) };
        let lower = schema.to_ascii_lowercase();
        let is_system = |name: &str| match lower.as_str() {
            "pactum" => definitions().iter().any(|(known, _)| *known == name),
            INFORMATION_SCHEMA => VIEWS.contains(&name),
            _ => false,
        };
        let bare = table.to_ascii_lowercase();
        if is_system(&bare) {
            return Ok((lower, bare));
        }
        let served = self.served(&lower);
        let found = served.and_then(|s| {
            let mut tables = s.contract.tables.iter();
            Some((s, tables.find(|t| t.name.value.eq_ignore_ascii_case(table))?))
        });
        let Some((served, found)) = found else {
            return Err(missing(&format!("{schema}.{table}")));
        };
        if served.release.is_none() && !self.is_planning {
            return Err(super::resolve::not_released(&served.contract, schema, table));
        }
        Ok((served.listed_name(), found.name.value.clone()))
    }
}
