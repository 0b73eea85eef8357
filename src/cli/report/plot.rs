//! Small plots as SVG: bars of a distribution with its axes, shares of values.

use maud::{Markup, html};

use crate::cli::output::thousands;

use super::distribution::Distribution;

const WIDTH: f64 = 288.0;
/// Left of the bars: the greatest count.
const LEFT: f64 = 44.0;
const TOP: f64 = 8.0;
/// Where the bars stand.
const GROUND: f64 = 84.0;
/// Where the quartiles are drawn.
const BOX: f64 = 92.0;
const HEIGHT: f64 = 114.0;
/// Whole numbers that are written below their bars, at most.
const MOST_LABELS: usize = 13;

/// A distribution. `label` writes a value of the axis.
pub(super) fn histogram(
    found: &Distribution,
    release: &str,
    label: impl Fn(f64) -> String,
) -> Markup {
    let most = found.bars.iter().chain(found.behind.iter().flatten()).copied().fold(0.0, f64::max);
    let most = if most > 0.0 { most } else { 1.0 };
    let (first, last) = match found.each {
        true => (found.low + 0.5, found.high - 0.5),
        false => (found.low, found.high),
    };
    let caption = format!("distribution from {} to {}", label(first), label(last));
    let number = found.bars.len();
    #[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
    let step = (WIDTH - LEFT) / number.max(1) as f64;
    let gap = if found.each { 0.7 } else { 0.9 };
    let shown = |bar: usize| bar_title(found, bar, release, &label);
    html! {
        svg class="plot" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(caption) {
            title { (caption) }
            line class="grid" x1=(n(LEFT)) x2=(n(WIDTH)) y1=(n(TOP)) y2=(n(TOP)) {}
            line class="axis" x1=(n(LEFT)) x2=(n(WIDTH)) y1=(n(GROUND)) y2=(n(GROUND)) {}
            text class="end" x=(n(LEFT - 5.0)) y=(n(TOP + 4.0)) { (greatest(found, most)) }
            text class="end" x=(n(LEFT - 5.0)) y=(n(GROUND + 1.0)) { "0" }
            @for bar in 0..number {
                g {
                    title { (shown(bar)) }
                    @if let Some(share) = found.behind.as_ref().and_then(|b| b.get(bar)) {
                        (rectangle("behind", bar, (step, 1.0), share / most))
                    }
                    @let share = found.bars.get(bar).copied().unwrap_or_default();
                    (rectangle("bar", bar, (step, gap), share / most))
                }
            }
            (quartiles(found))
            @for (name, bound) in &found.bounds {
                @let x = n(across(found, *bound));
                line class="bound" x1=(x) x2=(x) y1=(n(TOP - 4.0)) y2=(n(GROUND)) {
                    title { (name) " " (label(*bound)) }
                }
            }
            (labels(found, (first, last), &label))
        }
    }
}

/// A number of SVG.
fn n(value: f64) -> String {
    format!("{value:.2}")
}

fn across(found: &Distribution, value: f64) -> f64 {
    LEFT + found.place(value).clamp(0.0, 1.0) * (WIDTH - LEFT)
}

#[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
fn rectangle(class: &str, bar: usize, (step, part): (f64, f64), share: f64) -> Markup {
    // A bar that counts anything is visible.
    let height = if share > 0.0 { (share * (GROUND - TOP)).max(1.0) } else { 0.0 };
    let x = LEFT + step * (bar as f64 + (1.0 - part) / 2.0);
    html! {
        rect class=(class) x=(n(x)) y=(n(GROUND - height)) width=(n(step * part)) height=(n(height)) {}
    }
}

/// The count of the highest bar; a share where two distributions are compared.
fn greatest(found: &Distribution, most: f64) -> String {
    match found.behind {
        Some(_) => format!("{:.0} %", most * 100.0),
        None => counted(found, most),
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bars are drawn"
)]
fn counted(found: &Distribution, share: f64) -> String {
    let count = (share * found.values as f64).round() as u64;
    let about = if found.is_sample { "~" } else { "" };
    format!("{about}{}", thousands(count))
}

fn bar_title(
    found: &Distribution,
    bar: usize,
    release: &str,
    label: &impl Fn(f64) -> String,
) -> String {
    let (low, high) = found.ends(bar);
    let place = match found.each {
        true => label((low + high) / 2.0),
        false => format!("{} to {}", label(low), label(high)),
    };
    let share = found.bars.get(bar).copied().unwrap_or_default();
    let own = format!("{place}: {} ({:.1} %)", counted(found, share), share * 100.0);
    match found.behind.as_ref().and_then(|behind| behind.get(bar)) {
        Some(share) => format!("{own}; {release}: {:.1} %", share * 100.0),
        None => own,
    }
}

/// The middle half of the values, with the median.
fn quartiles(found: &Distribution) -> Markup {
    html! {
        @if let Some([first, median, third]) = found.quartiles {
            @let ends = (across(found, first), across(found, third));
            rect class="half" x=(n(ends.0)) y=(n(BOX - 3.0)) height="6" rx="3"
                width=(n((ends.1 - ends.0).max(1.0))) { title { "the middle half of the values" } }
            line class="median" x1=(n(across(found, median))) x2=(n(across(found, median)))
                y1=(n(BOX - 5.0)) y2=(n(BOX + 5.0)) { title { "the median" } }
        }
    }
}

/// Below the axis: every whole number where they are few, else both ends.
fn labels(found: &Distribution, ends: (f64, f64), label: &impl Fn(f64) -> String) -> Markup {
    let y = n(HEIGHT - 3.0);
    let few = found.each && found.bars.len() <= MOST_LABELS;
    html! {
        @if few {
            @for bar in 0..found.bars.len() {
                @let (low, high) = found.ends(bar);
                text class="middle" x=(n(across(found, (low + high) / 2.0))) y=(y) {
                    (label((low + high) / 2.0))
                }
            }
        } @else {
            text x=(n(LEFT)) y=(y) { (label(ends.0)) }
            text class="end" x=(n(WIDTH)) y=(y) { (label(ends.1)) }
        }
    }
}

/// A share as a bar behind its words.
#[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
pub(super) fn share(count: u64, of: u64, words: &str) -> Markup {
    let percent = if of == 0 { 0.0 } else { count as f64 * 100.0 / of as f64 };
    html! {
        div class="share" style=(format!("--share:{percent:.2}%")) {
            span { (words) }
            span class="count" { (thousands(count)) " (" (format!("{percent:.1}")) " %)" }
        }
    }
}
