//! The node of a plan that makes rows: for each row of its input those that its calls return, side by side.
//! A call that ends before the others is NULL from then on.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DFSchema, DFSchemaRef, TableReference, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore};

use super::calls::{self, Maker};

/// One call, without its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Made {
    pub(super) maker: Maker,
    arguments: usize,
    qualifier: Option<TableReference>,
    field: FieldRef,
}

impl Made {
    /// The type of a row.
    pub(super) fn row(&self) -> &DataType {
        self.field.data_type()
    }
}

/// What a node adds beside the calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Extras {
    /// Counts the rows of each row of the input, from 1: its table and name.
    pub(super) ordinal: Option<(Option<TableReference>, String)>,
    /// Keeps a row of the input for which nothing is returned, with NULLs.
    pub(super) keeps: bool,
    /// Names of two columns: a number for each row of the input, and whether anything was returned.
    pub(super) marks: Option<(String, String)>,
}

/// The node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SetReturning {
    input: Arc<LogicalPlan>,
    calls: Vec<Made>,
    /// The arguments of all calls.
    arguments: Vec<Expr>,
    extras: Extras,
    schema: DFSchemaRef,
}

/// A call to be made: how, of what, and the table and name of its column.
pub(super) struct Wanted {
    pub(super) maker: Maker,
    pub(super) arguments: Vec<Expr>,
    pub(super) qualifier: Option<TableReference>,
    pub(super) name: String,
}

impl SetReturning {
    /// A node over an input.
    pub(super) fn over(
        input: LogicalPlan,
        wanted: Vec<Wanted>,
        extras: Extras,
    ) -> Result<LogicalPlan> {
        Self::made(input, wanted, extras).map(Self::plan)
    }

    fn made(input: LogicalPlan, wanted: Vec<Wanted>, extras: Extras) -> Result<Self> {
        let (mut calls, mut arguments) = (Vec::new(), Vec::new());
        for Wanted { maker, arguments: given, qualifier, name } in wanted {
            let (given, row) = calls::typed(maker, &given, input.schema())?;
            let field = Arc::new(Field::new(name, row, true));
            calls.push(Made { maker, arguments: given.len(), qualifier, field });
            arguments.extend(given);
        }
        Self::new(Arc::new(input), calls, arguments, extras)
    }

    fn new(
        input: Arc<LogicalPlan>,
        calls: Vec<Made>,
        arguments: Vec<Expr>,
        extras: Extras,
    ) -> Result<Self> {
        let schema = Arc::new(schema(&input, &calls, &extras)?);
        Ok(Self { input, calls, arguments, extras, schema })
    }

    fn plan(self) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(self) })
    }

    /// The node that a plan is, if it is one.
    pub fn of(plan: &LogicalPlan) -> Option<&Self> {
        match plan {
            LogicalPlan::Extension(Extension { node }) => node.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// The plan whose rows it is given; its columns come first among those of the node.
    pub fn input(&self) -> &LogicalPlan {
        &self.input
    }

    /// For each column that the node adds, the expressions that its values are made of.
    pub fn sources(&self) -> Vec<&[Expr]> {
        let mut sources: Vec<&[Expr]> =
            self.grouped().into_iter().map(|(_, given)| given).collect();
        let added = self.schema.fields().len() - self.input.schema().fields().len();
        sources.resize(added, &[]);
        sources
    }

    /// The calls with their arguments.
    pub(super) fn grouped(&self) -> Vec<(&Made, &[Expr])> {
        let mut rest = self.arguments.as_slice();
        let mut grouped = Vec::with_capacity(self.calls.len());
        for call in &self.calls {
            let (given, others) = rest.split_at(call.arguments.min(rest.len()));
            grouped.push((call, given));
            rest = others;
        }
        grouped
    }

    pub(super) fn output(&self) -> &DFSchema {
        &self.schema
    }

    pub(super) fn extras(&self) -> &Extras {
        &self.extras
    }

    /// The same rows over another input, with arguments that are changed to fit it.
    pub(super) fn moved(
        &self,
        input: LogicalPlan,
        extras: Extras,
        change: impl Fn(Expr) -> Result<Expr>,
    ) -> Result<LogicalPlan> {
        let arguments = self.arguments.iter().cloned().map(change).collect::<Result<_>>()?;
        Self::new(Arc::new(input), self.calls.clone(), arguments, extras).map(Self::plan)
    }
}

fn schema(input: &LogicalPlan, calls: &[Made], extras: &Extras) -> Result<DFSchema> {
    let input = input.schema();
    let before = input.iter().map(|(table, field)| (table.cloned(), Arc::clone(field)));
    let made = calls.iter().map(|call| (call.qualifier.clone(), Arc::clone(&call.field)));
    let column = |name: &str, data_type| Arc::new(Field::new(name, data_type, true));
    let ordinal = extras.ordinal.iter().map(|(table, name)| {
        // A row that is kept has no number.
        let field = Field::new(name, DataType::Int64, extras.keeps);
        (table.clone(), Arc::new(field))
    });
    let marks = extras.marks.iter().flat_map(|(row, found)| {
        [(None, column(row, DataType::Int64)), (None, column(found, DataType::Boolean))]
    });
    let fields = before.chain(made).chain(ordinal).chain(marks).collect();
    DFSchema::new_with_metadata(fields, input.metadata().clone())
}

impl PartialOrd for SetReturning {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

impl UserDefinedLogicalNodeCore for SetReturning {
    fn name(&self) -> &'static str {
        "SetReturning"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        self.arguments.clone()
    }

    /// A condition on columns of the input may be tested before their rows are made.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        let before = self.input.schema().fields().len();
        self.schema.fields().iter().skip(before).map(|field| field.name().clone()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = self.grouped().into_iter().map(|(call, given)| {
            let given: Vec<String> = given.iter().map(ToString::to_string).collect();
            let name = match call.maker {
                Maker::Items | Maker::Each => "unnest",
                Maker::Series => "generate_series",
                Maker::Value => "value",
            };
            format!("{name}({})", given.join(", "))
        });
        write!(f, "SetReturning: {}", calls.collect::<Vec<_>>().join(", "))
    }

    fn with_exprs_and_inputs(
        &self,
        arguments: Vec<Expr>,
        inputs: Vec<LogicalPlan>,
    ) -> Result<Self> {
        let Ok([input]) = <[LogicalPlan; 1]>::try_from(inputs) else {
            return plan_err!("functions that return rows have one input");
        };
        // Rules keep the names of expressions by aliases, which mean nothing here.
        let arguments: Vec<Expr> = arguments.into_iter().map(Expr::unalias).collect();
        // A row has the type that the arguments have by now.
        let mut rest = arguments.into_iter();
        let wanted = self.calls.iter().map(|call| Wanted {
            maker: call.maker,
            arguments: rest.by_ref().take(call.arguments).collect(),
            qualifier: call.qualifier.clone(),
            name: call.field.name().clone(),
        });
        Self::made(input, wanted.collect(), self.extras.clone())
    }

    fn necessary_children_exprs(&self, outputs: &[usize]) -> Option<Vec<Vec<usize>>> {
        let input = self.input.schema();
        let before = input.fields().len();
        let mut needed: Vec<usize> = outputs.iter().copied().filter(|n| *n < before).collect();
        let read = self.arguments.iter().flat_map(Expr::column_refs);
        needed.extend(read.filter_map(|column| input.maybe_index_of_column(column)));
        needed.sort_unstable();
        needed.dedup();
        Some(vec![needed])
    }
}
