//! A function as the engine calls it, with or without a guard.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{CastOptions, cast_with_options, not, nullif, prep_null_mask_filter};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, exec_datafusion_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::{Body, Form, Function, Gives, Output, Rows, Value};

/// A function as the engine calls it.
#[derive(Debug)]
pub(super) struct Called {
    pub function: &'static Function,
    /// Whether a last argument tells which rows matter.
    is_guarded: bool,
    signature: Signature,
}

impl PartialEq for Called {
    fn eq(&self, other: &Self) -> bool {
        (self.function.name, self.is_guarded) == (other.function.name, other.is_guarded)
    }
}

impl Eq for Called {}

impl Hash for Called {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.function.name, self.is_guarded).hash(state);
    }
}

/// A function for the engine.
pub(in super::super) fn udf(function: &'static Function) -> Arc<ScalarUDF> {
    made(function, false)
}

fn made(function: &'static Function, is_guarded: bool) -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(Called { function, is_guarded, signature }))
}

/// A call of a function.
pub(in super::super) fn call(function: &'static Function, arguments: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(udf(function), arguments))
}

pub(super) fn called(expression: &Expr) -> Option<&Called> {
    match expression {
        Expr::ScalarFunction(call) => call.func.inner().downcast_ref(),
        _ => None,
    }
}

/// The call with a guard: NULL for rows for which the guard is not true, whatever they hold.
///
/// # Errors
/// Gives back what is not such a call.
pub(in super::super) fn guarded(expression: Expr, guard: &Expr) -> Result<Expr, Box<Expr>> {
    let Some(Called { function, is_guarded, .. }) = called(&expression) else {
        return Err(Box::new(expression));
    };
    let (function, is_guarded) = (*function, *is_guarded);
    let Expr::ScalarFunction(mut call) = expression else { return Err(Box::new(expression)) };
    let guard = match is_guarded {
        true => call.args.pop().map_or(guard.clone(), |inner| inner.and(guard.clone())),
        false => guard.clone(),
    };
    call.args.push(guard);
    Ok(Expr::ScalarFunction(ScalarFunction::new_udf(made(function, true), call.args)))
}

impl Called {
    /// The types of the arguments, without the guard's.
    fn arguments<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        match (self.is_guarded, all) {
            (true, [arguments @ .., _]) => arguments,
            _ => all,
        }
    }

    /// The form of a call. A text may be a literal without a type here: that it is not, is found out where
    /// arguments are taken.
    fn form(&self, types: &[DataType]) -> Result<&'static Form> {
        let known: Vec<Option<&DataType>> = types.iter().map(Some).collect();
        self.function.form(&known).or_else(|error| {
            let is_known = |t: &&DataType| **t != DataType::Utf8;
            let open: Vec<Option<&DataType>> =
                types.iter().map(|t| Some(t).filter(is_known)).collect();
            self.function.form(&open).map_err(|_| error)
        })
    }

    fn coerced(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let given = self.arguments(types);
        let form = self.form(given)?;
        let wanted = given.iter().enumerate();
        let wanted =
            wanted.map(|(at, given)| form.kind(at).map_or(given.clone(), |k| k.wanted(given)));
        Ok(wanted.chain(types.iter().skip(given.len()).cloned()).collect())
    }
}

impl ScalarUDFImpl for Called {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.coerced(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.result(types, &[])
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        let result = self.result(&types, args.scalar_arguments)?;
        Ok(Arc::new(Field::new(self.name(), result, true)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = arguments.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { arguments.number_rows };
        let wanted = arguments.return_type().clone();
        let mut arrays =
            arguments.args.iter().map(|a| a.to_array(rows)).collect::<Result<Vec<_>>>()?;
        if self.is_guarded {
            hide(&mut arrays)?;
        }
        let types: Vec<DataType> = arrays.iter().map(|a| a.data_type().clone()).collect();
        let form = self.form(&types)?;
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        for (at, array) in arrays.iter_mut().enumerate() {
            let kind = form.kind(at).map(|kind| kind.wanted(array.data_type()));
            if let Some(kind) = kind.filter(|kind| kind != array.data_type()) {
                *array = cast_with_options(array, &kind, &strict)?;
            }
        }
        let found = computed(form, &arrays, rows, &wanted)?;
        match is_scalar {
            true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?)),
            false => Ok(ColumnarValue::Array(found)),
        }
    }
}

impl Called {
    fn result(&self, types: &[DataType], constants: &[Option<&ScalarValue>]) -> Result<DataType> {
        let wanted = self.coerced(types)?;
        let (types, constants) = (self.arguments(&wanted), self.arguments(constants));
        Ok(match &self.form(types)?.gives {
            Gives::Kind(kind) => kind.wanted(&DataType::Null),
            Gives::First => types.first().cloned().unwrap_or(DataType::Null),
            Gives::Of(chosen) => chosen(types, constants),
        })
    }
}

/// Takes the guard off, and makes the first argument NULL where it is not true: a strict function computes
/// nothing of such a row, and what another one answers is not looked at.
fn hide(arrays: &mut Vec<ArrayRef>) -> Result<()> {
    let Some(guard) = arrays.pop() else { return Ok(()) };
    let guard = guard.as_boolean();
    let open = match guard.nulls() {
        Some(_) => prep_null_mask_filter(guard),
        None => guard.clone(),
    };
    if let Some(first) = arrays.first_mut() {
        *first = nullif(first, &not(&open)?)?;
    }
    Ok(())
}

fn computed(form: &Form, arrays: &[ArrayRef], rows: usize, wanted: &DataType) -> Result<ArrayRef> {
    let columns = Rows::new(arrays, rows)?;
    let mut output = Output::new(wanted, rows)?;
    match form.body {
        Body::Batch(body) => body(&columns, &mut output)?,
        Body::Strict(body) => {
            for row in columns.each() {
                match row.has_null() {
                    true => output.push(Value::Null)?,
                    false => output.push(body(&row)?)?,
                }
            }
        }
        Body::Loose(body) => {
            for row in columns.each() {
                output.push(body(&row)?)?;
            }
        }
    }
    let found = output.finish()?;
    match found.len() == rows {
        true => Ok(found),
        false => Err(exec_datafusion_err!("{} of {rows} rows were computed", found.len())),
    }
}
