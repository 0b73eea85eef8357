//! Admission: which plans are queries.
//!
//! Planning refuses statements too, by its own options; this list applies to every entry point.

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;

use crate::engine::dialect::SetReturning;
use crate::error::{Error, Result};

/// Refuses plans with nodes that are not part of a query.
pub(super) fn admit(plan: &LogicalPlan) -> Result<()> {
    let mut refused = None;
    plan.apply_with_subqueries(|node| {
        let allowed = matches!(
            node,
            LogicalPlan::Projection(_)
                | LogicalPlan::Filter(_)
                | LogicalPlan::Window(_)
                | LogicalPlan::Aggregate(_)
                | LogicalPlan::Sort(_)
                | LogicalPlan::Join(_)
                | LogicalPlan::Repartition(_)
                | LogicalPlan::Union(_)
                | LogicalPlan::TableScan(_)
                | LogicalPlan::EmptyRelation(_)
                | LogicalPlan::Subquery(_)
                | LogicalPlan::SubqueryAlias(_)
                | LogicalPlan::Limit(_)
                | LogicalPlan::Values(_)
                | LogicalPlan::Explain(_)
                | LogicalPlan::Analyze(_)
                | LogicalPlan::Distinct(_)
                | LogicalPlan::Unnest(_)
                | LogicalPlan::RecursiveQuery(_)
        ) || SetReturning::of(node).is_some();
        if allowed {
            return Ok(TreeNodeRecursion::Continue);
        }
        refused = Some(node.display().to_string());
        Ok(TreeNodeRecursion::Stop)
    })?;
    match refused {
        None => Ok(()),
        Some(node) => Err(Error::usage("not-a-query", format!("{node} is not allowed in a query"))),
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;
    use std::collections::{BTreeSet, HashMap};
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::common::{DFSchema, DFSchemaRef};
    use datafusion::datasource::empty::EmptyTable;
    use datafusion::datasource::file_format::format_as_file_type;
    use datafusion::datasource::file_format::parquet::ParquetFormatFactory;
    use datafusion::logical_expr::dml::CopyTo;
    use datafusion::logical_expr::{
        Expr, Extension, LogicalPlanBuilder, Partitioning, SubqueryAlias,
        UserDefinedLogicalNodeCore, exists,
    };

    use super::*;
    use crate::engine::{Limits, Session};

    /// The kind of a node, and whether it belongs in a query. Without a wildcard: kinds added by a
    /// newer engine must be decided here.
    fn kind(node: &LogicalPlan) -> (&'static str, bool) {
        match node {
            LogicalPlan::Projection(_) => ("projection", true),
            LogicalPlan::Filter(_) => ("filter", true),
            LogicalPlan::Window(_) => ("window", true),
            LogicalPlan::Aggregate(_) => ("aggregate", true),
            LogicalPlan::Sort(_) => ("sort", true),
            LogicalPlan::Join(_) => ("join", true),
            LogicalPlan::Repartition(_) => ("repartition", true),
            LogicalPlan::Union(_) => ("union", true),
            LogicalPlan::TableScan(_) => ("table scan", true),
            LogicalPlan::EmptyRelation(_) => ("empty relation", true),
            LogicalPlan::Subquery(_) => ("subquery", true),
            LogicalPlan::SubqueryAlias(_) => ("subquery alias", true),
            LogicalPlan::Limit(_) => ("limit", true),
            LogicalPlan::Values(_) => ("values", true),
            LogicalPlan::Explain(_) => ("explain", true),
            LogicalPlan::Analyze(_) => ("analyze", true),
            LogicalPlan::Distinct(_) => ("distinct", true),
            LogicalPlan::Unnest(_) => ("unnest", true),
            LogicalPlan::RecursiveQuery(_) => ("recursive query", true),
            LogicalPlan::Statement(_) => ("statement", false),
            LogicalPlan::Extension(_) => ("extension", false),
            LogicalPlan::Dml(_) => ("dml", false),
            LogicalPlan::Ddl(_) => ("ddl", false),
            LogicalPlan::Copy(_) => ("copy", false),
            LogicalPlan::DescribeTable(_) => ("describe table", false),
        }
    }

    /// Every kind of node in a plan.
    fn kinds(plan: &LogicalPlan) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        plan.apply_with_subqueries(|node| {
            found.insert(kind(node).0);
            Ok(TreeNodeRecursion::Continue)
        })
        .unwrap();
        found
    }

    /// Plans any statement over a table `t (a, items)`, as the engine alone would.
    async fn planned(sql: &str) -> LogicalPlan {
        let session = Session::new(&Limits::default(), "public").unwrap();
        let items = DataType::new_list(DataType::Int64, true);
        let fields = vec![Field::new("a", DataType::Int64, true), Field::new("items", items, true)];
        let table = EmptyTable::new(Arc::new(Schema::new(fields)));
        session.register("public", "t", Arc::new(table)).unwrap();
        let plan = session.context().state().create_logical_plan(sql).await;
        plan.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// A foreign node.
    #[derive(Debug, PartialEq, Eq, Hash)]
    struct Foreign {
        schema: DFSchemaRef,
    }

    impl PartialOrd for Foreign {
        fn partial_cmp(&self, _: &Self) -> Option<Ordering> {
            None
        }
    }

    impl UserDefinedLogicalNodeCore for Foreign {
        fn name(&self) -> &str {
            "Foreign"
        }
        fn inputs(&self) -> Vec<&LogicalPlan> {
            Vec::new()
        }
        fn schema(&self) -> &DFSchemaRef {
            &self.schema
        }
        fn expressions(&self) -> Vec<Expr> {
            Vec::new()
        }
        fn fmt_for_explain(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Foreign")
        }
        fn with_exprs_and_inputs(
            &self,
            _: Vec<Expr>,
            _: Vec<LogicalPlan>,
        ) -> datafusion::error::Result<Self> {
            Ok(Self { schema: Arc::clone(&self.schema) })
        }
    }

    #[tokio::test]
    async fn every_kind_of_node_of_a_query_is_admitted() {
        let mut plans = Vec::new();
        for sql in [
            "select a from t where a > 1 order by a limit 1",
            "select sum(a), row_number() over (order by sum(a)) from t group by items",
            "select distinct x.a from t as x join t as y on x.a = y.a where exists (select 1)",
            "select 1 union all values (2)",
            "select unnest(items) from t",
            "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select * from r",
            "explain select a from t",
            "explain analyze select a from t",
        ] {
            plans.push(planned(sql).await);
        }
        let scan = LogicalPlanBuilder::from(planned("select a from t").await);
        plans.push(scan.repartition(Partitioning::RoundRobinBatch(2)).unwrap().build().unwrap());
        let mut seen = BTreeSet::new();
        for plan in &plans {
            admit(plan).unwrap_or_else(|e| panic!("{e}: {plan}"));
            seen.extend(kinds(plan));
        }
        assert_eq!(
            seen.into_iter().collect::<Vec<_>>(),
            [
                "aggregate",
                "analyze",
                "distinct",
                "empty relation",
                "explain",
                "filter",
                "join",
                "limit",
                "projection",
                "recursive query",
                "repartition",
                "sort",
                "subquery",
                "subquery alias",
                "table scan",
                "union",
                "unnest",
                "values",
                "window"
            ]
        );
    }

    /// Plans of everything that is not a query.
    async fn not_queries() -> Vec<LogicalPlan> {
        let mut plans = Vec::new();
        for sql in [
            "create table c as select 1",
            "create view c as select 1",
            "create schema c",
            "create external table c (a bigint) stored as parquet location 'c'",
            "create function c(bigint) returns bigint return $1 + 1",
            "drop table t",
            "drop view t",
            "insert into t select a, items from t",
            "update t set a = 1",
            "delete from t",
            "describe t",
            "set datafusion.execution.batch_size = 1",
            "reset datafusion.execution.batch_size",
            "start transaction",
            "commit",
            "prepare p as select a from t",
            "execute p",
            "deallocate p",
        ] {
            plans.push(planned(sql).await);
        }
        let rows = Arc::new(planned("select a from t").await);
        let parquet = format_as_file_type(Arc::new(ParquetFormatFactory::new()));
        let copy = CopyTo::new(rows, "c.parquet".to_owned(), Vec::new(), parquet, HashMap::new());
        plans.push(LogicalPlan::Copy(copy));
        let node = Arc::new(Foreign { schema: Arc::new(DFSchema::empty()) });
        plans.push(LogicalPlan::Extension(Extension { node }));
        plans
    }

    fn refused(plan: &LogicalPlan) -> bool {
        admit(plan).is_err_and(|error| error.code() == "not-a-query")
    }

    #[tokio::test]
    async fn what_is_not_a_query_is_refused_wherever_it_stands() {
        let mut seen = BTreeSet::new();
        for plan in not_queries().await {
            let (kind, belongs) = kind(&plan);
            assert!(!belongs && refused(&plan), "{plan}");
            seen.insert(kind);
            // Below another node.
            let plan = Arc::new(plan);
            if let Ok(alias) = SubqueryAlias::try_new(Arc::clone(&plan), "x") {
                assert!(refused(&LogicalPlan::SubqueryAlias(alias)), "{plan}");
            }
            // In a subquery of an expression, below a filter.
            let filter = LogicalPlanBuilder::empty(true).filter(exists(Arc::clone(&plan)));
            assert!(refused(&filter.unwrap().build().unwrap()), "{plan}");
            // Where it is only explained.
            let explained = LogicalPlanBuilder::from(plan.as_ref().clone()).explain(false, false);
            assert!(refused(&explained.unwrap().build().unwrap()), "{plan}");
        }
        let all = ["copy", "ddl", "describe table", "dml", "extension", "statement"];
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
    }
}
