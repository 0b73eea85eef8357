//! Columns, also those nested in objects, lists and maps.

use crate::contract::yaml::Node;
use crate::diagnostic::Span;

use super::logical_type::LogicalType;
use super::options::Options;
use super::quality::QualityRule;
use super::relationship::Relationship;
use super::spanned::Spanned;

/// A column: an ODCS property, also one nested in an object, a list or a map.
#[derive(Debug, Clone)]
pub struct Column {
    /// `id`.
    pub id: Option<String>,
    /// `name`: the name in SQL; empty for an item without a name.
    pub name: Spanned<String>,
    /// `physicalName`: the name in files and in Delta.
    pub physical_name: Option<String>,
    /// The name in Delta, where it is not the one in files.
    pub stored_name: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `businessName`.
    pub business_name: Option<String>,
    /// `logicalType`.
    pub logical_type: Option<Spanned<LogicalType>>,
    /// `physicalType` as written.
    pub physical_type: Option<Spanned<String>>,
    /// Whether the type was written as the `date` of 3.0, which leaves open what kind of point in
    /// time it is where nothing refines it, and its zone.
    pub open_moment: bool,
    /// `logicalTypeOptions`.
    pub options: Options,
    /// `required`, with its place when it is true.
    pub required: Option<Span>,
    /// `unique`, with its place when it is true.
    pub unique: Option<Span>,
    /// `primaryKey`.
    pub primary_key: bool,
    /// `primaryKeyPosition`.
    pub key_position: Option<i64>,
    /// `partitioned`.
    pub partitioned: bool,
    /// `classification`.
    pub classification: Option<String>,
    /// Whether `semanticType` is `measure`: computed by readers, not in a file.
    pub measure: bool,
    /// Custom property `allowNaN`.
    pub allow_nan: bool,
    /// Custom property `aliases`: older names that stay readable.
    pub aliases: Vec<Spanned<String>>,
    /// `enum`: the values and the place of the list.
    pub allowed: Option<Spanned<Vec<Node>>>,
    /// `quality` of the column.
    pub quality: Vec<QualityRule>,
    /// `relationships` of the column.
    pub relationships: Vec<Relationship>,
    /// Fields of an object.
    pub properties: Vec<Column>,
    /// The item of a list.
    pub items: Option<Box<Column>>,
    /// Key and value of a map.
    pub map: Option<Box<(Column, Column)>>,
    /// Length of a vector.
    pub dimensions: Option<i64>,
}

impl Column {
    /// The name in files: `physicalName`, else `name`.
    pub fn physical(&self) -> &str {
        self.physical_name.as_deref().unwrap_or(&self.name.value)
    }

    /// The name in Delta: that in files, unless Delta forbids it, then `name`.
    pub fn stored(&self) -> &str {
        self.stored_name.as_deref().unwrap_or(self.physical())
    }

    /// The name in clause ids: `id`, else `name`.
    pub fn element(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name.value)
    }

    /// Whether the values are declared to be UUIDs.
    pub fn holds_uuids(&self) -> bool {
        let physical = self.physical_type.as_ref().map(|p| p.value.trim());
        let is_text = self.logical_type.as_ref().is_none_or(|t| t.value == LogicalType::String);
        let declared = physical.is_some_and(|p| p.eq_ignore_ascii_case("uuid"))
            || self.options.text("format").is_some_and(|format| format == "uuid");
        is_text && declared
    }

    /// Whether NULL is forbidden: `required`, or part of the primary key.
    pub fn not_null(&self) -> bool {
        self.required.is_some() || self.primary_key
    }

    /// Whether the contract promises that no value is NaN: some bound is declared, and `allowNaN`
    /// is not. A flag beside a bound, such as `exclusiveMinimum: false`, is not a bound by itself.
    pub fn bounded_without_nan(&self) -> bool {
        let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
        let states = |bound: &&str| self.options.get(bound).is_some_and(|b| b.as_bool().is_none());
        !self.allow_nan && bounds.iter().any(states)
    }

    /// Whether a name is one of the column's, in any case: its own, that in files, or an older one.
    pub fn is_called(&self, name: &str) -> bool {
        let own = [self.name.value.as_str(), self.physical()].into_iter();
        let mut names = own.chain(self.aliases.iter().map(|alias| alias.value.as_str()));
        names.any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether values of this column must not appear in evidence.
    pub fn classified(&self, public: &[String]) -> bool {
        self.classification.as_deref().is_some_and(|c| {
            !c.eq_ignore_ascii_case("public") && !public.iter().any(|p| p.eq_ignore_ascii_case(c))
        }) || self.properties.iter().any(|c| c.classified(public))
            || self.items.as_ref().is_some_and(|c| c.classified(public))
            || self.map.as_ref().is_some_and(|m| m.0.classified(public) || m.1.classified(public))
    }
}
