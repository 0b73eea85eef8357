//! `min`, `max`, `sum` and `avg` of intervals. The engine compares their parts one by one, and adds none.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type, IntervalMonthDayNanoType};
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};

use super::INTERVAL;
use super::scaled::divided;
use super::span::Span;

/// What is told of the intervals of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Told {
    Least,
    Greatest,
    Sum,
    Average,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Total {
    told: Told,
    signature: Signature,
}

/// The aggregate function of intervals in the place of the engine's of that name.
pub(in super::super) fn function(name: &str) -> Option<Arc<AggregateUDF>> {
    let told = match name {
        "min" => Told::Least,
        "max" => Told::Greatest,
        "sum" => Told::Sum,
        "avg" => Told::Average,
        _ => return None,
    };
    let signature = Signature::exact(vec![INTERVAL], Volatility::Immutable);
    Some(Arc::new(AggregateUDF::new_from_impl(Total { told, signature })))
}

impl AggregateUDFImpl for Total {
    fn name(&self) -> &'static str {
        match self.told {
            Told::Least => "min",
            Told::Greatest => "max",
            Told::Sum => "sum",
            Told::Average => "avg",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(INTERVAL)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = |name: &str, data_type| {
            Arc::new(Field::new(format_state_name(args.name, name), data_type, true))
        };
        Ok(vec![field("interval", INTERVAL), field("count", DataType::Int64)])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct && matches!(self.told, Told::Sum | Told::Average) {
            return exec_err!("{}(distinct …) of intervals is not supported", self.name());
        }
        Ok(Box::new(Running { told: self.told, span: Span::default(), count: 0 }))
    }
}

#[derive(Debug)]
struct Running {
    told: Told,
    /// The sum, or the least or greatest so far; of no value yet it says nothing.
    span: Span,
    count: i64,
}

impl Running {
    fn add(&mut self, span: Span, count: i64) -> Result<()> {
        self.span = match self.told {
            _ if self.count == 0 => span,
            // Of two that are equal, PostgreSQL tells the later.
            Told::Least if span.length() <= self.span.length() => span,
            Told::Greatest if span.length() >= self.span.length() => span,
            Told::Least | Told::Greatest => self.span,
            Told::Sum | Told::Average => self.span.plus(span)?,
        };
        self.count += count;
        Ok(())
    }
}

fn spans(values: &[ArrayRef]) -> impl Iterator<Item = Option<Span>> {
    let intervals = values.first().map(|values| values.as_primitive::<IntervalMonthDayNanoType>());
    intervals.into_iter().flatten().map(|value| value.map(Span::of_engine))
}

impl Accumulator for Running {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        spans(values).flatten().try_for_each(|span| self.add(span, 1))
    }

    fn supports_retract_batch(&self) -> bool {
        matches!(self.told, Told::Sum | Told::Average)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for span in spans(values).flatten() {
            self.span = self.span.minus(span)?;
            self.count -= 1;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let interval = match self.count {
            0 => None,
            _ => Some(self.span.to_engine()?),
        };
        Ok(vec![ScalarValue::IntervalMonthDayNano(interval), ScalarValue::Int64(Some(self.count))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(counts) = states.get(1).map(|counts| counts.as_primitive::<Int64Type>()) else {
            return exec_err!("a state has an interval and a count");
        };
        for (row, span) in spans(states).enumerate() {
            if let Some(span) = span.filter(|_| counts.is_valid(row)) {
                self.add(span, counts.value(row))?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let span = match (self.count, self.told) {
            (0, _) => return Ok(ScalarValue::IntervalMonthDayNano(None)),
            (count, Told::Average) => divided(self.span, count as f64)?,
            _ => self.span,
        };
        Ok(ScalarValue::IntervalMonthDayNano(Some(span.to_engine()?)))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}
