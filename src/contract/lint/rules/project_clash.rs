//! ## What it does
//! Reports two contracts of a project with one id and major, with ids that differ only by case, or
//! with one SQL name; and a contract whose SQL name is that of a major of another one (`shop_v2`
//! beside `shop`), whether or not that major exists yet.
//!
//! ## Why it matters
//! A name must lead to one contract: `shop_v2` is how SQL names major 2 of `shop`.
//!
//! ## Example
//! ```yaml
//! # a.odcs.yaml and b.odcs.yaml
//! id: learning
//! version: 1.0.0
//! ```
//!
//! ## What to do instead
//! Change the id, raise the major of one, or set custom property `sqlName`.

use crate::contract::model::Contract;
use crate::contract::names::{folded, is_major_name};
use crate::diagnostic::{Diagnostic, Meta, Severity, Span};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L032", name: "project-clash", severity: Severity::Error, since: "0.1.0" };

/// Finds every clash among the contracts of a project.
pub fn check_project(contracts: &[Contract], found: &mut Vec<Diagnostic>) {
    let all: Vec<Folded<'_>> = contracts.iter().map(Folded::of).collect();
    for (n, contract) in all.iter().enumerate() {
        all[..n].iter().for_each(|other| contract.beside(other, found));
    }
}

/// Finds every clash of one contract with others.
pub fn check_beside(contract: &Contract, others: &[&Contract], found: &mut Vec<Diagnostic>) {
    let own = Folded::of(contract);
    others.iter().for_each(|other| own.beside(&Folded::of(other), found));
}

/// A contract with its names folded.
struct Folded<'a> {
    contract: &'a Contract,
    id: String,
    sql_name: String,
}

impl<'a> Folded<'a> {
    fn of(contract: &'a Contract) -> Self {
        let (id, sql_name) = (folded(&contract.id), folded(&contract.sql_name.value));
        Self { contract, id, sql_name }
    }

    fn beside(&self, other: &Self, found: &mut Vec<Diagnostic>) {
        let (own, theirs) = (self.contract, other.contract);
        let mut report = |span: Span, message: String, hint: String| {
            found.push(Diagnostic::new(&META, &own.source, span, message).hint(hint));
        };
        let id = own.tree.get("id").map_or(own.tree.span, |node| node.span);
        if own.id == theirs.id {
            if own.version.major == theirs.version.major {
                report(
                    id,
                    format!("contract '{}' major {} occurs twice", own.id, own.version.major),
                    format!(
                        "the other is {}: raise the version of one of them to {}.0.0",
                        theirs.source.name,
                        own.version.major + 1
                    ),
                );
            }
            return;
        }
        if self.id == other.id {
            report(
                id,
                format!("ids '{}' and '{}' differ only by case", own.id, theirs.id),
                format!("the other is in {}: change one of them", theirs.source.name),
            );
        }
        let name = &own.sql_name;
        let place =
            format!("'{}' in {}; set custom property sqlName", theirs.id, theirs.source.name);
        if self.sql_name == other.sql_name {
            report(
                name.span,
                format!("SQL name '{}' is taken by another contract", name.value),
                place,
            );
        } else if is_major_name(&self.sql_name, &other.sql_name) {
            let base = &theirs.sql_name.value;
            let message = format!("SQL name '{}' is that of a major of '{base}'", name.value);
            report(name.span, message, place);
        } else if is_major_name(&other.sql_name, &self.sql_name) {
            let taken = &theirs.sql_name.value;
            let message = format!(
                "a major of '{}' has the SQL name '{taken}' of another contract",
                name.value
            );
            report(name.span, message, place);
        }
    }
}
