//! The landscape: every contract and every consumer known here, and what each reads.

use std::sync::Arc;

use crate::contract::Contract;
use crate::engine::Limits;
use crate::error::Result;
use crate::project::{Consumer, Project};
use crate::query::{Catalog, ConsumerPlan, Gateway, plan_each};
use crate::warehouse::Warehouse;

use super::consumers::Registered;

/// A consumer with its plan.
pub struct Reader {
    /// The consumer.
    pub consumer: Consumer,
    /// The repository that registered it; none for the project's own.
    pub repository: Option<String>,
    /// What it reads, or why that is unknown.
    pub plan: Result<ConsumerPlan>,
}

/// Every contract and every consumer known here.
pub struct Landscape {
    /// What the consumers are planned against.
    pub gateway: Gateway,
    /// The consumers.
    pub readers: Vec<Reader>,
}

impl Landscape {
    /// Reads the project, and what the warehouse has beside it; `repository` is what this one is called
    /// there.
    ///
    /// # Errors
    /// When something cannot be read.
    pub async fn read(
        project: Option<&Project>,
        warehouse: Option<&Warehouse>,
        repository: Option<&str>,
        limits: &Limits,
    ) -> Result<Self> {
        let mut contracts: Vec<Arc<Contract>> = Vec::new();
        let mut consumers: Vec<(Option<String>, Consumer)> = Vec::new();
        let mut settings = crate::project::Settings::default();
        if let Some(project) = project {
            contracts = project.contracts()?.contracts.into_iter().map(Arc::new).collect();
            consumers = project.consumers()?.0.into_iter().map(|c| (None, c)).collect();
            settings = project.settings.clone();
        }
        let catalog = Catalog::beside(contracts, warehouse, &settings).await?;
        if let Some(warehouse) = warehouse {
            let others = Registered::all(warehouse, repository)?;
            let readable =
                others.into_iter().filter_map(|r| Some((Some(r.repository), r.consumer.ok()?)));
            consumers.extend(readable);
        }
        let gateway = Gateway::planning(catalog, limits)?;
        let all: Vec<&Consumer> = consumers.iter().map(|(_, c)| c).collect();
        let plans = plan_each(&gateway, &all, limits.threads);
        let readers = consumers
            .into_iter()
            .zip(plans)
            .map(|((repository, consumer), plan)| Reader { consumer, repository, plan });
        Ok(Self { readers: readers.collect(), gateway })
    }
}
