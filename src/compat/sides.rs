//! The two sides of a diff: which contracts of each are part of the question, and which surround it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::contract::Contract;
use crate::project::{Side, Snapshot};
use crate::query::Served;

use super::consumers::Registered;
use super::contracts::Base;

/// Both sides, and what surrounds them.
pub struct Sides {
    /// The base.
    pub base: Snapshot,
    /// The head.
    pub head: Snapshot,
    /// Where the head is read from.
    pub head_side: Side,
    /// What the base is.
    pub kind: Base,
    /// Contracts that are released, or belong to the project, and are in neither side.
    pub beside: Vec<Arc<Contract>>,
    /// Ids and majors that are released, or whose documents stay.
    pub released: BTreeSet<(String, u64)>,
    /// Consumers of other repositories; `None` where they are unknown.
    pub registered: Option<Vec<Registered>>,
}

impl Sides {
    /// Two sides as they were named.
    pub fn named(base: Snapshot, (head, head_side): (Snapshot, Side), head_is_file: bool) -> Self {
        Self {
            // Contracts outside the file were not removed.
            kind: if head_is_file { Base::Served } else { Base::Whole },
            beside: Vec::new(),
            released: BTreeSet::new(),
            registered: None,
            base,
            head,
            head_side,
        }
    }

    /// The working tree beside contracts of releases.
    pub fn of_releases(name: &str, released: Vec<Arc<Contract>>, head: Snapshot) -> Self {
        let mut base = Snapshot::of_contracts(name, released);
        base.consumers = head.consumers.clone();
        base.unreadable = head.unreadable.clone();
        base.settings = head.settings.clone();
        Self {
            base,
            head,
            head_side: Side::WorkingTree,
            kind: Base::Served,
            beside: Vec::new(),
            released: BTreeSet::new(),
            registered: None,
        }
    }

    /// Takes two documents of one contract each for versions of one contract, whatever their ids: the
    /// base takes that of the head, and the rule of ids tells of the change.
    pub fn take_for_versions(&mut self) {
        let ([old], [new]) = (self.base.contracts.as_mut_slice(), self.head.contracts.as_slice())
        else {
            return;
        };
        if old.id != new.id {
            let mut renamed = old.as_ref().clone();
            renamed.id.clone_from(&new.id);
            *old = Arc::new(renamed);
        }
    }

    /// A file is compared with its own contract alone.
    pub fn narrow_to_file(&mut self, base_is_file: bool, head_is_file: bool) {
        if base_is_file {
            let own = ids(&self.base);
            self.head.contracts.retain(|c| own.contains(&c.id) || head_is_file);
            self.kind = Base::Whole;
            return;
        }
        let own = ids(&self.head);
        self.base.contracts.retain(|c| own.contains(&c.id));
        let of_head: BTreeSet<_> = self.head.contracts.iter().map(|c| key(c)).collect();
        if self.base.contracts.iter().any(|c| of_head.contains(&key(c))) {
            // Other majors have their own documents, which are not part of the question.
            let (own, other) = std::mem::take(&mut self.base.contracts)
                .into_iter()
                .partition(|c| of_head.contains(&key(c)));
            (self.base.contracts, self.beside) = (own, other);
        }
    }

    /// Puts both sides into the project that contains them: its other contracts surround them, and
    /// its consumers read them.
    pub fn surround_with(&mut self, project: Snapshot) {
        let both: BTreeSet<String> = ids(&self.base).union(&ids(&self.head)).cloned().collect();
        // A document of the project stays, whatever another file says of its contract.
        self.released.extend(project.contracts.iter().map(|c| key(c)));
        self.beside.extend(project.contracts.into_iter().filter(|c| !both.contains(&c.id)));
        for side in [&mut self.base, &mut self.head] {
            side.consumers = project.consumers.clone();
            side.unreadable = project.unreadable.clone();
            side.settings = project.settings.clone();
        }
    }

    /// Adds what a warehouse serves: contracts of other repositories, and those of the head that the
    /// base lacks although they are released.
    pub fn surround_with_served(&mut self, served: &[Served]) {
        // Where one side has a contract or major, that side's version counts.
        let known: BTreeSet<(String, u64)> =
            [&self.base.contracts, &self.head.contracts, &self.beside]
                .into_iter()
                .flatten()
                .map(|c| key(c))
                .collect();
        let all = || served.iter().map(|s| &s.contract);
        self.released.extend(all().map(|c| key(c)));
        self.beside.extend(all().filter(|c| !known.contains(&key(c))).cloned());
        if self.kind != Base::Whole {
            return;
        }
        let head: BTreeSet<(String, u64)> = self.head.contracts.iter().map(|c| key(c)).collect();
        let existed = |c: &&Arc<Contract>| {
            head.contains(&key(c)) && !self.base.contracts.iter().any(|b| b.id == c.id)
        };
        let existing: Vec<Arc<Contract>> = all().filter(existed).cloned().collect();
        self.base.contracts.extend(existing);
    }
}

/// Of what is served, the contracts that the head knows and that are not retired.
pub fn served_majors(served: &[Served], head: &Snapshot) -> Vec<Arc<Contract>> {
    let known = |id: &str| head.contracts.iter().any(|c| c.id == id);
    let contracts = served.iter().map(|s| &s.contract);
    contracts.filter(|c| known(&c.id) && !c.is_retired()).cloned().collect()
}

