//! What a diff compares, and how.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::contract::Contract;
use crate::engine::Limits;
use crate::project::{Settings, Snapshot, Waivers};
use crate::warehouse::Warehouse;

use super::consumers::Registered;
use super::contracts::Base;
use super::facts::classification::Public;
use super::terms::Terms;

/// What is compared, and how.
pub struct Request<'a> {
    /// The base.
    pub base: &'a Snapshot,
    /// The head.
    pub head: &'a Snapshot,
    /// What the base is.
    pub kind: Base,
    /// Other bases that the head is compared with: every major still served.
    pub served: &'a [Arc<Contract>],
    /// Contracts that are released and in neither side.
    pub beside: &'a [Arc<Contract>],
    /// Ids and majors that are released, or whose documents stay, as far as it is known.
    pub released: &'a BTreeSet<(String, u64)>,
    /// Consumers of other repositories; `None` where they are unknown.
    pub registered: Option<&'a [Registered]>,
    /// The project's settings, with the policy.
    pub settings: &'a Settings,
    /// Approved exceptions.
    pub waivers: Option<&'a Waivers>,
    /// The day that decides about waivers and deprecations.
    pub today: NaiveDate,
    /// Where releases are.
    pub warehouse: Option<&'a Warehouse>,
    /// Memory and threads.
    pub limits: Limits,
}

impl Request<'_> {
    pub(super) fn public(&self) -> Public<'_> {
        let head = self.settings.public_classifications.as_slice();
        let own = self.base.settings.public_classifications.as_slice();
        Public { base: if self.base.is_project { own } else { head }, head }
    }

    /// Whether a major whose document was replaced is served all the same: what is released is.
    pub(super) fn keeps(&self, base: &Contract) -> bool {
        self.kind == Base::Served || self.released.contains(&(base.id.clone(), base.version.major))
    }

    /// What both sides' words mean; the head's settings judge.
    pub(super) fn terms(&self) -> Terms<'_> {
        Terms { public: self.public(), meaningful: &self.settings.diff.meaningful_properties }
    }
}
