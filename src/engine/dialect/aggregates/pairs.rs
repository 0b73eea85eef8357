//! What is told of pairs: correlation, covariance, and the line of least squares. Sums are kept as deviations
//! from the mean, as PostgreSQL keeps them (Youngs and Cramer), and one that leaves its range is an error.

use std::mem::size_of_val;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{ScalarValue, exec_datafusion_err, plan_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};

use crate::engine::dialect::kinds::type_name;

/// The functions, in the order of names.
const FUNCTIONS: [&str; 12] = [
    "corr",
    "covar_pop",
    "covar_samp",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
];

const STATES: [&str; 6] = ["n", "sx", "sxx", "sy", "syy", "sxy"];

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfPairs {
    name: &'static str,
    signature: Signature,
}

pub(super) fn functions() -> Vec<Arc<AggregateUDF>> {
    let made = |name| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(AggregateUDF::new_from_impl(OfPairs { name, signature }))
    };
    FUNCTIONS.map(made).to_vec()
}

impl AggregateUDFImpl for OfPairs {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        match self.name {
            "regr_count" => Ok(ScalarValue::Int64(Some(0))),
            _ => ScalarValue::try_from(data_type),
        }
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let is_number = |t: &DataType| t.is_numeric() || *t == DataType::Null;
        match types {
            [y, x] if is_number(y) && is_number(x) => Ok(vec![DataType::Float64; 2]),
            _ => {
                let types: Vec<String> = types.iter().map(type_name).collect();
                plan_err!("function {}({}) does not exist", self.name, types.join(", "))
            }
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.name == "regr_count" { DataType::Int64 } else { DataType::Float64 })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = |name: &str| {
            Arc::new(Field::new(format_state_name(args.name, name), DataType::Float64, true))
        };
        Ok(STATES.iter().map(|name| field(name)).collect())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return plan_err!("{}(distinct …) is not supported", self.name);
        }
        Ok(Box::new(Pairs { name: self.name, sums: Sums::default() }))
    }
}

/// Sums of values, and of squares and products of their deviations from the mean.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: f64,
    sx: f64,
    sxx: f64,
    sy: f64,
    syy: f64,
    sxy: f64,
}

fn overflow() -> DataFusionError {
    exec_datafusion_err!("value out of range: overflow")
}

impl Sums {
    fn add(&mut self, x: f64, y: f64) -> Result<()> {
        let before = *self;
        let n = before.n + 1.0;
        let (sx, sy) = (before.sx + x, before.sy + y);
        let mut next = Self { n, sx, sy, ..before };
        if before.n > 0.0 {
            let (dx, dy) = (x * n - sx, y * n - sy);
            let scale = 1.0 / (n * before.n);
            next.sxx += dx * dx * scale;
            next.syy += dy * dy * scale;
            next.sxy += dx * dy * scale;
            let left =
                [next.sx, next.sxx, next.sy, next.syy, next.sxy].iter().any(|v| v.is_infinite());
            let was_finite = [before.sx, x, before.sy, y].iter().all(|v| v.is_finite());
            if left && was_finite {
                return Err(overflow());
            }
            for sum in [&mut next.sxx, &mut next.syy, &mut next.sxy] {
                if sum.is_infinite() {
                    *sum = f64::NAN;
                }
            }
        } else {
            // Of what is not finite there is no deviation.
            if !x.is_finite() {
                (next.sxx, next.sxy) = (f64::NAN, f64::NAN);
            }
            if !y.is_finite() {
                (next.syy, next.sxy) = (f64::NAN, f64::NAN);
            }
        }
        *self = next;
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        if self.n == 0.0 || other.n == 0.0 {
            *self = if self.n == 0.0 { other } else { *self };
            return Ok(());
        }
        let n = self.n + other.n;
        let dx = self.sx / self.n - other.sx / other.n;
        let dy = self.sy / self.n - other.sy / other.n;
        let weight = self.n * other.n / n;
        let merged = Self {
            n,
            sx: self.sx + other.sx,
            sxx: self.sxx + other.sxx + weight * dx * dx,
            sy: self.sy + other.sy,
            syy: self.syy + other.syy + weight * dy * dy,
            sxy: self.sxy + other.sxy + weight * dx * dy,
        };
        let sums = [merged.sx, merged.sxx, merged.sy, merged.syy, merged.sxy];
        let were = [self.sx, other.sx, self.sy, other.sy];
        if sums.iter().any(|v| v.is_infinite()) && were.iter().all(|v| v.is_finite()) {
            return Err(overflow());
        }
        *self = merged;
        Ok(())
    }