/// The current release of each of the head's contracts, and of what is served the further majors
/// that the head has documents of.
pub fn with_further_majors(
    current: Vec<Arc<Contract>>,
    served: &[Served],
    head: &Snapshot,
) -> Vec<Arc<Contract>> {
    let mut found = current;
    let told: BTreeSet<(String, u64)> = found.iter().map(|c| key(c)).collect();
    let written: BTreeSet<(String, u64)> = head.contracts.iter().map(|c| key(c)).collect();
    let further = served.iter().map(|s| &s.contract);
    found.extend(further.filter(|c| !told.contains(&key(c)) && written.contains(&key(c))).cloned());
    found
}

fn ids(side: &Snapshot) -> BTreeSet<String> {
    side.contracts.iter().map(|c| c.id.clone()).collect()
}

fn key(contract: &Contract) -> (String, u64) {
    (contract.id.clone(), contract.version.major)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    fn contract(id: &str, version: &str) -> Arc<Contract> {
        let text = format!(
            "apiVersion: v3.2.0\nkind: DataContract\nid: {id}\nversion: {version}\n\
             status: active\nschema: [{{name: t, properties: [{{name: a}}]}}]\n"
        );
        Arc::new(parse(&Arc::new(Source::new(id, text))).contract.unwrap())
    }

    fn side(contracts: &[(&str, &str)]) -> Snapshot {
        let contracts = contracts.iter().map(|(id, version)| contract(id, version)).collect();
        Snapshot::of_contracts("side", contracts)
    }

    fn sides(base: &[(&str, &str)], head: &[(&str, &str)], head_is_file: bool) -> Sides {
        Sides::named(side(base), (side(head), Side::WorkingTree), head_is_file)
    }

    fn served(id: &str, version: &str) -> Served {
        Served { contract: contract(id, version), release: None, is_default: true }
    }

    fn told(contracts: &[Arc<Contract>]) -> Vec<String> {
        contracts.iter().map(|c| format!("{} {}", c.id, c.version_text)).collect()
    }

    #[test]
    fn a_file_is_compared_with_its_own_contract_and_its_own_major() {
        let old = [("a", "1.0.0"), ("a", "2.0.0"), ("b", "1.0.0")];
        let mut both = sides(&old, &[("a", "2.1.0")], true);
        both.narrow_to_file(false, true);
        assert_eq!(told(&both.base.contracts), ["a 2.0.0"]);
        assert_eq!(told(&both.beside), ["a 1.0.0"]);
        assert_eq!(both.kind, Base::Served);
        let mut both = sides(&[("a", "1.0.0")], &[("a", "1.1.0"), ("b", "1.0.0")], false);
        both.narrow_to_file(true, false);
        assert_eq!(told(&both.head.contracts), ["a 1.1.0"]);
        assert_eq!(both.kind, Base::Whole);
    }

    #[test]
    fn what_a_project_has_besides_surrounds_a_file() {
        let mut both = sides(&[("a", "1.0.0")], &[("a", "1.1.0")], true);
        both.surround_with(side(&[("a", "1.2.0"), ("c", "1.0.0")]));
        assert_eq!(told(&both.beside), ["c 1.0.0"]);
    }

    #[test]
    fn a_contract_that_is_served_already_existed_before() {
        let all = [served("a", "1.0.0"), served("b", "1.0.0"), served("c", "1.0.0")];
        let mut both = sides(&[("a", "1.0.0")], &[("a", "1.1.0"), ("b", "1.1.0")], false);
        both.surround_with_served(&all);
        assert_eq!(told(&both.base.contracts), ["a 1.0.0", "b 1.0.0"]);
        assert_eq!(told(&both.beside), ["c 1.0.0"]);
        // What is served of the head's contracts is the base itself.
        let mut both = sides(&[], &[("b", "1.1.0")], true);
        both.surround_with_served(&all);
        assert!(both.base.contracts.is_empty());
    }

    #[test]
    fn two_documents_of_one_contract_each_are_versions_of_one() {
        let mut both = sides(&[("a", "1.0.0")], &[("b", "1.1.0")], true);
        both.take_for_versions();
        assert_eq!(told(&both.base.contracts), ["b 1.0.0"]);
        let mut both = sides(&[("a", "1.0.0"), ("c", "1.0.0")], &[("b", "1.1.0")], true);
        both.take_for_versions();
        assert_eq!(told(&both.base.contracts), ["a 1.0.0", "c 1.0.0"]);
    }

    #[test]
    fn further_majors_count_where_the_head_has_a_document_of_them() {
        let all = [served("a", "1.0.0"), served("a", "2.0.0"), served("a", "3.0.0")];
        let head = side(&[("a", "1.1.0"), ("a", "2.0.1")]);
        let found = with_further_majors(vec![contract("a", "2.0.0")], &all, &head);
        assert_eq!(told(&found), ["a 2.0.0", "a 1.0.0"]);
        assert_eq!(told(&served_majors(&all, &side(&[("b", "1.0.0")]))), [""; 0]);
    }
}
