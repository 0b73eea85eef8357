//! Findings about parameters that a header does not declare, with the types that the SQL shows.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::engine::TimeLimit;
use crate::project::{Consumer, consumer_parameter, declaration, undeclared};

use super::consumers::PLANNED_WITHIN;
use super::gateway::Gateway;
use super::request::Principal;
use super::types_to_declare::types_to_declare;

/// Puts the types that the SQL shows into what findings offer for parameters that are not declared.
pub async fn offer_types(gateway: &Gateway, consumers: &[Consumer], found: &mut [Diagnostic]) {
    for consumer in consumers {
        let is_declared = |name: &str| consumer.parameters.iter().any(|p| p.name == name);
        let lacking = undeclared(&consumer.source, is_declared);
        if lacking.is_empty() {
            continue;
        }
        let text = &consumer.source.text;
        let time = TimeLimit::after(PLANNED_WITHIN);
        // What does not plan has a finding of its own.
        let Ok(frame) = gateway.plan(text, &Principal::local(), time).await else { continue };
        let names = lacking.iter().map(|u| u.name.as_str()).collect();
        let types = types_to_declare(frame.logical_plan(), &names);
        for diagnostic in found.iter_mut() {
            let is_own = diagnostic.meta.code == consumer_parameter::META.code
                && Arc::ptr_eq(&diagnostic.source, &consumer.source);
            if let Some(of) = lacking.iter().find(|u| is_own && u.span == diagnostic.span) {
                diagnostic.hint = Some(declaration(text, &of.name, &types));
            }
        }
    }
}
