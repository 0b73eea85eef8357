//! Functions of floats: angles, and what fails outside its domain rather than answering infinity.

use std::f64::consts::PI;

use datafusion::common::exec_datafusion_err;
use datafusion::error::{DataFusionError, Result};

use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Value};

const DOUBLE: Gives = Gives::Kind(Kind::Double);

macro_rules! one {
    ($name:literal, $compute:expr) => {
        Function {
            name: $name,
            forms: &[Form::strict(&[Kind::Double], DOUBLE, |row| {
                let compute: fn(f64) -> Result<f64> = $compute;
                compute(row.double(0)).map(Value::Double)
            })],
        }
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    one!("acos", |x| within(x, 1.0).map(f64::acos)),
    one!("acosd", |x| within(x, 1.0).map(arc_cosine_in_degrees)),
    one!("acosh", |x| if x < 1.0 { Err(out_of_domain()) } else { Ok(x.acosh()) }),
    one!("asin", |x| within(x, 1.0).map(f64::asin)),
    one!("asind", |x| within(x, 1.0).map(arc_sine_in_degrees)),
    one!("asinh", |x| Ok(x.asinh())),
    one!("atan", |x| Ok(x.atan())),
    Function {
        name: "atan2",
        forms: &[Form::strict(&[Kind::Double, Kind::Double], DOUBLE, |row| {
            Ok(Value::Double(row.double(0).atan2(row.double(1))))
        })],
    },
    one!("atand", |x| Ok(x.atan() / 1_f64.atan() * 45.0)),
    Function {
        name: "atan2d",
        forms: &[Form::strict(&[Kind::Double, Kind::Double], DOUBLE, |row| {
            Ok(Value::Double(row.double(0).atan2(row.double(1)) / 1_f64.atan() * 45.0))
        })],
    },
    one!("atanh", |x| within(x, 1.0).map(f64::atanh)),
    one!("cbrt", |x| Ok(x.cbrt())),
    one!("cos", |x| finite(x).map(f64::cos)),
    one!("cosd", |x| finite(x).map(cosine_of_degrees)),
    one!("cosh", |x| Ok(x.cosh())),
    one!("cot", |x| finite(x).map(|x| 1.0 / x.tan())),
    one!("cotd", |x| finite(x).map(cotangent_of_degrees)),
    one!("degrees", |x| in_range(x, x / (PI / 180.0))),
    one!("radians", |x| in_range(x, x * (PI / 180.0))),
    one!("sin", |x| finite(x).map(f64::sin)),
    one!("sind", |x| finite(x).map(sine_of_degrees)),
    one!("sinh", |x| Ok(x.sinh())),
    one!("tan", |x| finite(x).map(f64::tan)),
    one!("tand", |x| finite(x).map(tangent_of_degrees)),
    one!("tanh", |x| Ok(x.tanh())),
];

fn out_of_domain() -> DataFusionError {
    exec_datafusion_err!("input is out of range")
}

fn within(x: f64, bound: f64) -> Result<f64> {
    match x.abs() > bound {
        true => Err(out_of_domain()),
        false => Ok(x),
    }
}

fn finite(x: f64) -> Result<f64> {
    match x.is_infinite() {
        true => Err(out_of_domain()),
        false => Ok(x),
    }
}

/// A result that has left its range is an error, unless the value was infinite before.
pub(super) fn in_range(given: f64, found: f64) -> Result<f64> {
    if found.is_infinite() && !given.is_infinite() {
        return Err(exec_datafusion_err!("value out of range: overflow"));
    }
    match found == 0.0 && given != 0.0 && !given.is_infinite() {
        true => Err(exec_datafusion_err!("value out of range: underflow")),
        false => Ok(found),
    }
}

/// Degrees are exact at the angles whose sine is: 30, 45, 60, 90.
fn sine_to_90(x: f64) -> f64 {
    match x <= 30.0 {
        true => sine_to_30(x),
        false => cosine_to_60(90.0 - x),
    }
}

fn cosine_to_90(x: f64) -> f64 {
    match x <= 60.0 {
        true => cosine_to_60(x),
        false => sine_to_30(90.0 - x),
    }
}

fn sine_to_30(x: f64) -> f64 {
    let thirty = 30_f64.to_radians_as_stored().sin();
    x.to_radians_as_stored().sin() / thirty / 2.0
}

fn cosine_to_60(x: f64) -> f64 {
    let sixty = 1.0 - 60_f64.to_radians_as_stored().cos();
    1.0 - (1.0 - x.to_radians_as_stored().cos()) / sixty / 2.0
}

trait Degrees {
    fn to_radians_as_stored(self) -> f64;
}

impl Degrees for f64 {
    /// Times the quotient, as PostgreSQL multiplies.
    fn to_radians_as_stored(self) -> f64 {
        self * (PI / 180.0)
    }
}

fn sine_of_degrees(x: f64) -> f64 {
    let (mut x, mut sign) = (x % 360.0, 1.0);
    if x < 0.0 {
        (x, sign) = (-x, -sign);
    }
    if x > 180.0 {
        (x, sign) = (360.0 - x, -sign);
    }
    sign * sine_to_90(if x > 90.0 { 180.0 - x } else { x })
}

fn cosine_of_degrees(x: f64) -> f64 {
    let (mut x, mut sign) = ((x % 360.0).abs(), 1.0);
    if x > 180.0 {
        x = 360.0 - x;
    }
    if x > 90.0 {
        (x, sign) = (180.0 - x, -sign);
    }
    sign * cosine_to_90(x)
}

fn first_half(x: f64) -> (f64, f64) {
    let (mut x, mut sign) = (x % 360.0, 1.0);
    if x < 0.0 {
        (x, sign) = (-x, -sign);
    }
    if x > 180.0 {
        (x, sign) = (360.0 - x, -sign);
    }
    if x > 90.0 {
        (x, sign) = (180.0 - x, -sign);
    }
    (x, sign)
}

fn tangent_of_degrees(x: f64) -> f64 {
    let (x, sign) = first_half(x);
    let one = sine_to_90(45.0) / cosine_to_90(45.0);
    let found = sign * (sine_to_90(x) / cosine_to_90(x) / one);
    if found == 0.0 { 0.0 } else { found }
}

fn cotangent_of_degrees(x: f64) -> f64 {
    let (x, sign) = first_half(x);
    let one = cosine_to_90(45.0) / sine_to_90(45.0);
    let found = sign * (cosine_to_90(x) / sine_to_90(x) / one);
    if found == 0.0 { 0.0 } else { found }
}

fn arc_sine_to_90(x: f64) -> f64 {
    match x <= 0.5 {
        true => x.asin() / 0.5_f64.asin() * 30.0,
        false => 90.0 - x.acos() / 0.5_f64.acos() * 60.0,
    }
}

fn arc_cosine_to_90(x: f64) -> f64 {
    match x <= 0.5 {
        true => 90.0 - x.asin() / 0.5_f64.asin() * 30.0,
        false => x.acos() / 0.5_f64.acos() * 60.0,
    }
}

fn arc_sine_in_degrees(x: f64) -> f64 {
    match x >= 0.0 {
        true => arc_sine_to_90(x),
        false => -arc_sine_to_90(-x),
    }
}

fn arc_cosine_in_degrees(x: f64) -> f64 {
    match x >= 0.0 {
        true => arc_cosine_to_90(x),
        false => 90.0 + arc_sine_to_90(-x),
    }
}
