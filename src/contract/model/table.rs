//! Tables.

use super::column::Column;
use super::quality::QualityRule;
use super::relationship::Relationship;
use super::spanned::Spanned;

/// What happens to columns of a file that the contract does not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AdditionalColumns {
    /// They fail the check.
    #[default]
    Forbid,
    /// They are reported and left out of the release.
    Warn,
    /// They are left out of the release.
    Allow,
}

/// A table: an ODCS schema object.
#[derive(Debug, Clone)]
pub struct Table {
    /// `id`.
    pub id: Option<String>,
    /// `name`: the name in SQL.
    pub name: Spanned<String>,
    /// `physicalName`: the folder of the Delta table.
    pub physical_name: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `businessName`.
    pub business_name: Option<String>,
    /// The columns, in the order of declaration.
    pub columns: Vec<Column>,
    /// `relationships` of the table.
    pub relationships: Vec<Relationship>,
    /// `quality` of the table.
    pub quality: Vec<QualityRule>,
    /// Custom property `additionalColumns`.
    pub additional_columns: Spanned<AdditionalColumns>,
}

impl Table {
    /// The name of files, folders and Delta tables: `physicalName`, else `name`.
    pub fn physical(&self) -> &str {
        self.physical_name.as_deref().unwrap_or(&self.name.value)
    }

    /// The name in clause ids: `id`, else `name`.
    pub fn element(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name.value)
    }

    /// The column of a name, in any case; where there is none, the one that files call so.
    pub fn column(&self, name: &str) -> Option<&Column> {
        let named = self.columns.iter().find(|c| c.name.value.eq_ignore_ascii_case(name));
        named.or_else(|| self.columns.iter().find(|c| c.physical().eq_ignore_ascii_case(name)))
    }

    /// The column that an argument of a rule of this table names: by its name, which the table's
    /// may lead.
    pub fn argument_column(&self, name: &str) -> Option<&Column> {
        let of_table = |own: &str| {
            let (head, rest) = name.split_at_checked(own.len())?;
            rest.strip_prefix('.').filter(|_| head.eq_ignore_ascii_case(own))
        };
        let behind = || of_table(&self.name.value).or_else(|| of_table(self.physical()));
        self.column(name).or_else(|| self.column(behind()?))
    }

    /// Whether a file's column names may be values that reports withhold: the table has classified
    /// columns, and none of the names is declared.
    pub fn may_be_values<'n>(&self, names: impl Iterator<Item = &'n str>) -> bool {
        let mut names = names.peekable();
        // Which classifications are as good as public is not known here: all count.
        self.columns.iter().any(|c| c.classified(&[]))
            && names.peek().is_some()
            && !names.any(|name| self.columns.iter().any(|c| c.is_called(name)))
    }

    /// The columns that a file holds: all but measures.
    pub fn stored_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|c| !c.measure)
    }

    /// The primary key, ordered by `primaryKeyPosition`, then by declaration.
    pub fn primary_key(&self) -> Vec<&Column> {
        let mut key: Vec<(i64, usize, &Column)> = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.primary_key)
            .map(|(n, c)| (c.key_position.filter(|p| *p >= 0).unwrap_or(i64::MAX), n, c))
            .collect();
        key.sort_by_key(|(position, n, _)| (*position, *n));
        key.into_iter().map(|(_, _, c)| c).collect()
    }
}
