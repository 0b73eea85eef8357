//! Consumers planned against a catalog: does their SQL still mean something?

use crate::diagnostic::{Diagnostic, Span};
use crate::error::Result;
use crate::project::Consumer;
use crate::project::RULES;

use super::gateway::{Gateway, scanned};

/// What planning a consumer told.
#[derive(Debug, Clone)]
pub struct ConsumerPlan {
    /// The tables it reads, as `contract.table`, sorted.
    pub reads: Vec<String>,
}

/// Plans one consumer.
///
/// # Errors
/// Why it does not plan.
pub async fn plan_consumer(gateway: &Gateway, consumer: &Consumer) -> Result<ConsumerPlan> {
    let frame = gateway.plan(&consumer.source.text).await?;
    let reads = scanned(frame.logical_plan());
    Ok(ConsumerPlan { reads: reads.iter().map(|(s, t)| format!("{s}.{t}")).collect() })
}

/// Plans every consumer; those that do not plan are diagnostics at the place that is at fault.
pub async fn plan_all(gateway: &Gateway, consumers: &[Consumer]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for consumer in consumers {
        if let Err(error) = plan_consumer(gateway, consumer).await {
            let span = place(&consumer.source.text, error.message());
            let Some(rule) = RULES.iter().find(|rule| rule.meta.name == "consumer-plan") else {
                continue;
            };
            let message =
                format!("consumer '{}' does not plan: {}", consumer.name, error.message());
            found.push(
                Diagnostic::new(rule.meta, &consumer.source, span, message)
                    .maybe_hint(error.next_step().map(str::to_owned)),
            );
        }
    }
    found
}

/// Where the name at fault stands: a position in the message, else the first such word.
fn place(text: &str, message: &str) -> Span {
    if let Some((line, column)) = position(message) {
        return Span::of_position(text, line, column);
    }
    let quoted = message
        .split(['\'', '"', ' ', '.', ','])
        .filter(|word| word.len() > 2 && word.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let body = text.lines().take_while(|l| l.starts_with("--")).map(|l| l.len() + 1).sum::<usize>();
    let names = ["named", "there", "table", "field", "schema", "error", "invalid", "function"];
    for word in quoted.filter(|w| !names.contains(&w.to_lowercase().as_str())) {
        if let Some(at) = find_word(&text[body.min(text.len())..], word) {
            let start = body + at;
            return Span::of_bytes(text, start, start + word.len());
        }
    }
    Span::of_bytes(text, body, body + 1)
}

/// `… at Line: 3, Column: 8`
fn position(message: &str) -> Option<(usize, usize)> {
    let (_, rest) = message.split_once("Line: ")?;
    let (line, rest) = rest.split_once(", Column: ")?;
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((line.trim().parse().ok()?, column.parse().ok()?))
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    let lower = text.to_lowercase();
    let word = word.to_lowercase();
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    lower.match_indices(&word).map(|(at, _)| at).find(|at| {
        let before = lower[..*at].chars().next_back();
        let after = lower[at + word.len()..].chars().next();
        !is_part(before) && !is_part(after)
    })
}
