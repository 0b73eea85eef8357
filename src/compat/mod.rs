//! Compat: what a change of contract breaks, and whom.
//!
//! Owns the rules of change (pure: two contracts in, findings out), the versions that they need,
//! the consumers that they affect, policy and backtests. Never changes a contract except its
//! version, on request.

mod backtest;
mod consumers;
mod contracts;
mod deprecation;
mod diff;
mod endpoints;
mod facts;
pub mod finding;
mod impact;
mod landscape;
mod lineage;
mod notices;
mod policy;
pub mod report;
mod request;
pub mod rules;
mod semver;
mod sides;
mod terms;
mod unplanned;
mod unread;
mod verdict;
mod waive;

use crate::contract::Contract;

pub use backtest::Backtesting;
pub use consumers::Registered;
pub use contracts::Base;
pub use diff::diff;
pub use facts::classification::Public;
pub use facts::pair::Pair;
pub use finding::{Bump, Effect, Finding, Touches};
pub use impact::{Mention, Target};
pub use landscape::{Landscape, Reader};
pub use lineage::Graph;
pub use policy::unknown_rules;
pub use request::Request;
pub use semver::with_version;
pub use sides::{Sides, served_majors, with_further_majors};
pub use terms::Terms;
pub use waive::{lint_waivers, waive_broken};

/// Every change between two versions of one contract, in the order of the head's document.
pub fn compare<'a>(
    base: &'a Contract,
    head: &'a Contract,
    terms: impl Into<Terms<'a>>,
) -> Vec<Finding> {
    let pair = Pair::new(base, head, terms);
    let mut found = Vec::new();
    for check in rules::RULES.iter().filter_map(|rule| rule.check) {
        check(&pair, &mut found);
    }
    let at = |f: &Finding| f.head.as_ref().or(f.base.as_ref()).map_or(0, |p| p.span.start);
    found.sort_by_key(|f| (at(f), f.meta.code));
    found
}
