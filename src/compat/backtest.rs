//! Backtest: tightened and added clauses, checked against the last releases.

use std::collections::BTreeSet;

use crate::check::{Delivery, Options, RULE_TIME, Released, Verdict, check};
use crate::contract::Contract;
use crate::engine::Limits;
use crate::engine::progress::Progress;
use crate::error::Result;
use crate::project::Settings;
use crate::warehouse::{Entry, Ledger, Release, Warehouse};

use super::finding::Effect;
use super::report::{Backtest, JudgedFinding, Rejected};

/// How a backtest runs.
pub struct Backtesting<'a> {
    /// Where the releases are.
    pub warehouse: &'a Warehouse,
    /// How many of the last releases.
    pub releases: usize,
    /// The project's settings.
    pub settings: &'a Settings,
    /// Contracts that relationships may point to.
    pub neighbours: &'a [Contract],
    /// Memory and threads.
    pub limits: Limits,
    /// Shows progress.
    pub progress: &'a dyn Progress,
}

impl Backtesting<'_> {
    /// Checks the changed clauses of a contract against the last releases of a major, each at its
    /// own time.
    ///
    /// # Errors
    /// When a ledger or a released file cannot be read.
    pub async fn run(
        &self,
        contract: &Contract,
        major: u64,
        findings: &mut [JudgedFinding],
    ) -> Result<()> {
        let clauses: BTreeSet<String> =
            findings.iter().filter_map(|f| clause(f).map(str::to_owned)).collect();
        if clauses.is_empty() {
            return Ok(());
        }
        let mut results: Vec<Backtest> = clauses
            .iter()
            .map(|clause| Backtest {
                clause: clause.clone(),
                releases: 0,
                rejected: Vec::new(),
                not_executed: Vec::new(),
            })
            .collect();
        for release in self.last(&contract.id, major).await? {
            self.one(contract, &release, &clauses, &mut results).await?;
        }
        for finding in findings.iter_mut() {
            let own = clause(finding).map(str::to_owned);
            finding.backtest = results.iter().find(|r| Some(&r.clause) == own.as_ref()).cloned();
        }
        Ok(())
    }

    async fn last(&self, id: &str, major: u64) -> Result<Vec<Release>> {
        let folder = self.warehouse.contract(id);
        let entries = Ledger::read(&folder).await?.entries()?;
        let own = |e: &Entry| e.is_published() && e.major == Some(major);
        let releases: Vec<_> = entries.into_iter().filter(own).collect();
        let from = releases.len().saturating_sub(self.releases);
        releases.into_iter().skip(from).map(|entry| Release::of_entry(&folder, entry)).collect()
    }

    async fn one(
        &self,
        contract: &Contract,
        release: &Release,
        clauses: &BTreeSet<String>,
        results: &mut [Backtest],
    ) -> Result<()> {
        let number = release.number();
        let delivery = match Delivery::of_release(contract, release, None).await {
            Ok(delivery) => delivery,
            // The release has none of the contract's tables: there is nothing to check.
            Err(error) if error.code() == "nothing-to-check" => return Ok(()),
            Err(error) => return Err(error),
        };
        let before = Released::before(contract, self.neighbours, self.warehouse, release).await?;
        let options = Options {
            limits: self.limits.clone(),
            rule_time: RULE_TIME,
            samples: 3,
            public_classifications: &self.settings.public_classifications,
            external_engines: &self.settings.external_engines,
            neighbours: self.neighbours,
            waivers: None,
            only: Some(clauses),
            now: release.entry.time,
            today: release.entry.time.date_naive(),
            trust_statistics: false,
            allow_empty: true,
            show_classified: false,
            progress: self.progress,
        };
        let checked = check(contract, &delivery, &before, &options).await?;
        for result in results {
            let Some(found) = checked.report.clauses().find(|c| c.id == result.clause) else {
                let reason = "the release has nothing to check it against".to_owned();
                result.not_executed.push((number, reason));
                continue;
            };
            match found.verdict {
                Verdict::NotExecuted | Verdict::Informational => {
                    let reason = found.reason.clone().unwrap_or_default();
                    result.not_executed.push((number, reason));
                }
                verdict => {
                    result.releases += 1;
                    if verdict == Verdict::Failed {
                        result.rejected.push(Rejected {
                            release: number,
                            measured: found.measured.clone(),
                            failing_rows: found.failing_rows,
                            samples: found.samples.clone(),
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

/// The clause of a finding that old data may break.
fn clause(finding: &JudgedFinding) -> Option<&str> {
    finding.finding.clause.as_deref().filter(|_| finding.writer != Effect::Safe)
}
