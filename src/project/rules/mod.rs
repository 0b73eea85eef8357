//! Rules of project files: settings and consumers' headers. One per file.

use crate::diagnostic::RuleDoc;

macro_rules! registry {
    ($($module:ident;)*) => {
        $(pub mod $module;)*

        /// Every rule of project files, by code.
        pub static RULES: &[RuleDoc] = &[
            $(RuleDoc {
                meta: &$module::META,
                source: include_str!(concat!(stringify!($module), ".rs")),
            },)*
        ];
    };
}

registry! {
    consumer_header;
    consumer_parameter;
    consumer_plan;
    rule_plan;
    incomparable_types;
    star_in_endpoint;
    unsettled_contract_read;
    unnamed_column;
    bad_setting;
    bad_waiver;
    expired_waiver;
    unused_waiver;
    unwaivable;
}
