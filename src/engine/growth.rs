//! Growth: a small text may be an endless plan.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Query, Visit, Visitor, visit_relations};

use crate::error::{Error, Result};

/// Most tables that a query may read, counting those of a WITH name as often as it is used: a query
/// that reads its parts twice, and those theirs, is a small text and an endless plan.
const MOST_READS: u64 = 2_000;

/// Refuses a query that reads too many tables.
pub(super) fn refuse_growth(statement: &Statement) -> Result<()> {
    let Statement::Statement(inner) = statement else { return Ok(()) };
    let mut parts = Parts::default();
    // The walk itself cannot fail: the visitor never breaks off.
    let _ = inner.visit(&mut parts);
    let mut sizes = HashMap::new();
    let all = names(inner.as_ref());
    let reads = all.iter().map(|name| parts.size(name, &mut sizes));
    if reads.fold(0, u64::saturating_add) <= MOST_READS {
        return Ok(());
    }
    Err(Error::usage("sql", format!("the query reads more than {MOST_READS} tables"))
        .hint("its parts are read again and again: read each once"))
}

/// The tables that each WITH reads, by its name in lower case.
#[derive(Default)]
struct Parts {
    reads: HashMap<String, Vec<String>>,
}

impl Visitor for Parts {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for part in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = part.alias.name.value.to_ascii_lowercase();
            self.reads.entry(name).or_default().extend(names(part));
        }
        ControlFlow::Continue(())
    }
}

impl Parts {
    /// How many tables a name stands for.
    fn size(&self, name: &str, sizes: &mut HashMap<String, u64>) -> u64 {
        let Some(reads) = self.reads.get(name) else { return 1 };
        if let Some(size) = sizes.get(name) {
            return *size;
        }
        // A name that reads itself is recursive: it is read once.
        sizes.insert(name.to_owned(), 1);
        let sum = reads.iter().map(|read| self.size(read, sizes)).fold(1, u64::saturating_add);
        sizes.insert(name.to_owned(), sum);
        sum
    }
}

/// The tables that something names, in lower case, with repetitions.
fn names(of: &impl Visit) -> Vec<String> {
    let mut found = Vec::new();
    let _ = visit_relations(of, |name| {
        found.push(name.to_string().to_ascii_lowercase());
        ControlFlow::<()>::Continue(())
    });
    found
}
