//! Functions of several types of arguments, chosen as PostgreSQL chooses: what fits exactly first, then
//! what a value becomes by itself, with timestamps of a zone and floats preferred.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, exec_err, plan_datafusion_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::kinds::type_name;
use super::values::{Kind, Value};

/// What a function does with the values of a row.
pub(super) type Run = fn(&[Value<'_>]) -> Result<Value<'static>>;

/// One way to call a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Overload {
    pub takes: &'static [Kind],
    pub gives: Kind,
    pub run: Run,
}

/// Chooses the result's kind by constant arguments.
type Shape = fn(&[Option<&ScalarValue>], &Overload) -> Result<Kind>;

/// A function by its overloads.
#[derive(Debug)]
pub(super) struct Overloaded {
    name: &'static str,
    overloads: &'static [Overload],
    shape: Option<Shape>,
    /// Whether a last argument tells which rows matter.
    is_guarded: bool,
    signature: Signature,
}

impl PartialEq for Overloaded {
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.is_guarded) == (other.name, other.is_guarded)
    }
}

impl Eq for Overloaded {}

impl Hash for Overloaded {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, self.is_guarded).hash(state);
    }
}

/// A function of SQL.
pub(super) fn function(name: &'static str, overloads: &'static [Overload]) -> ScalarUDF {
    shaped(name, overloads, None)
}

/// A function whose result's kind depends on a constant argument.
pub(super) fn shaped(
    name: &'static str,
    overloads: &'static [Overload],
    shape: Option<Shape>,
) -> ScalarUDF {
    made(name, overloads, shape, false)
}

fn made(
    name: &'static str,
    overloads: &'static [Overload],
    shape: Option<Shape>,
    is_guarded: bool,
) -> ScalarUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    ScalarUDF::new_from_impl(Overloaded { name, overloads, shape, is_guarded, signature })
}

fn called(expression: &Expr) -> Option<&Overloaded> {
    match expression {
        Expr::ScalarFunction(call) => call.func.inner().downcast_ref(),
        _ => None,
    }
}

/// Functions that fail for no value: for the name of a part at most, which is the same in every row.
const INFALLIBLE: &[&str] =
    &["date_part", "extract", "interval_length", "isfinite", "time_to_text", "to_char"];

/// Whether an expression is a call of such a function that may fail.
pub(super) fn is_fallible(expression: &Expr) -> bool {
    called(expression).is_some_and(|called| !INFALLIBLE.contains(&called.name))
}

/// The call with a guard: NULL for rows for which the guard is not true, whatever they hold.
///
/// # Errors
/// Gives back what is not such a call.
pub(super) fn guarded(expression: Expr, guard: &Expr) -> Result<Expr, Box<Expr>> {
    let Some(Overloaded { name, overloads, shape, is_guarded, .. }) = called(&expression) else {
        return Err(Box::new(expression));
    };
    let function = made(name, overloads, *shape, true);
    let is_guarded = *is_guarded;
    let Expr::ScalarFunction(mut call) = expression else { return Err(Box::new(expression)) };
    let guard = match is_guarded {
        true => call.args.pop().map_or(guard.clone(), |inner| inner.and(guard.clone())),
        false => guard.clone(),
    };
    call.args.push(guard);
    Ok(Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), call.args)))
}

/// A call of a function that is made of few overloads, by the planner.
pub(super) fn call(
    name: &'static str,
    overloads: &'static [Overload],
    arguments: Vec<Expr>,
) -> Expr {
    let function = Arc::new(function(name, overloads));
    Expr::ScalarFunction(ScalarFunction::new_udf(function, arguments))
}

/// How well a type fits a kind; `None` where it does not become it by itself.
fn fit(given: &DataType, wanted: Kind) -> Option<u32> {
    use Kind::{Bigint, Date, Float, Instant, Integer, Numeric, Text, Timestamp};
    match given {
        // NULL and quoted literals are of any type.
        DataType::Null => return Some(1),
        DataType::Utf8View => return Some(if wanted == Text { 2 } else { 1 }),
        _ => {}
    }
    let kind = Kind::of(given)?;
    let is_same = match (kind, wanted) {
        (Numeric(..), Numeric(..)) => true,
        // A whole number is taken for the other where there is none of its own.
        (Integer | Bigint, Integer | Bigint) => true,
        (kind, wanted) => kind == wanted,
    };
    if is_same {
        return Some(if kind == wanted { 101 } else { 100 });
    }
    match (kind, wanted) {
        (Date | Timestamp, Instant) | (Integer | Bigint | Numeric(..) | Kind::Real, Float) => {
            Some(3)
        }
        (Date, Timestamp) | (Integer | Bigint, Numeric(..)) => Some(2),
        _ => None,
    }
}

