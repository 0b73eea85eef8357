//! Thresholds: when a measured value is good. Exact: percents are compared without division.

use serde_json::{Value, json};

use crate::contract::decimal::Decimal;
use crate::contract::model::{Operator, QualityRule};

/// Failing rows out of the rows that a clause looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) struct Share {
    /// What is counted.
    pub count: u64,
    /// Out of how many.
    pub rows: u64,
}

/// What a measured value must satisfy.
#[derive(Debug, Clone)]
pub(in crate::check) struct Threshold {
    operators: Vec<Operator>,
    percent: bool,
}

impl Threshold {
    /// No row may fail.
    pub fn none_failing() -> Self {
        Self { operators: vec![Operator::MustBe("0".to_owned())], percent: false }
    }

    /// The operators and unit of a quality rule.
    pub fn of_rule(rule: &QualityRule) -> Self {
        Self {
            operators: rule.operators.iter().map(|o| o.value.clone()).collect(),
            percent: rule.percent,
        }
    }

    /// The operators of the rule's warning, in the rule's unit.
    pub fn warning_of_rule(rule: &QualityRule) -> Self {
        Self {
            operators: rule.warning.iter().map(|o| o.value.clone()).collect(),
            percent: rule.percent,
        }
    }

    /// These operators, in this unit.
    pub fn of(operators: Vec<Operator>, percent: bool) -> Self {
        Self { operators, percent }
    }

    /// Whether it is measured in percent of the rows.
    pub fn is_percent(&self) -> bool {
        self.percent
    }

    /// The measure of a count out of a number of rows: rows, or percent of them.
    pub fn measured(&self, count: u64, rows: u64) -> Value {
        if !self.percent {
            return json!(count);
        }
        #[allow(clippy::cast_precision_loss, reason = "shown, never compared")]
        let percent = if rows == 0 { 0.0 } else { count as f64 * 100.0 / rows as f64 };
        json!(percent)
    }

    /// Whether a count out of a number of rows is good.
    pub fn holds_for_count(&self, count: u64, rows: u64) -> bool {
        if !self.percent {
            return self.holds(Decimal::integer(count.into()), 1);
        }
        if rows == 0 {
            return self.holds(Decimal::integer(0), 1);
        }
        // count × 100 / rows ⋈ operand, without dividing: count × 100 ⋈ operand × rows.
        self.holds(Decimal::integer(i128::from(count) * 100), rows)
    }

    /// Whether a measured number, taken as its shortest decimal, is good.
    pub fn holds_for_float(&self, value: f64) -> bool {
        value.to_string().parse().is_ok_and(|value| self.holds(value, 1))
    }

    /// How far a measured number is from being good; zero when it is.
    pub fn distance(&self, value: f64) -> f64 {
        let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
        let beyond = |low: f64, high: f64| (low - value).max(value - high).max(0.0);
        let one = |operator: &Operator| match operator {
            Operator::MustBe(v) => (value - number(v)).abs(),
            Operator::MustNotBe(v) => f64::from(u8::from(value == number(v))),
            Operator::MustBeGreaterThan(v) | Operator::MustBeGreaterOrEqualTo(v) => {
                beyond(number(v), f64::INFINITY)
            }
            Operator::MustBeLessThan(v) | Operator::MustBeLessOrEqualTo(v) => {
                beyond(f64::NEG_INFINITY, number(v))
            }
            Operator::MustBeBetween(a, b) => beyond(number(a), number(b)),
            Operator::MustNotBeBetween(a, b) => (value - number(a)).min(number(b) - value).max(0.0),
        };
        self.operators.iter().map(one).fold(0.0, f64::max)
    }

