//! A value with what is known of its type.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, ExprSchemable, Volatility};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;

use super::super::kinds::{Kind, literal};
use super::super::literals;
use super::super::numeric_texts;
use super::super::numerics;
use super::casts;

/// A value with what is known of its type.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub expression: Expr,
    pub data_type: DataType,
    pub kind: Kind,
}

impl Typed {
    pub fn new(expression: Expr, data_type: DataType) -> Self {
        let kind = Kind::of(&expression, &data_type);
        Self { expression, data_type, kind }
    }

    /// As a value of a type. A literal becomes one at once, and a text that is none is an error.
    pub fn cast_to(self, wanted: &DataType) -> Result<Self> {
        let is_wide = literals::wide(&self.expression).is_some();
        if self.data_type == *wanted && self.kind != Kind::Unknown && !is_wide {
            return Ok(self);
        }
        let expression = casts::converted(self.expression, &self.data_type, wanted)?;
        Ok(Self::new(expression, wanted.clone()).of_kind(Kind::of_type(wanted)))
    }

    /// As a value of a kind: numerics and arrays keep their own types.
    pub fn cast_to_kind(self, kind: Kind) -> Result<Self> {
        if self.kind == kind {
            return Ok(self);
        }
        match (kind, kind.data_type()) {
            (_, Some(wanted)) => self.cast_to(&wanted),
            (Kind::Numeric, None) => {
                let wanted = match literal(&self.expression) {
                    Some(ScalarValue::Utf8(Some(text))) => numeric_texts::of_text(&text)?,
                    Some(_) => DataType::Decimal128(1, 0),
                    None => numerics::digits(&self.data_type)?,
                };
                self.cast_to(&wanted)
            }
            _ => Ok(self),
        }
    }

    /// The value of an expression over no column, as a literal.
    pub fn folded(self) -> Result<Self> {
        let is_open = self.expression.exists(|e| {
            Ok(match e {
                Expr::Literal(..) | Expr::Cast(_) | Expr::Negative(_) | Expr::BinaryExpr(_) => {
                    false
                }
                Expr::ScalarFunction(call) => {
                    call.func.signature().volatility != Volatility::Immutable
                }
                _ => true,
            })
        })?;
        if is_open || matches!(self.expression, Expr::Literal(..)) {
            return Ok(self);
        }
        let context = SimplifyContext::builder().build();
        let expression = ExprSimplifier::new(context).simplify(self.expression)?;
        Ok(Self { expression, ..self })
    }

    pub fn of_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}

/// The type in which all values of a kind find room.
pub(super) fn room(kind: Kind, values: &[Typed]) -> Result<Option<DataType>> {
    if kind != Kind::Numeric {
        return Ok(kind.data_type());
    }
    let (mut whole, mut scale) = (1_i16, 0_i8);
    for value in values {
        let found = match literal(&value.expression) {
            Some(ScalarValue::Utf8(Some(text))) => numeric_texts::of_text(&text)?,
            Some(_) => continue,
            None if value.kind == Kind::Unknown => continue,
            None => numerics::digits(&value.data_type)?,
        };
        if let DataType::Decimal128(digits, places) = found {
            whole = whole.max(i16::from(digits) - i16::from(places));
            scale = scale.max(places);
        }
    }
    let digits = u8::try_from((whole + i16::from(scale)).clamp(1, 38)).unwrap_or(38);
    Ok(Some(DataType::Decimal128(digits, scale)))
}

/// An expression with its type.
pub(super) fn typed(expression: Expr, schema: &DFSchema) -> Result<Typed> {
    let data_type = expression.get_type(schema)?;
    Ok(Typed::new(expression, data_type))
}
