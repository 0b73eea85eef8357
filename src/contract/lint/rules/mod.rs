//! One lint rule per file, and their registry in the order of their codes.

use crate::contract::model::Contract;
use crate::diagnostic::{Diagnostic, RuleDoc};

/// A rule: its page, and what finds it in a parsed contract (rules of form are found while
/// parsing).
#[derive(Debug)]
pub struct LintRule {
    /// Metadata and page.
    pub doc: RuleDoc,
    /// Finds every case in a contract.
    pub check: Option<fn(&Contract, &mut Vec<Diagnostic>)>,
}

macro_rules! registry {
    ($($module:ident $check:expr;)*) => {
        $(pub mod $module;)*

        /// Every lint rule, by code.
        pub static RULES: &[LintRule] = &[
            $(LintRule {
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
    yaml_syntax None;
    limit_exceeded None;
    duplicate_key None;
    unknown_key None;
    wrong_type None;
    missing_key Some(missing_key::check);
    unknown_word None;
    newer_than_declared None;
    misplaced_argument None;
    bad_version Some(bad_version::check);
    duplicate_id Some(duplicate_id::check);
    name_case_clash Some(name_case_clash::check);
    contradicting_bounds Some(contradicting_bounds::check);
    option_not_of_type Some(option_not_of_type::check);
    bad_bound Some(bad_bound::check);
    bad_pattern Some(bad_pattern::check);
    slow_pattern Some(slow_pattern::check);
    missing_values_meant Some(missing_values_meant::check);
    operator_count Some(operator_count::check);
    inclusive_between Some(inclusive_between::check);
    incomplete_rule Some(incomplete_rule::check);
    broken_reference Some(broken_reference::check);
    broken_key Some(broken_key::check);
    duplicate_clause Some(duplicate_clause::check);
    unknown_severity Some(unknown_severity::check);
    unknown_physical_type Some(unknown_physical_type::check);
    contradicting_types Some(contradicting_types::check);
    delta_name Some(delta_name::check);
    unpublishable_type Some(unpublishable_type::check);
    bad_custom_property Some(bad_custom_property::check);
    bad_enum_value Some(bad_enum_value::check);
    project_clash None;
    nothing_to_check Some(nothing_to_check::check);
    physical_name_clash Some(physical_name_clash::check);
    reserved_name Some(reserved_name::check);
    bad_service_level Some(bad_service_level::check);
    unusable_name Some(unusable_name::check);
    bad_format Some(bad_format::check);
    unused_in_rule Some(unused_in_rule::check);
    unfilled_variable None;
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
