//! How one limit relates to another: what it lets through, compared exactly.

use std::cmp::Ordering;

use crate::contract::decimal::Decimal;
use crate::contract::model::{Column, Operator};
use crate::contract::temporal;
use crate::contract::types::planned;

use super::executed;

/// How a new limit relates to the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Both let the same values through.
    Same,
    /// The new one lets fewer through.
    Tighter,
    /// The new one lets more through.
    Looser,
    /// Some that passed fail and some that failed pass, or it is unknown.
    Other,
}

impl Relation {
    /// The relation where more is let through when the value rises.
    pub fn rising(order: Option<Ordering>) -> Self {
        match order {
            Some(Ordering::Equal) => Self::Same,
            Some(Ordering::Greater) => Self::Looser,
            Some(Ordering::Less) => Self::Tighter,
            None => Self::Other,
        }
    }

    /// The relation where more is let through when the value falls.
    pub fn falling(order: Option<Ordering>) -> Self {
        Self::rising(order.map(Ordering::reverse))
    }

    /// Derived from whether all old values pass the new limit, and all new ones the old.
    pub fn of_subsets(old_in_new: bool, new_in_old: bool) -> Self {
        match (old_in_new, new_in_old) {
            (true, true) => Self::Same,
            (true, false) => Self::Looser,
            (false, true) => Self::Tighter,
            (false, false) => Self::Other,
        }
    }
}

/// One side of a column's range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `minimum` and `exclusiveMinimum`.
    Lower,
    /// `maximum` and `exclusiveMaximum`.
    Upper,
}

impl Side {
    /// The options that bound this side: with the bound itself, and without.
    pub fn options(self) -> [&'static str; 2] {
        match self {
            Self::Lower => ["minimum", "exclusiveMinimum"],
            Self::Upper => ["maximum", "exclusiveMaximum"],
        }
    }
}

/// How one side of a range changed.
pub fn side(base: &Column, head: &Column, side: Side) -> Relation {
    let (old, new) = (bounds(base, side), bounds(head, side));
    if old == new {
        return Relation::Same;
    }
    match (tightest(&old, side), tightest(&new, side)) {
        (Ok(None), Ok(None)) => Relation::Same,
        (Ok(None), Ok(Some(_))) => Relation::Tighter,
        (Ok(Some(_)), Ok(None)) => Relation::Looser,
        (Ok(Some(old)), Ok(Some(new))) => {
            // What the old bound lets through in addition, the new one excludes.
            Relation::falling(old.compare(new, side))
        }
        _ => Relation::Other,
    }
}

#[derive(PartialEq, Eq)]
struct Bound {
    text: String,
    open: bool,
    /// The zone that an instant without an offset is read in.
    zone: String,
}

enum Value {
    Number(Decimal),
    Instant(i128),
}

