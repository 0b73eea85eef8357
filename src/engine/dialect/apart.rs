//! Expressions that differ in the types of their casts alone, as in `sum(x::real), sum(x::smallint)` or
//! `group by x, x::real`: the engine calls a column by its expression without casts, and refuses two of one
//! name. In such expressions `apart(value, type)` stands around a cast until the coercion takes it away.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, Query, Select, SelectItem, Value, Visit, VisitMut, Visitor, VisitorMut,
};

use super::names::folded;
use super::ordering::position;
use super::quoted::call;
use super::shape::computes_from_rows;

/// The function's name in a plan. No statement can write it: the table of functions lacks it.
pub(super) const NAME: &str = "apart";

/// Tells such expressions of a statement apart.
pub(super) fn tell(query: &mut Query) {
    let mut named = Named::default();
    let _ = Visit::visit(query, &mut named);
    let twins = named.by_bare.into_values().filter(|texts| texts.len() > 1);
    let twins: HashSet<String> = twins.flatten().collect();
    if !twins.is_empty() {
        let _ = VisitMut::visit(query, &mut Marking { twins });
    }
}

/// What names a column of an aggregation or of windows: each as it is written, by what is left without casts.
#[derive(Default)]
struct Named {
    by_bare: HashMap<String, HashSet<String>>,
}

impl Named {
    fn add(&mut self, expression: &Expr) {
        let mut bare = expression.clone();
        let _ = VisitMut::visit(&mut bare, &mut Baring);
        self.by_bare.entry(bare.to_string()).or_default().insert(expression.to_string());
    }
}

impl Visitor for Named {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        if let GroupByExpr::Expressions(expressions, _) = &select.group_by {
            for expression in expressions {
                match expression {
                    Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) => {
                        sets.iter().flatten().for_each(|one| self.add(meant(one, select)));
                    }
                    one => self.add(meant(one, select)),
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        if matches!(expression, Expr::Function(function) if computes_from_rows(function)) {
            self.add(expression);
        }
        ControlFlow::Continue(())
    }
}

/// What a group is: an item of the list of SELECT may be called by its name or by its position.
fn meant<'a>(group: &'a Expr, select: &'a Select) -> &'a Expr {
    let own = |item: &'a SelectItem| match item {
        SelectItem::ExprWithAlias { expr, .. } | SelectItem::UnnamedExpr(expr) => Some(expr),
        _ => None,
    };
    let found = match (position(group), group) {
        (Some(place), _) => place.checked_sub(1).and_then(|place| select.projection.get(place)),
        (None, Expr::Identifier(name)) => select.projection.iter().find(|item| {
            matches!(item, SelectItem::ExprWithAlias { alias, .. } if folded(alias) == folded(name))
        }),
        _ => None,
    };
    found.and_then(own).unwrap_or(group)
}

struct Baring;

impl VisitorMut for Baring {
    type Break = ();

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Expr::Cast { expr, .. } = expression {
            *expression = std::mem::replace(expr.as_mut(), Expr::value(Value::Null));
        }
        ControlFlow::Continue(())
    }
}

struct Marking {
    twins: HashSet<String>,
}

impl VisitorMut for Marking {
    type Break = ();

    // An expression within another comes first: what is marked is not looked at again.
    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if self.twins.contains(&expression.to_string()) {
            let _ = VisitMut::visit(expression, &mut Casts);
        }
        ControlFlow::Continue(())
    }
}

struct Casts;

impl VisitorMut for Casts {
    type Break = ();

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Expr::Cast { data_type, .. } = expression {
            let written = Expr::value(Value::SingleQuotedString(data_type.to_string()));
            *expression = call(NAME, vec![expression.clone(), written]);
        }
        ControlFlow::Continue(())
    }
}

/// The value of a call in a plan.
pub(super) fn value(mut call: ScalarFunction) -> datafusion::logical_expr::Expr {
    match call.args.is_empty() {
        true => datafusion::logical_expr::Expr::ScalarFunction(call),
        false => call.args.swap_remove(0),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Apart {
    signature: Signature,
}

pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(Apart { signature: Signature::any(2, Volatility::Immutable) })
}

impl ScalarUDFImpl for Apart {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().cloned().unwrap_or(DataType::Null))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        plan_err!("{NAME} was left in a plan")
    }
}
