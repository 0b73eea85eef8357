//! Lineage: which columns of which tables a plan reads, and which of them each result column comes
//! from: through views, CTEs, `select *`, USING, subqueries, set operations and recursion.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::expr::SetQuantifier;
use datafusion::logical_expr::logical_plan::{
    Aggregate, Distinct, Join, RecursiveQuery, TableScan,
};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan};

use crate::engine::dialect::{self, SetReturning};
use crate::error::Positions;

use super::listed::{Listed, Listing, listed_by_case, listed_by_condition};
use super::words::positions;

/// A column of a table, by the names of the plan (lower case).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceColumn {
    /// The schema: a contract's SQL name, also with its major.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Whether something was computed from it: the values are no longer those of the column.
    pub is_computed: bool,
}

/// What a plan reads.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    /// For each result column the columns that its values come from.
    pub outputs: Vec<BTreeSet<SourceColumn>>,
    /// Every column that affects the result: its values, its rows or their order.
    pub reads: BTreeSet<SourceColumn>,
    /// Every table that is scanned: schema and name.
    pub tables: BTreeSet<(String, String)>,
    /// Where the query lists values of a column: CASE, IN.
    pub listings: Vec<ListedValues>,
    /// What each name of a column in the query stands for, over all its uses.
    pub bindings: BTreeMap<String, BTreeSet<SourceColumn>>,
    /// What joins require to be equal: the sources of either side.
    pub joins: BTreeSet<(BTreeSet<SourceColumn>, BTreeSet<SourceColumn>)>,
}

/// Values of a column that the query lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedValues {
    /// The column.
    pub of: SourceColumn,
    /// The fields inside it that lead to the values; none for the column itself.
    pub path: Vec<String>,
    /// The values.
    pub listing: Listing,
    /// Where the text names the column, as far as the engine knows.
    pub place: Option<Positions>,
}

type Sources = BTreeSet<SourceColumn>;

/// The lineage of a plan.
pub fn lineage(plan: &LogicalPlan) -> Lineage {
    walked(plan, Walk::default())
}

/// The lineage of a plan whose tables without a schema are those of one.
pub fn lineage_in(plan: &LogicalPlan, schema: &str) -> Lineage {
    walked(plan, Walk { schema: Some(schema.to_owned()), ..Walk::default() })
}

fn walked(plan: &LogicalPlan, mut walk: Walk) -> Lineage {
    let outputs = walk.plan(plan);
    let mut found = walk.found;
    found.reads.extend(outputs.iter().flatten().cloned());
    found.outputs = outputs;
    found
}

#[derive(Default)]
struct Walk {
    found: Lineage,
    /// Schema and sources of the queries around a subquery, the nearest last.
    outer: Vec<(DFSchema, Vec<Sources>)>,
    /// The schema of tables that are named without one.
    schema: Option<String>,
    /// Sources of recursive queries by the name of their working table.
    working: BTreeMap<String, Vec<Sources>>,
    /// How many of the enclosing queries give rows that must not exist: a value that a list misses
    /// is then not skipped.
    unwanted: usize,
    /// Subqueries that were walked: an expression may be visited more than once.
    memo: HashMap<*const LogicalPlan, Vec<Sources>>,
}