    /// The result of a function; `None` where there is none.
    fn told(&self, name: &str) -> Option<f64> {
        let Self { n, sx, sxx, sy, syy, sxy } = *self;
        if n < 1.0 {
            return None;
        }
        Some(match name {
            "covar_pop" => sxy / n,
            "covar_samp" if n < 2.0 => return None,
            "covar_samp" => sxy / (n - 1.0),
            "regr_avgx" => sx / n,
            "regr_avgy" => sy / n,
            "regr_sxx" => sxx,
            "regr_syy" => syy,
            "regr_sxy" => sxy,
            "corr" if sxx == 0.0 || syy == 0.0 => return None,
            "corr" => (sxy / (sxx * syy).sqrt()).clamp(-1.0, 1.0),
            _ if sxx == 0.0 => return None,
            "regr_r2" if syy == 0.0 => 1.0,
            "regr_r2" => sxy * sxy / (sxx * syy),
            "regr_slope" => sxy / sxx,
            _ => (sy - sx * sxy / sxx) / n,
        })
    }
}

#[derive(Debug)]
struct Pairs {
    name: &'static str,
    sums: Sums,
}

impl Accumulator for Pairs {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [ys, xs] = values else { return Err(exec_datafusion_err!("pairs have two sides")) };
        let (ys, xs) = (ys.as_primitive::<Float64Type>(), xs.as_primitive::<Float64Type>());
        for (y, x) in ys.iter().zip(xs.iter()) {
            if let (Some(y), Some(x)) = (y, x) {
                self.sums.add(x, y)?;
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let states: Vec<_> = states.iter().map(|s| s.as_primitive::<Float64Type>()).collect();
        let [n, sx, sxx, sy, syy, sxy] = states.as_slice() else {
            return Err(exec_datafusion_err!("pairs have six states"));
        };
        for row in (0..n.len()).filter(|row| n.is_valid(*row)) {
            self.sums.merge(Sums {
                n: n.value(row),
                sx: sx.value(row),
                sxx: sxx.value(row),
                sy: sy.value(row),
                syy: syy.value(row),
                sxy: sxy.value(row),
            })?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let Sums { n, sx, sxx, sy, syy, sxy } = self.sums;
        Ok([n, sx, sxx, sy, syy, sxy].map(|sum| ScalarValue::Float64(Some(sum))).to_vec())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        #[expect(clippy::cast_possible_truncation, reason = "a count")]
        match self.name {
            "regr_count" => Ok(ScalarValue::Int64(Some(self.sums.n as i64))),
            name => Ok(ScalarValue::Float64(self.sums.told(name))),
        }
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_tell_what_the_whole_does() {
        let pairs = [(1.0, 2.0), (2.0, 4.5), (3.0, 5.0), (7.0, 1.0)];
        let of = |pairs: &[(f64, f64)]| {
            let mut sums = Sums::default();
            pairs.iter().for_each(|(x, y)| sums.add(*x, *y).unwrap());
            sums
        };
        let (mut first, second) = (of(&pairs[..1]), of(&pairs[1..]));
        first.merge(second).unwrap();
        for name in FUNCTIONS {
            let (parts, whole) = (first.told(name), of(&pairs).told(name));
            assert!((parts.unwrap() - whole.unwrap()).abs() < 1e-12, "{name}");
        }
    }

    #[test]
    fn a_level_line_explains_everything() {
        let mut sums = Sums::default();
        sums.add(1.0, 2.0).unwrap();
        sums.add(2.0, 2.0).unwrap();
        assert_eq!(sums.told("regr_r2"), Some(1.0));
        assert_eq!(sums.told("corr"), None);
        assert!(sums.add(1e100, 3.0).is_ok() && sums.add(-1e200, 1.0).is_err());
    }
}