/// The overload that quoted arguments mean where several fit: all of its values are of one type, or they
/// are points in time, of which those of a zone are preferred.
fn preferred<'a>(types: &[DataType], tied: &[&'a Overload]) -> Option<&'a Overload> {
    use Kind::{Date, Instant, Time, Timestamp};
    let known: Vec<Kind> = types.iter().filter_map(Kind::of).collect();
    if let ([known], 2) = (known.as_slice(), types.len()) {
        let same = tied.iter().find(|o| o.takes.iter().all(|kind| kind == known));
        if let Some(same) = same {
            return Some(same);
        }
    }
    let differs = |at: usize| {
        let kinds: Vec<_> = tied.iter().map(|o| o.takes.get(at)).collect();
        kinds.windows(2).any(|pair| pair.first() != pair.last())
    };
    let is_open = |at: &usize| types.get(*at) == Some(&DataType::Utf8View) && differs(*at);
    let quoted: Vec<usize> = (0..types.len()).filter(is_open).collect();
    let is_point = |o: &&&Overload| {
        let mut kinds = quoted.iter().filter_map(|at| o.takes.get(*at));
        kinds.all(|kind| matches!(kind, Date | Time | Timestamp | Instant | Kind::Text))
    };
    let of_zone = |o: &&&Overload| quoted.iter().any(|at| o.takes.get(*at) == Some(&Instant));
    match tied.iter().all(|o| is_point(&o)) {
        true => tied.iter().find(|o| of_zone(o)).copied(),
        false => None,
    }
}

impl Overloaded {
    /// What is given for the arguments, without the guard.
    fn arguments<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        match (self.is_guarded, all) {
            (true, [arguments @ .., _]) => arguments,
            _ => all,
        }
    }

    fn chosen(&self, types: &[DataType]) -> Result<&Overload> {
        let types = self.arguments(types);
        let score = |overload: &Overload| -> Option<u32> {
            if overload.takes.len() != types.len() {
                return None;
            }
            types.iter().zip(overload.takes).map(|(given, wanted)| fit(given, *wanted)).sum()
        };
        let scored: Vec<(u32, &Overload)> =
            self.overloads.iter().filter_map(|o| Some((score(o)?, o))).collect();
        let Some(most) = scored.iter().map(|(score, _)| *score).max() else {
            return plan_err!("function {} does not exist", self.told(types));
        };
        let best: Vec<&Overload> =
            scored.iter().filter(|(score, _)| *score == most).map(|(_, o)| *o).collect();
        match best.as_slice() {
            [one] => Ok(one),
            [first, ..] if !types.contains(&DataType::Utf8View) => Ok(first),
            tied => match preferred(types, tied) {
                Some(one) => Ok(one),
                None => plan_err!("function {} is not unique", self.told(types)),
            },
        }
    }

    fn told(&self, types: &[DataType]) -> String {
        let told = |data_type: &DataType| match data_type {
            DataType::Utf8View => "unknown".to_owned(),
            other => type_name(other),
        };
        let types: Vec<String> = types.iter().map(told).collect();
        format!("{}({})", self.name, types.join(", "))
    }

    fn rows(
        &self,
        overload: &Overload,
        arguments: &[ColumnarValue],
        rows: usize,
    ) -> Result<Vec<Value<'static>>> {
        let arrays = arguments.iter().map(|argument| match argument {
            ColumnarValue::Array(array) => Ok((Arc::clone(array), false)),
            ColumnarValue::Scalar(scalar) => Ok((scalar.to_array()?, true)),
        });
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let mut found = Vec::with_capacity(rows);
        let mut values = Vec::with_capacity(arrays.len());
        for row in 0..rows {
            values.clear();
            for ((array, is_one), kind) in arrays.iter().zip(overload.takes) {
                let kind = match (kind, array.data_type()) {
                    (Kind::Numeric(..), DataType::Decimal128(digits, scale)) => {
                        Kind::Numeric(*digits, *scale)
                    }
                    _ => *kind,
                };
                values.push(kind.value(array, if *is_one { 0 } else { row })?);
            }
            let is_hidden = match arrays.get(overload.takes.len()) {
                Some((guard, is_one)) => {
                    let row = if *is_one { 0 } else { row };
                    Kind::Boolean.value(guard, row)? != Value::Boolean(true)
                }
                None => false,
            };
            let has_null = values.contains(&Value::Null);
            found.push(match is_hidden || has_null {
                true => Value::Null,
                false => (overload.run)(&values)?,
            });
        }
        Ok(found)
    }
}

impl ScalarUDFImpl for Overloaded {
    fn name(&self) -> &'static str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let overload = self.chosen(types)?;
        let fitted =
            types.iter().zip(overload.takes).map(|(given, wanted)| match (given, wanted) {
                (DataType::Decimal128(..), Kind::Numeric(..)) => given.clone(),
                _ => wanted.data_type(),
            });
        let guard = types.iter().skip(overload.takes.len()).cloned();
        Ok(fitted.chain(guard).collect())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(self.chosen(types)?.gives.data_type())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        let overload = self.chosen(&types)?;
        let kind = match self.shape {
            Some(shape) => shape(args.scalar_arguments, overload)?,
            None => overload.gives,
        };
        Ok(Arc::new(Field::new(self.name, kind.data_type(), true)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let types: Vec<DataType> =
            arguments.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        let overload = self.chosen(&types)?;
        let is_scalar = arguments.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { arguments.number_rows };
        let values = self.rows(overload, &arguments.args, rows)?;
        let kind = Kind::of(arguments.return_type())
            .ok_or_else(|| plan_datafusion_err!("{} has no such result", self.name))?;
        let found = kind.array(values)?;
        match is_scalar {
            true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?)),
            false => Ok(ColumnarValue::Array(found)),
        }
    }
}

/// What a function is told that is called otherwise than its overloads say.
pub(super) fn wrong(values: &[Value<'_>]) -> Result<Value<'static>> {
    exec_err!("unexpected values: {values:?}")
}
