//! One rule of change per file, and their registry in the order of their codes.

use crate::diagnostic::RuleDoc;

use super::facts::pair::Pair;
use super::finding::Finding;

/// A rule: its page, and what finds it in two versions of one contract.
#[derive(Debug)]
pub struct CompatRule {
    /// Metadata and page.
    pub doc: RuleDoc,
    /// Finds every case; `None` where two contracts alone cannot decide.
    pub check: Option<fn(&Pair<'_>, &mut Vec<Finding>)>,
}

macro_rules! registry {
    ($($module:ident $check:expr;)*) => {
        $(pub mod $module;)*

        /// Every rule of change, by code.
        pub static RULES: &[CompatRule] = &[
            $(CompatRule {
                doc: RuleDoc {
                    meta: &$module::META,
                    source: include_str!(concat!(stringify!($module), ".rs")),
                },
                check: $check,
            },)*
        ];
    };
}

registry! {
    contract_removed None;
    table_removed Some(table_removed::check);
    table_renamed Some(table_renamed::check);
    table_added Some(table_added::check);
    column_removed Some(column_removed::check);
    column_renamed Some(column_renamed::check);
    column_renamed_with_alias Some(column_renamed_with_alias::check);
    alias_removed Some(alias_removed::check);
    column_added Some(column_added::check);
    required_column_added Some(required_column_added::check);
    columns_reordered Some(columns_reordered::check);
    sql_name_changed Some(sql_name_changed::check);
    physical_name_changed Some(physical_name_changed::check);
    type_widened Some(type_widened::check);
    type_changed Some(type_changed::check);
    type_pinned Some(type_pinned::check);
    type_opened Some(type_opened::check);
    type_respelled Some(type_respelled::check);
    required_dropped Some(required_dropped::check);
    required_added Some(required_added::check);
    key_dropped Some(key_dropped::check);
    key_changed Some(key_changed::check);
    key_added Some(key_added::check);
    allowed_value_added Some(allowed_value_added::check);
    allowed_value_removed Some(allowed_value_removed::check);
    limit_loosened Some(limit_loosened::check);
    limit_tightened Some(limit_tightened::check);
    limit_changed Some(limit_changed::check);
    quality_rule_removed Some(quality_rule_removed::check);
    quality_rule_loosened Some(quality_rule_loosened::check);
    quality_rule_added Some(quality_rule_added::check);
    quality_rule_tightened Some(quality_rule_tightened::check);
    quality_rule_changed Some(quality_rule_changed::check);
    service_level_weakened Some(service_level_weakened::check);
    service_level_strengthened Some(service_level_strengthened::check);
    service_level_changed Some(service_level_changed::check);
    end_of_support_earlier Some(end_of_support_earlier::check);
    foreign_key_removed Some(foreign_key_removed::check);
    foreign_key_added Some(foreign_key_added::check);
    foreign_key_retargeted Some(foreign_key_retargeted::check);
    layout_changed Some(layout_changed::check);
    classification_raised Some(classification_raised::check);
    classification_lowered Some(classification_lowered::check);
    role_access_removed Some(role_access_removed::check);
    meaning_changed Some(meaning_changed::check);
    status_deprecated Some(status_deprecated::check);
    status_retired Some(status_retired::check);
    additional_columns_changed Some(additional_columns_changed::check);
    attribute_changed Some(attribute_changed::check);
    documentation_changed Some(documentation_changed::check);
    alias_added Some(alias_added::check);
    status_withdrawn Some(status_withdrawn::check);
    contract_id_changed Some(contract_id_changed::check);
    parameter_removed None;
    parameter_required None;
    parameter_retyped None;
    result_column_removed None;
    result_column_retyped None;
    endpoint_path_changed None;
    parameter_narrowed None;
    bump_too_small None;
    version_lowered None;
    consumer_broken None;
    removed_without_deprecation None;
    reserved_name_used None;
    policy_changed None;
    type_unknown Some(type_unknown::check);
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn the_registry_is_sorted_and_every_rule_has_a_whole_page() {
        assert!(RULES.windows(2).all(|w| w[0].doc.meta.code < w[1].doc.meta.code));
        for rule in RULES {
            let page = rule.doc.page();
            for heading in
                ["## What it does", "## Why it matters", "## Example", "## What to do instead"]
            {
                assert!(page.contains(heading), "{} lacks {heading}", rule.doc.meta.name);
            }
        }
    }
}