    /// The change of a count since an earlier one, and whether it is good: in rows, or in percent.
    /// The percentage is of the earlier count where all rows are counted (`whole`), else it is the
    /// difference of the two percentages. `None` where there are no rows to take it of.
    pub fn change(&self, now: Share, then: Share, whole: bool) -> Option<(Value, bool)> {
        let signed = |n: u64| i128::from(n);
        let difference = signed(now.count) - signed(then.count);
        let (numerator, denominator) = match (self.percent, whole) {
            (false, _) => (difference, 1),
            (true, true) => (difference * 100, then.count),
            (true, false) => {
                let crossed = signed(now.count).checked_mul(signed(then.rows))?
                    - signed(then.count).checked_mul(signed(now.rows))?;
                (crossed.checked_mul(100)?, now.rows.checked_mul(then.rows)?)
            }
        };
        if denominator == 0 {
            return None;
        }
        #[allow(clippy::cast_precision_loss, reason = "shown, never compared")]
        let measured = match self.percent {
            true => json!(numerator as f64 / denominator as f64),
            false => json!(i64::try_from(numerator).unwrap_or(i64::MAX)),
        };
        Some((measured, self.holds(Decimal::integer(numerator), denominator)))
    }

    /// Whether `numerator / denominator` satisfies every operator.
    pub fn holds(&self, numerator: Decimal, denominator: u64) -> bool {
        let scaled =
            |text: &str| -> Option<Decimal> { text.parse::<Decimal>().ok()?.times(denominator) };
        self.operators.iter().all(|operator| {
            let test = |text: &str, f: fn(Decimal, Decimal) -> bool| {
                scaled(text).is_some_and(|operand| f(numerator, operand))
            };
            match operator {
                Operator::MustBe(v) => test(v, |a, b| a == b),
                Operator::MustNotBe(v) => test(v, |a, b| a != b),
                Operator::MustBeGreaterThan(v) => test(v, |a, b| a > b),
                Operator::MustBeGreaterOrEqualTo(v) => test(v, |a, b| a >= b),
                Operator::MustBeLessThan(v) => test(v, |a, b| a < b),
                Operator::MustBeLessOrEqualTo(v) => test(v, |a, b| a <= b),
                Operator::MustBeBetween(low, high) => {
                    test(low, |a, b| a >= b) && test(high, |a, b| a <= b)
                }
                Operator::MustNotBeBetween(low, high) => {
                    test(low, |a, b| a < b) || test(high, |a, b| a > b)
                }
            }
        })
    }

    /// Whether a query's answer, a number or a boolean, is good. With unit percent the answer is a
    /// number of rows, out of all rows.
    ///
    /// # Errors
    /// When the answer cannot be compared with the operators.
    pub fn holds_for_answer(&self, answer: &Value, rows: u64) -> Result<bool, String> {
        match answer {
            Value::Bool(truth) => self.holds_for_truth(*truth),
            Value::Number(n) => self.holds_for_number(&n.to_string(), rows),
            Value::String(text) => self.holds_for_number(text, rows),
            Value::Null => Err("the query answered NULL".to_owned()),
            _ => Err("the query answered neither a number nor a boolean".to_owned()),
        }
    }

