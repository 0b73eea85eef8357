//! `+`, `-`, `*` and `/` where a side is a date, a time or an interval.

use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::super::intervals::scaled::{divided, multiplied};
use super::super::intervals::span::Span;
use super::super::overloads::{Overload, call, wrong};
use super::super::values::{Kind, Value};
use super::calendar::{checked_day, instant};
use super::moved::{between, time, timestamp};

macro_rules! forms {
    ($run:ident: $(($left:ident, $right:ident) => $gives:ident),* $(,)?) => {
        &[$(Overload {
            takes: &[Kind::$left, Kind::$right],
            gives: Kind::$gives,
            run: $run,
        }),*]
    };
}

const PLUS: &[Overload] = forms!(plus:
    (Date, Integer) => Date,
    (Integer, Date) => Date,
    (Date, Interval) => Timestamp,
    (Interval, Date) => Timestamp,
    (Date, Time) => Timestamp,
    (Time, Date) => Timestamp,
    (Timestamp, Interval) => Timestamp,
    (Interval, Timestamp) => Timestamp,
    (Instant, Interval) => Instant,
    (Interval, Instant) => Instant,
    (Time, Interval) => Time,
    (Interval, Time) => Time,
    (Interval, Interval) => Interval,
);

const MINUS: &[Overload] = forms!(minus:
    (Date, Integer) => Date,
    (Date, Date) => Integer,
    (Date, Interval) => Timestamp,
    (Timestamp, Interval) => Timestamp,
    (Instant, Interval) => Instant,
    (Time, Interval) => Time,
    (Interval, Interval) => Interval,
    (Timestamp, Timestamp) => Interval,
    (Instant, Instant) => Interval,
    (Time, Time) => Interval,
);

const TIMES: &[Overload] = forms!(times:
    (Interval, Float) => Interval,
    (Float, Interval) => Interval,
);

const PART: &[Overload] = forms!(part: (Interval, Float) => Interval);

/// The operation as a call; `None` for operators that times do not have.
pub(in super::super) fn operation(op: &BinaryOperator, left: Expr, right: Expr) -> Option<Expr> {
    let (name, overloads) = match op {
        BinaryOperator::Plus => ("time_plus", PLUS),
        BinaryOperator::Minus => ("time_minus", MINUS),
        BinaryOperator::Multiply => ("interval_times", TIMES),
        BinaryOperator::Divide => ("interval_part", PART),
        _ => return None,
    };
    Some(call(name, overloads, vec![left, right]))
}

fn later(day: i32, by: i64) -> Result<Value<'static>> {
    checked_day(i64::from(day) + by).map(Value::Date)
}

fn plus(values: &[Value<'_>]) -> Result<Value<'static>> {
    use Value::{Date, Instant, Integer, Interval, Time, Timestamp};
    Ok(match values {
        [Date(day), Integer(by)] | [Integer(by), Date(day)] => return later(*day, (*by).into()),
        [Date(day), Time(micros)] | [Time(micros), Date(day)] => {
            Timestamp(instant((*day).into(), *micros)?)
        }
        [Date(day), Interval(by)] | [Interval(by), Date(day)] => {
            Timestamp(timestamp(instant((*day).into(), 0)?, *by)?)
        }
        [Timestamp(at), Interval(by)] | [Interval(by), Timestamp(at)] => {
            Timestamp(timestamp(*at, *by)?)
        }
        [Instant(at), Interval(by)] | [Interval(by), Instant(at)] => Instant(timestamp(*at, *by)?),
        [Time(at), Interval(by)] | [Interval(by), Time(at)] => Time(time(*at, *by)),
        [Interval(a), Interval(b)] => Interval(a.plus(*b)?),
        _ => return wrong(values),
    })
}

fn minus(values: &[Value<'_>]) -> Result<Value<'static>> {
    use Value::{Date, Instant, Integer, Interval, Time, Timestamp};
    Ok(match values {
        [Date(day), Integer(by)] => return later(*day, -i64::from(*by)),
        [Date(end), Date(begin)] => {
            let days = i64::from(*end) - i64::from(*begin);
            return i32::try_from(days)
                .map(Integer)
                .map_err(|_| datafusion::common::exec_datafusion_err!("integer out of range"));
        }
        [Timestamp(end), Timestamp(begin)] | [Instant(end), Instant(begin)] => {
            Interval(between(*begin, *end)?)
        }
        [Time(end), Time(begin)] => Interval(Span { micros: end - begin, ..Span::default() }),
        [Interval(a), Interval(b)] => Interval(a.minus(*b)?),
        [at, Interval(by)] => return plus(&[at.clone(), Interval(by.negated()?)]),
        _ => return wrong(values),
    })
}

fn times(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Interval(span), Value::Float(factor)]
        | [Value::Float(factor), Value::Interval(span)] => {
            multiplied(*span, *factor).map(Value::Interval)
        }
        _ => wrong(values),
    }
}

fn part(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Interval(span), Value::Float(divisor)] => {
            divided(*span, *divisor).map(Value::Interval)
        }
        _ => wrong(values),
    }
}
