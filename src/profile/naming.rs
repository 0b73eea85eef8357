//! Names of drafted columns: those of the files, where SQL and Delta tables can have them.

use std::collections::HashSet;

use crate::contract::column_names::{is_forbidden_by_delta, is_usable, suggested};
use crate::contract::names::folded;

/// A name for each column that files call so; unlike each other in any case.
pub(super) fn named(physical: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = physical.iter().map(|name| folded(name)).collect();
    let mut given = HashSet::new();
    let mut one = |name: &&str| {
        let keeps = is_usable(name) && !is_forbidden_by_delta(name) && given.insert(folded(name));
        if keeps { (*name).to_owned() } else { suggested(name, &mut taken) }
    };
    physical.iter().map(&mut one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_keeps_its_name_unless_sql_or_delta_cannot_have_it() {
        for (physical, names) in [
            (
                &["id", "Score", "a.b", "it's", "Gr\u{f6}\u{df}e"][..],
                &["id", "Score", "a.b", "it's", "Gr\u{f6}\u{df}e"][..],
            ),
            (&["Phone No.", "phone_no", "PHONE-NO."], &["phone_no_2", "phone_no", "PHONE-NO."]),
            (&["a", "A", "a_2"], &["a", "a_3", "a_2"]),
            (&["\u{feff}id", " ", "x\ny"], &["id", "column", "x_y"]),
        ] {
            assert_eq!(named(physical), names, "{physical:?}");
        }
    }
}