    /// A query's answer in the threshold's unit.
    pub fn measured_answer(&self, answer: Value, rows: u64) -> Value {
        let count = match &answer {
            Value::Number(n) => n.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        match count {
            #[allow(clippy::cast_precision_loss, reason = "shown, never compared")]
            Some(count) if self.percent && rows > 0 => json!(count * 100.0 / rows as f64),
            _ => answer,
        }
    }

    fn holds_for_truth(&self, truth: bool) -> Result<bool, String> {
        if self.operators.is_empty() {
            return Ok(truth);
        }
        self.operators
            .iter()
            .map(|operator| match operator {
                Operator::MustBe(v) if v == "true" || v == "false" => Ok(truth == (v == "true")),
                Operator::MustNotBe(v) if v == "true" || v == "false" => Ok(truth != (v == "true")),
                // A boolean beside a number counts as 0 or 1.
                _ => Ok(self.holds(Decimal::integer(truth.into()), 1)),
            })
            .try_fold(true, |all, one: Result<bool, String>| Ok(all && one?))
    }

    fn holds_for_number(&self, text: &str, rows: u64) -> Result<bool, String> {
        if self.operators.is_empty() {
            return Err("the rule has no operator and its query answered a number".to_owned());
        }
        match text.parse::<Decimal>() {
            Ok(value) if self.percent && rows > 0 => {
                let hundredfold = value.times(100).ok_or("the answer is too large")?;
                Ok(self.holds(hundredfold, rows))
            }
            Ok(value) => Ok(self.holds(value, 1)),
            Err(_) => Err(format!("the query answered '{text}', which is not a finite number")),
        }
    }

    /// Whether zero rows would satisfy a row count with this threshold.
    pub fn allows_zero(&self) -> bool {
        self.holds(Decimal::integer(0), 1)
    }

    /// In words: `at most 5 %`.
    pub fn words(&self) -> String {
        let unit = if self.percent { " %" } else { "" };
        let one = |operator: &Operator| match operator {
            Operator::MustBe(v) => format!("{v}{unit}"),
            Operator::MustNotBe(v) => format!("not {v}{unit}"),
            Operator::MustBeGreaterThan(v) => format!("more than {v}{unit}"),
            Operator::MustBeGreaterOrEqualTo(v) => format!("at least {v}{unit}"),
            Operator::MustBeLessThan(v) => format!("less than {v}{unit}"),
            Operator::MustBeLessOrEqualTo(v) => format!("at most {v}{unit}"),
            Operator::MustBeBetween(a, b) => format!("{a} to {b}{unit}, both included"),
            Operator::MustNotBeBetween(a, b) => format!("outside {a} to {b}{unit}"),
        };
        if self.operators.is_empty() {
            return "true".to_owned();
        }
        self.operators.iter().map(one).collect::<Vec<_>>().join(" and ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threshold(operator: Operator, percent: bool) -> Threshold {
        Threshold { operators: vec![operator], percent }
    }

    #[test]
    fn percents_are_compared_exactly() {
        let third = threshold(Operator::MustBeLessThan("33.3333333333333333".into()), true);
        assert!(!third.holds_for_count(1, 3), "1 of 3 is more than 33.3333333333333333 %");
        let half = threshold(Operator::MustBeLessOrEqualTo("50".into()), true);
        assert!(half.holds_for_count(1, 2) && !half.holds_for_count(2, 3));
    }

    #[test]
    fn every_operator_means_what_it_says() {
        let holds = |o: Operator, n: u64| threshold(o, false).holds_for_count(n, 100);
        assert!(holds(Operator::MustBe("5".into()), 5) && !holds(Operator::MustBe("5".into()), 4));
        assert!(holds(Operator::MustNotBe("5".into()), 4));
        assert!(!holds(Operator::MustNotBe("5".into()), 5));
        assert!(holds(Operator::MustBeGreaterThan("5".into()), 6));
        assert!(!holds(Operator::MustBeGreaterThan("5".into()), 5));
        assert!(holds(Operator::MustBeGreaterOrEqualTo("5".into()), 5));
        assert!(holds(Operator::MustBeLessThan("5".into()), 4));
        assert!(!holds(Operator::MustBeLessThan("5".into()), 5));
        assert!(holds(Operator::MustBeLessOrEqualTo("5.5".into()), 5));
        let between = Operator::MustBeBetween("2".into(), "4".into());
        assert!(holds(between.clone(), 2) && holds(between.clone(), 4));
        assert!(!holds(between.clone(), 1) && !holds(between, 5));
        let outside = Operator::MustNotBeBetween("2".into(), "4".into());
        assert!(!holds(outside.clone(), 2) && !holds(outside.clone(), 4));
        assert!(holds(outside.clone(), 1) && holds(outside, 5));
    }

    #[test]
    fn every_operator_must_hold() {
        let operators =
            vec![Operator::MustBeGreaterThan("2".into()), Operator::MustBeLessThan("6".into())];
        let between = Threshold::of(operators, false);
        let holds = |count| between.holds_for_count(count, 100);
        assert!(holds(4) && !holds(2) && !holds(6));
    }

    #[test]
    fn of_no_rows_the_percentage_is_zero() {
        let none = threshold(Operator::MustBe("0".into()), true);
        assert!(none.holds_for_count(0, 0));
        let all = threshold(Operator::MustBe("100".into()), true);
        assert!(!all.holds_for_count(0, 0) && all.holds_for_count(3, 3));
    }

    #[test]
    fn a_change_is_signed_and_taken_of_the_earlier_count() {
        let share = |count: u64, rows: u64| Share { count, rows };
        let shrinks = threshold(Operator::MustBeGreaterOrEqualTo("-10".into()), false);
        let change = |now, then| shrinks.change(share(now, now), share(then, then), true);
        assert_eq!(change(80, 100), Some((json!(-20), false)));
        assert_eq!(change(90, 100), Some((json!(-10), true)));
        assert_eq!(change(120, 100), Some((json!(20), true)));
        let half_more = threshold(Operator::MustBe("50".into()), true);
        let change = |now, then, whole| half_more.change(now, then, whole);
        assert_eq!(change(share(150, 150), share(100, 100), true), Some((json!(50.0), true)));
        assert_eq!(change(share(5, 5), share(0, 0), true), None);
        // From 1 of 4 to 3 of 4: half of the rows.
        assert_eq!(change(share(3, 4), share(1, 4), false), Some((json!(50.0), true)));
    }

    #[test]
    fn what_cannot_be_compared_is_not_good() {
        let any = threshold(Operator::MustBeGreaterOrEqualTo("-1".into()), false);
        assert!(any.holds_for_float(0.5) && !any.holds_for_float(-1.5));
        assert!(!any.holds_for_float(f64::NAN) && !any.holds_for_float(f64::INFINITY));
    }

    #[test]
    fn only_a_threshold_that_zero_satisfies_allows_zero() {
        assert!(threshold(Operator::MustBeLessThan("1".into()), false).allows_zero());
        assert!(!threshold(Operator::MustBeGreaterThan("0".into()), false).allows_zero());
    }

    #[test]
    fn an_answer_in_percent_is_a_number_of_rows() {
        let half = threshold(Operator::MustBeLessOrEqualTo("50".into()), true);
        assert_eq!(half.holds_for_answer(&json!(2), 4), Ok(true));
        assert_eq!(half.holds_for_answer(&json!("3.00"), 4), Ok(false));
        assert_eq!(half.measured_answer(json!("3.00"), 4), json!(75.0));
    }

    #[test]
    fn answers_are_numbers_or_booleans() {
        let zero = threshold(Operator::MustBe("0".into()), false);
        assert_eq!(zero.holds_for_answer(&json!(0), 1), Ok(true));
        assert_eq!(zero.holds_for_answer(&json!("0.00"), 1), Ok(true));
        assert!(zero.holds_for_answer(&json!(null), 1).is_err());
        assert!(zero.holds_for_answer(&json!("NaN"), 1).is_err());
        let truth = threshold(Operator::MustBe("true".into()), false);
        assert_eq!(truth.holds_for_answer(&json!(true), 1), Ok(true));
        assert_eq!(truth.holds_for_answer(&json!(false), 1), Ok(false));
        let lie = threshold(Operator::MustBe("false".into()), false);
        assert_eq!(lie.holds_for_answer(&json!(true), 1), Ok(false));
        assert_eq!(lie.holds_for_answer(&json!(false), 1), Ok(true));
        let not_true = threshold(Operator::MustNotBe("true".into()), false);
        assert_eq!(not_true.holds_for_answer(&json!(true), 1), Ok(false));
        assert_eq!(not_true.holds_for_answer(&json!(false), 1), Ok(true));
        let none = Threshold { operators: Vec::new(), percent: false };
        assert_eq!(none.holds_for_answer(&json!(true), 1), Ok(true));
        assert_eq!(none.holds_for_answer(&json!(false), 1), Ok(false));
        assert!(none.holds_for_answer(&json!(1), 1).is_err());
    }
}
