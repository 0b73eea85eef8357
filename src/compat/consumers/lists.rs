//! Lists of all values of a column in a consumer's SQL, held against values that were added.

use std::collections::BTreeSet;

use crate::query::{ConsumerPlan, Listing, Positions, ReadValues};

use super::super::facts::pair::Moment;
use super::super::finding::{AddedValues, Finding};

/// What happens to new values where the consumer lists the old ones.
pub(super) fn missed_values(
    plan: &ConsumerPlan,
    by: Moment,
    major: u64,
    finding: &Finding,
) -> Option<(String, Option<Positions>)> {
    let AddedValues { base, head, old, added } = finding.allowed.as_ref()?;
    let of = match by {
        Moment::Base => base,
        Moment::Head => head,
    };
    let own = plan.listings.iter().filter(|listed| {
        let table = &listed.of.of;
        table.contract == finding.contract && table.major == major && lists_of(listed, of)
    });
    // Listing some of the values is a choice; listing all of them means all.
    let misses = |values: &BTreeSet<String>| {
        old.iter().all(|v| values.contains(v)) && !added.iter().all(|v| values.contains(v))
    };
    own.into_iter().find_map(|listed| {
        let values = added.join(", ");
        let words = match &listed.listing {
            Listing::Case(old) if misses(old) => {
                format!("its CASE lists every old value and has no ELSE: {values} becomes NULL")
            }
            Listing::In(old) if misses(old) => {
                format!("its IN lists every old value: {values} is left out")
            }
            _ => return None,
        };
        Some((words, listed.place))
    })
}

/// Whether a list is of values of this column or field: `table.column.field`. Where a plan takes a
/// value out of a struct or a list before comparing, the list is known to be of the whole column.
fn lists_of(listed: &ReadValues, path: &str) -> bool {
    let top = [listed.of.of.table.as_str(), listed.of.column.as_str()];
    let fields = listed.path.iter().map(String::as_str);
    let full = top.into_iter().chain(fields).collect::<Vec<_>>().join(".").to_ascii_lowercase();
    let path = path.replace("[]", "").to_ascii_lowercase();
    path.strip_prefix(&full).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
