//! How a check is run.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use crate::contract::Contract;
use crate::contract::lint::classifications;
use crate::contract::model::Table;
use crate::engine::Limits;
use crate::engine::progress::Progress;
use crate::project::Waivers;

/// How a check is run.
#[derive(Clone)]
pub struct Options<'a> {
    /// Memory and threads.
    pub limits: Limits,
    /// How long each SQL rule may take.
    pub rule_time: Duration,
    /// Failing rows to show for each clause.
    pub samples: usize,
    /// Classifications that are as public as `public`.
    pub public_classifications: &'a [String],
    /// Engines of custom rules that something else runs.
    pub external_engines: &'a [String],
    /// Other contracts that relationships may point to.
    pub neighbours: &'a [Contract],
    /// Approved exceptions.
    pub waivers: Option<&'a Waivers>,
    /// The clauses to run, by id; without a list, all.
    pub only: Option<&'a BTreeSet<String>>,
    /// The instant that ages are measured at.
    pub now: DateTime<Utc>,
    /// The day that waivers expire by: the clock's, whatever `now` is.
    pub today: NaiveDate,
    /// Whether footers' minima, maxima and NULL counts are believed.
    pub trust_statistics: bool,
    /// Whether a contract that states nothing passes.
    pub allow_empty: bool,
    /// Whether values of classified columns are shown.
    pub show_classified: bool,
    /// Shows progress.
    pub progress: &'a dyn Progress,
}

/// Whether words that quote a value of the table may quote a classified one.
pub(super) fn is_secret(table: &Table, options: &Options<'_>) -> bool {
    let public = shown_as_public(table, options);
    table.columns.iter().any(|column| column.classified(&public))
}

/// The classifications whose values are shown: all of them, where the user asks for it.
pub(super) fn shown_as_public(table: &Table, options: &Options<'_>) -> Vec<String> {
    let mut public = options.public_classifications.to_vec();
    if options.show_classified {
        public.extend(table.columns.iter().flat_map(classifications));
    }
    public
}