impl Walk {
    /// The sources of each field of the plan's schema.
    fn plan(&mut self, plan: &LogicalPlan) -> Vec<Sources> {
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::Projection(node) => {
                let input = self.plan(&node.input);
                let schema = node.input.schema();
                node.expr.iter().map(|e| self.expression(e, schema, &input)).collect()
            }
            LogicalPlan::Filter(node) => {
                let input = self.plan(&node.input);
                self.condition(&node.predicate, node.input.schema(), &input);
                input
            }
            LogicalPlan::Sort(node) => {
                let input = self.plan(&node.input);
                node.expr.iter().for_each(|s| self.read(&s.expr, node.input.schema(), &input));
                input
            }
            LogicalPlan::Aggregate(node) => self.aggregate(node),
            LogicalPlan::Window(node) => {
                let mut fields = self.plan(&node.input);
                let schema = node.input.schema();
                let input = fields.clone();
                fields.extend(node.window_expr.iter().map(|e| self.expression(e, schema, &input)));
                fields
            }
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::Union(node) => {
                let inputs: Vec<_> = node.inputs.iter().map(|input| self.plan(input)).collect();
                merged(inputs, plan.schema().fields().len())
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let fields = self.plan(input);
                self.found.reads.extend(fields.iter().flatten().cloned());
                fields
            }
            LogicalPlan::Distinct(Distinct::On(node)) => {
                let input = self.plan(&node.input);
                let schema = node.input.schema();
                node.on_expr.iter().for_each(|e| self.read(e, schema, &input));
                let sorts = node.sort_expr.iter().flatten();
                sorts.for_each(|s| self.read(&s.expr, schema, &input));
                node.select_expr.iter().map(|e| self.expression(e, schema, &input)).collect()
            }
            LogicalPlan::Unnest(node) => {
                let input = self.plan(&node.input);
                // Unnested lists decide about the number of rows.
                for (n, _) in &node.list_type_columns {
                    self.found.reads.extend(input.get(*n).into_iter().flatten().cloned());
                }
                let of = |n: &usize| input.get(*n).cloned().unwrap_or_default();
                node.dependency_indices.iter().map(of).collect()
            }
            LogicalPlan::RecursiveQuery(node) => self.recursive(node),
            other => match SetReturning::of(other) {
                Some(node) => self.returned(node),
                None => self.other(other),
            },
        }
    }

    /// A recursive query: its step is walked until it adds no further source.
    fn recursive(&mut self, node: &RecursiveQuery) -> Vec<Sources> {
        let mut known = self.plan(&node.static_term);
        let width = known.len();
        loop {
            self.working.insert(node.name.clone(), known.clone());
            // Subqueries of the step look at what the last round knew.
            self.memo.clear();
            let step = self.plan(&node.recursive_term);
            let grown = merged(vec![known.clone(), step], width);
            if grown == known {
                return known;
            }
            known = grown;
        }
    }

    /// Rows that functions make: their columns stand behind those of the input.
    fn returned(&mut self, node: &SetReturning) -> Vec<Sources> {
        let mut fields = self.plan(node.input());
        let (input, schema) = (fields.clone(), node.input().schema());
        for arguments in node.sources() {
            // They decide about the number of rows.
            arguments.iter().for_each(|e| self.read(e, schema, &input));
            let of = arguments.iter().flat_map(|e| self.expression(e, schema, &input));
            let of: Sources = of.collect();
            fields.push(of);
        }
        fields
    }

    /// Nodes that pass their input on, and all unknown nodes.
    fn other(&mut self, plan: &LogicalPlan) -> Vec<Sources> {
        let inputs = plan.inputs();
        let fields: Vec<Vec<Sources>> = inputs.iter().map(|input| self.plan(input)).collect();
        let width = plan.schema().fields().len();
        match (inputs.as_slice(), fields.first()) {
            ([input], Some(first)) => {
                plan.expressions().iter().for_each(|e| self.read(e, input.schema(), first));
                if first.len() == width { first.clone() } else { all(&fields, width) }
            }
            ([], _) => {
                // Values may hold subqueries.
                plan.expressions().iter().for_each(|e| self.read(e, plan.schema(), &[]));
                vec![Sources::new(); width]
            }
            _ => all(&fields, width),
        }
    }

    fn scan(&mut self, scan: &TableScan) -> Vec<Sources> {
        let table = scan.table_name.table().to_owned();
        let fields = scan.projected_schema.fields();
        let named = scan.table_name.schema().map(str::to_owned);
        // The working table of a recursive query has no schema.
        let working = self.working.get(&table).filter(|_| named.is_none()).cloned();
        let schema = named.or_else(|| self.schema.clone().filter(|_| working.is_none()));
        let Some(schema) = schema else {
            return working.unwrap_or_else(|| vec![Sources::new(); fields.len()]);
        };
        self.found.tables.insert((schema.clone(), table.clone()));
        let source = |column: &str| SourceColumn {
            schema: schema.clone(),
            table: table.clone(),
            column: column.to_ascii_lowercase(),
            is_computed: false,
        };
        let sources: Vec<Sources> =
            fields.iter().map(|f| Sources::from([source(f.name())])).collect();
        scan.filters.iter().for_each(|e| self.condition(e, &scan.projected_schema, &sources));
        sources
    }

    fn aggregate(&mut self, node: &Aggregate) -> Vec<Sources> {
        let input = self.plan(&node.input);
        let schema = node.input.schema();
        node.group_expr.iter().for_each(|e| self.read(e, schema, &input));
        let groups: Vec<Sources> = match node.group_expr.as_slice() {
            // Grouping sets: their distinct columns, then a column that tells the sets apart.
            [Expr::GroupingSet(sets)] => {
                let columns = sets.distinct_expr();
                let mut groups: Vec<Sources> =
                    columns.iter().map(|e| self.expression(e, schema, &input)).collect();
                groups.push(Sources::new());
                groups
            }
            plain => plain.iter().map(|e| self.expression(e, schema, &input)).collect(),
        };
        let values = node.aggr_expr.iter().map(|e| self.expression(e, schema, &input));
        groups.into_iter().chain(values).collect()
    }

    fn join(&mut self, join: &Join) -> Vec<Sources> {
        let left = self.plan(&join.left);
        // A lateral right side looks at rows of the left.
        self.outer.push((join.left.schema().as_ref().clone(), left.clone()));
        let without = matches!(join.join_type, JoinType::LeftAnti | JoinType::RightAnti)
            || dialect::is_unwanted(&join.right);
        let right = self.counted(without, |walk| walk.plan(&join.right));
        self.outer.pop();
        for (a, b) in &join.on {
            let one = self.expression(a, join.left.schema(), &left);
            let other = self.expression(b, join.right.schema(), &right);
            self.found.reads.extend(one.iter().chain(&other).cloned());
            self.found.joins.insert((one, other));
        }
        if let (Some(filter), Ok(schema)) =
            (&join.filter, join.left.schema().join(join.right.schema()))
        {
            let both: Vec<Sources> = left.iter().chain(&right).cloned().collect();
            // Rows that do not meet it stay in an outer join.
            let drops = matches!(
                join.join_type,
                JoinType::Inner | JoinType::LeftSemi | JoinType::RightSemi
            );
            self.counted(!drops, |walk| walk.condition(filter, &schema, &both));
        }
        match join.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => left,
            JoinType::RightSemi | JoinType::RightAnti => right,
            JoinType::LeftMark => left.into_iter().chain([Sources::new()]).collect(),
            JoinType::RightMark => right.into_iter().chain([Sources::new()]).collect(),
            _ => left.into_iter().chain(right).collect(),
        }
    }

    /// Walks a query whose rows must not exist, or, otherwise, any other.
    fn counted<T>(&mut self, unwanted: bool, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.unwanted += usize::from(unwanted);
        let found = walk(self);
        self.unwanted -= usize::from(unwanted);
        found
    }

    /// Notes that an expression decides about rows.
    fn read(&mut self, expression: &Expr, schema: &DFSchema, input: &[Sources]) {
        let sources = self.expression(expression, schema, input);
        self.found.reads.extend(sources);
    }

    /// Notes what rows must meet.
    fn condition(&mut self, condition: &Expr, schema: &DFSchema, input: &[Sources]) {
        self.read(condition, schema, input);
        for part in split_conjunction(condition) {
            let listed = listed_by_condition(part).filter(|_| self.unwanted == 0);
            if let Some((of, values)) = listed {
                self.list(&of, Listing::In(values), schema, input);
            }
        }
    }

    fn list(&mut self, of: &Listed<'_>, listing: Listing, schema: &DFSchema, input: &[Sources]) {
        let sources = match of.is_outer {
            true => self.of_outer(of.column),
            false => of_column(of.column, schema, input),
        };
        let sources = sources.into_iter().filter(|source| !source.is_computed);
        let path: Vec<String> = of.path.iter().map(|field| (*field).to_owned()).collect();
        let place = of.column.spans.first().and_then(positions);
        self.found.listings.extend(sources.map(|of| ListedValues {
            of,
            place,
            path: path.clone(),
            listing: listing.clone(),
        }));
    }

    /// The columns that an expression's value comes from.
    fn expression(&mut self, expression: &Expr, schema: &DFSchema, input: &[Sources]) -> Sources {
        let mut sources = Sources::new();
        // A CASE that is replaced by something else when it is NULL.
        let mut caught: Vec<*const Expr> = Vec::new();
        // The walk itself cannot fail: the visitor never does.
        let _ = expression.apply(|e| {
            caught.extend(catches_null(e).into_iter().map(std::ptr::from_ref));
            match e {
                Expr::Column(column) => {
                    let found = of_column(column, schema, input);
                    let bound = self.found.bindings.entry(column.flat_name()).or_default();
                    bound.extend(found.iter().cloned());
                    sources.extend(found);
                }
                Expr::OuterReferenceColumn(_, column) => sources.extend(self.of_outer(column)),
                Expr::ScalarSubquery(subquery) => {
                    let plan = &subquery.subquery;
                    let walk = |walk: &mut Self| walk.subquery(plan, schema, input);
                    sources.extend(self.counted(dialect::is_unwanted(plan), walk));
                }
                Expr::InSubquery(inner) => {
                    let plan = &inner.subquery.subquery;
                    let walk = |walk: &mut Self| walk.subquery(plan, schema, input);
                    sources.extend(self.counted(inner.negated, walk));
                }
                Expr::SetComparison(inner) => {
                    // A condition on every row also holds for fewer rows.
                    let is_all = matches!(inner.quantifier, SetQuantifier::All);
                    let plan = &inner.subquery.subquery;
                    let walk = |walk: &mut Self| walk.subquery(plan, schema, input);
                    sources.extend(self.counted(is_all, walk));
                }
                Expr::Exists(inner) => {
                    let plan = &inner.subquery.subquery;
                    let walk = |walk: &mut Self| walk.subquery(plan, schema, input);
                    sources.extend(self.counted(inner.negated, walk));
                }
                _ => {}
            }
            let is_caught = caught.contains(&std::ptr::from_ref(e));
            if let Some((of, values)) = listed_by_case(e).filter(|_| !is_caught) {
                self.list(&of, Listing::Case(values), schema, input);
            }
            Ok(TreeNodeRecursion::Continue)
        });
        match is_itself(expression) {
            true => sources,
            false => sources.into_iter().map(|s| SourceColumn { is_computed: true, ..s }).collect(),
        }
    }

    fn subquery(&mut self, plan: &LogicalPlan, schema: &DFSchema, input: &[Sources]) -> Sources {
        let key: *const LogicalPlan = plan;
        if let Some(known) = self.memo.get(&key) {
            return known.iter().flatten().cloned().collect();
        }
        self.outer.push((schema.clone(), input.to_vec()));
        let fields = self.plan(plan);
        self.outer.pop();
        let sources = fields.iter().flatten().cloned().collect();
        self.memo.insert(key, fields);
        sources
    }

    fn of_outer(&self, column: &Column) -> Sources {
        let around = self.outer.iter().rev();
        around
            .map(|(schema, input)| of_column(column, schema, input))
            .find(|s| !s.is_empty())
            .unwrap_or_default()
    }
}