impl Value {
    fn of(text: &str, zone: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Some(Self::Number(number));
        }
        if let Some(time) = temporal::time(text) {
            let midnight = time.signed_duration_since(chrono::NaiveTime::MIN);
            return midnight.num_nanoseconds().map(|n| Self::Instant(n.into()));
        }
        temporal::timestamp(text)?.nanoseconds(Some(zone)).map(Self::Instant)
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Instant(a), Self::Instant(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

impl Bound {
    /// The closed bound that lets the same whole numbers through.
    fn of_whole_numbers(self, side: Side) -> Self {
        let least = |value: Decimal| match self.open {
            true => value.floor_at(0).map(|n| n + 1),
            false => value.ceil_at(0),
        };
        let most = |value: Decimal| match self.open {
            true => value.ceil_at(0).map(|n| n - 1),
            false => value.floor_at(0),
        };
        let value = self.text.parse::<Decimal>().ok();
        let number = match side {
            Side::Lower => value.and_then(least),
            Side::Upper => value.and_then(most),
        };
        match number {
            Some(number) => Self { text: number.to_string(), open: false, ..self },
            None => self,
        }
    }

    /// How much more than another bound this one lets through: greater where it lets more.
    fn compare(&self, other: &Self, side: Side) -> Option<Ordering> {
        let values = (Value::of(&self.text, &self.zone)?, Value::of(&other.text, &other.zone)?);
        let order = values.0.compare(&values.1)?;
        let order = if side == Side::Lower { order.reverse() } else { order };
        // At equal values, the closed bound lets one more through.
        Some(order.then(other.open.cmp(&self.open)))
    }
}

fn bounds(column: &Column, side: Side) -> Vec<Bound> {
    let [closed, open] = side.options();
    let whole = planned(column).is_integer();
    let bound = |option: &str, open| {
        let text = executed::option(column, option)?.scalar_text()?;
        let zone = column.options.text("defaultTimezone").unwrap_or_else(|| "Etc/UTC".to_owned());
        let bound = Bound { text, open, zone };
        Some(if whole { bound.of_whole_numbers(side) } else { bound })
    };
    bound(closed, false).into_iter().chain(bound(open, true)).collect()
}

/// The bound that decides, of at most two.
fn tightest(bounds: &[Bound], side: Side) -> Result<Option<&Bound>, ()> {
    match bounds {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        [a, b, ..] => match a.compare(b, side) {
            Some(Ordering::Greater) => Ok(Some(b)),
            Some(_) => Ok(Some(a)),
            None => Err(()),
        },
    }
}

/// How the operators of a quality rule changed; `whole` where only whole numbers are measured.
pub fn operators(old: &[Operator], new: &[Operator], whole: bool) -> Relation {
    let same = old.len() == new.len() && old.iter().all(|o| new.contains(o));
    if same {
        return Relation::Same;
    }
    // Without an operator the query itself defines what is good.
    if old.is_empty() || new.is_empty() {
        return Relation::Other;
    }
    match (Ranges::of(old, whole), Ranges::of(new, whole)) {
        (Some(old), Some(new)) => Relation::of_subsets(old.within(&new), new.within(&old)),
        _ => Relation::Other,
    }
}

/// An end of an interval: `None` is infinity; open where the number itself is outside.
type End = Option<(Decimal, bool)>;

/// Numbers as intervals that do not touch.
struct Ranges(Vec<(End, End)>);

impl Ranges {
    fn of(operators: &[Operator], whole: bool) -> Option<Self> {
        let mut all = Self(vec![(None, None)]);
        for operator in operators {
            all = all.and(&Self::of_one(operator)?);
        }
        if whole {
            let zero = Some((Decimal::integer(0), false));
            all = all.and(&Self(vec![(zero, None)]));
            all.0 = all.0.into_iter().filter_map(whole_numbers).collect();
        }
        Some(all)
    }

    fn of_one(operator: &Operator) -> Option<Self> {
        let end = |text: &str, open: bool| Some(Some((text.parse::<Decimal>().ok()?, open)));
        Some(Self(match operator {
            Operator::MustBe(v) => vec![(end(v, false)?, end(v, false)?)],
            Operator::MustNotBe(v) => vec![(None, end(v, true)?), (end(v, true)?, None)],
            Operator::MustBeGreaterThan(v) => vec![(end(v, true)?, None)],
            Operator::MustBeGreaterOrEqualTo(v) => vec![(end(v, false)?, None)],
            Operator::MustBeLessThan(v) => vec![(None, end(v, true)?)],
            Operator::MustBeLessOrEqualTo(v) => vec![(None, end(v, false)?)],
            Operator::MustBeBetween(a, b) => vec![(end(a, false)?, end(b, false)?)],
            Operator::MustNotBeBetween(a, b) => {
                vec![(None, end(a, true)?), (end(b, true)?, None)]
            }
        }))
    }

    fn and(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        for (a, b) in &self.0 {
            for (c, d) in &other.0 {
                let low = if lower_within(*a, *c) { *a } else { *c };
                let high = if upper_within(*b, *d) { *b } else { *d };
                if !is_empty(low, high) {
                    both.push((low, high));
                }
            }
        }
        Self(both)
    }

    fn within(&self, other: &Self) -> bool {
        self.0
            .iter()
            .all(|(a, b)| other.0.iter().any(|(c, d)| lower_within(*a, *c) && upper_within(*b, *d)))
    }
}

/// Whether a lower end lets nothing through that another does not.
fn lower_within(a: End, b: End) -> bool {
    match (a, b) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some((x, open)), Some((y, other))) => x > y || (x == y && (open || !other)),
    }
}

/// Whether an upper end lets nothing through that another does not.
fn upper_within(a: End, b: End) -> bool {
    match (a, b) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some((x, open)), Some((y, other))) => x < y || (x == y && (open || !other)),
    }
}

fn is_empty(low: End, high: End) -> bool {
    match (low, high) {
        (Some((a, x)), Some((b, y))) => a > b || (a == b && (x || y)),
        _ => false,
    }
}

/// The whole numbers of an interval, with closed ends.
fn whole_numbers((low, high): (End, End)) -> Option<(End, End)> {
    let raised = |(value, open): (Decimal, bool)| {
        let up = value.ceil_at(0)?;
        Some(if open && Decimal::integer(up) == value { up + 1 } else { up })
    };
    let lowered = |(value, open): (Decimal, bool)| {
        let down = value.floor_at(0)?;
        Some(if open && Decimal::integer(down) == value { down - 1 } else { down })
    };
    let end = |number: i128| Some((Decimal::integer(number), false));
    let low = match low {
        Some(low) => end(raised(low)?),
        None => None,
    };
    let high = match high {
        Some(high) => end(lowered(high)?),
        None => None,
    };
    (!is_empty(low, high)).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_compared_by_what_they_let_through() {
        use Operator as O;
        let t = |s: &str| s.to_owned();
        let less = |s| vec![O::MustBeLessThan(t(s))];
        let most = |s| vec![O::MustBeLessOrEqualTo(t(s))];
        let zero = vec![O::MustBe(t("0"))];
        for (old, new, whole, expected) in [
            (less("1"), zero.clone(), true, Relation::Same),
            (less("1"), zero.clone(), false, Relation::Tighter),
            (zero.clone(), most("5"), true, Relation::Looser),
            (most("5"), most("5.0"), false, Relation::Same),
            (most("5"), most("5.5"), true, Relation::Same),
            (most("5"), less("5"), false, Relation::Tighter),
            (most("5"), vec![O::MustBeGreaterThan(t("5"))], false, Relation::Other),
            (
                vec![O::MustNotBe(t("3"))],
                vec![O::MustNotBeBetween(t("2"), t("4"))],
                false,
                Relation::Tighter,
            ),
            (
                vec![O::MustBeBetween(t("1"), t("9"))],
                vec![O::MustBeGreaterOrEqualTo(t("1")), O::MustBeLessOrEqualTo(t("9"))],
                false,
                Relation::Same,
            ),
            (zero, vec![O::MustBe(t("true"))], false, Relation::Other),
        ] {
            assert_eq!(operators(&old, &new, whole), expected, "{old:?} {new:?}");
        }
    }
}
