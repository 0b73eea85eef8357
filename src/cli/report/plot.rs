//! Small plots as SVG: bars of a distribution, shares of values.

use maud::{Markup, html};

use crate::profile::Histogram;

const WIDTH: f64 = 168.0;
const HEIGHT: f64 = 36.0;

/// A histogram. Its two ends are in its caption, so that it can be read aloud.
pub(super) fn histogram(found: &Histogram, low: &str, high: &str) -> Markup {
    let most = found.bars.iter().copied().max().unwrap_or(1).max(1);
    #[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
    let step = WIDTH / found.bars.len().max(1) as f64;
    let caption = format!("distribution from {low} to {high}");
    html! {
        svg class="plot" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(caption) {
            title { (caption) }
            @for (n, count) in found.bars.iter().enumerate() {
                @let bar = bar(n, *count, most, step);
                rect x=(bar.0) y=(bar.1) width=(format!("{:.2}", step * 0.86)) height=(bar.2) {}
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
fn bar(n: usize, count: u64, most: u64, step: f64) -> (String, String, String) {
    // A bar that counts anything is visible.
    let height = match count {
        0 => 0.0,
        count => (count as f64 / most as f64 * HEIGHT).max(1.0),
    };
    let number = |v: f64| format!("{v:.2}");
    (number(n as f64 * step), number(HEIGHT - height), number(height))
}

/// A share as a bar behind its words.
#[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
pub(super) fn share(count: u64, of: u64, words: &str) -> Markup {
    let percent = if of == 0 { 0.0 } else { count as f64 * 100.0 / of as f64 };
    html! {
        div class="share" style=(format!("--share:{percent:.2}%")) {
            span { (words) }
            span class="count" { (format!("{percent:.1} %")) }
        }
    }
}