/// Whether an expression has exactly the values of a column, or of a field inside it.
fn is_itself(expression: &Expr) -> bool {
    match expression {
        Expr::Column(_) | Expr::OuterReferenceColumn(..) | Expr::ScalarSubquery(_) => true,
        Expr::Alias(alias) => is_itself(&alias.expr),
        Expr::Cast(cast) => is_itself(&cast.expr),
        Expr::ScalarFunction(call) if call.name() == "get_field" => {
            call.args.first().is_some_and(is_itself)
        }
        _ => false,
    }
}

/// The parts of an expression that it tests for NULL, or replaces when NULL.
fn catches_null(expression: &Expr) -> Vec<&Expr> {
    let parts: Vec<&Expr> = match expression {
        Expr::ScalarFunction(call) if matches!(call.name(), "coalesce" | "nvl" | "ifnull") => {
            call.args.iter().collect()
        }
        Expr::IsNull(inner) | Expr::IsNotNull(inner) => vec![inner],
        _ => Vec::new(),
    };
    parts.into_iter().map(uncast).collect()
}

fn uncast(expression: &Expr) -> &Expr {
    match expression {
        Expr::Cast(cast) => uncast(&cast.expr),
        other => other,
    }
}

fn of_column(column: &Column, schema: &DFSchema, input: &[Sources]) -> Sources {
    let place = schema.maybe_index_of_column(column);
    place.and_then(|n| input.get(n)).cloned().unwrap_or_default()
}

/// Fields of several inputs by their place.
fn merged(inputs: Vec<Vec<Sources>>, width: usize) -> Vec<Sources> {
    let mut fields = vec![Sources::new(); width];
    for input in inputs {
        for (field, sources) in fields.iter_mut().zip(input) {
            field.extend(sources);
        }
    }
    fields
}

/// Where nothing is known, each field may come from everything.
fn all(inputs: &[Vec<Sources>], width: usize) -> Vec<Sources> {
    let everything: Sources = inputs.iter().flatten().flatten().cloned().collect();
    vec![everything; width]
}
