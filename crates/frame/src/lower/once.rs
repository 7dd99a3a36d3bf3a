//! [`OncePerRow`]: what gives another value at every call (`random()`, `uuid()`) is computed once for each row, where it was
//! written.
//!
//! DataFusion asks a condition where the columns in it come from. One that names none goes down to the files, past a `tail`, a
//! group-by or a window, and is asked of other rows than those that it stands above. A sort computes its keys again where it
//! merges, and a condition on a computed key of a group computes the key anew. What a projection computes and is volatile stays
//! where it is, and is not computed twice. So it becomes a column of a projection right below its node, which reads the column,
//! and is left out above:
//!
//! | node | what becomes a column |
//! |---|---|
//! | filter | its volatile conditions, of the rows that the others let through |
//! | inner join | its volatile conditions, of the pairs that the others let through |
//! | sort | its volatile keys |
//! | aggregate | its volatile keys |
//!
//! An expression with a query in it, or with a column of a query around it, stays as it is: a projection cannot compute it.

use datafusion::{
    common::{
        Column, JoinType, Result as DfResult,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    config::ConfigOptions,
    logical_expr::{
        Aggregate, Expr as Logical, Filter, Join, LogicalPlan, Projection, Sort, SortExpr,
        utils::{conjunction, split_conjunction, split_conjunction_owned},
    },
    optimizer::AnalyzerRule,
};
use std::sync::Arc;

/// What computed columns are called, before a number.
const DRAWN: &str = "__drawn";

/// Puts volatile expressions into projections.
#[derive(Debug)]
pub(crate) struct OncePerRow;

impl AnalyzerRule for OncePerRow {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> DfResult<LogicalPlan> {
        let apart = plan.transform_up_with_subqueries(|plan| {
            Ok(match plan {
                LogicalPlan::Filter(filter) if has_drawn(&filter.predicate) => Transformed::yes(filtered(filter)?),
                LogicalPlan::Join(join) if join.join_type == JoinType::Inner && join.filter.as_ref().is_some_and(has_drawn) => {
                    Transformed::yes(joined(join)?)
                }
                LogicalPlan::Sort(sort) if sort.expr.iter().any(|key| is_drawn(&key.expr)) => Transformed::yes(sorted(sort)?),
                LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.iter().any(is_drawn) => Transformed::yes(grouped(aggregate)?),
                plan => Transformed::no(plan),
            })
        });
        apart.data()
    }

    fn name(&self) -> &str {
        "once_per_row"
    }
}

/// Whether it is volatile, and a projection can compute it.
fn is_drawn(expr: &Logical) -> bool {
    let stays = |node: &Logical| {
        matches!(
            node,
            Logical::Exists { .. }
                | Logical::InSubquery { .. }
                | Logical::ScalarSubquery { .. }
                | Logical::SetComparison { .. }
                | Logical::OuterReferenceColumn { .. }
                | Logical::GroupingSet { .. }
        )
    };
    // The visitor never fails.
    expr.is_volatile() && !expr.exists(|node| Ok(stays(node))).unwrap_or(true)
}

/// Whether one of the conditions that it is made of is.
fn has_drawn(condition: &Logical) -> bool {
    split_conjunction(condition).into_iter().any(is_drawn)
}

/// The conditions that it is made of: those that are drawn, and the others.
fn parts(condition: Logical) -> (Vec<Logical>, Vec<Logical>) {
    split_conjunction_owned(condition).into_iter().partition(is_drawn)
}

/// Columns that a node has computed right below it.
struct Below {
    input: Arc<LogicalPlan>,
    computed: Vec<Logical>,
}

impl Below {
    fn new(input: Arc<LogicalPlan>) -> Self {
        Below { input, computed: Vec::new() }
    }

    /// The columns of the input.
    fn columns(&self) -> Vec<Logical> {
        self.input.schema().columns().into_iter().map(Logical::Column).collect()
    }

    /// The column that an expression becomes.
    fn column(&mut self, expr: Logical) -> Logical {
        let is_taken = |name: &str| self.input.schema().fields().iter().any(|field| field.name() == name);
        let mut name = format!("{DRAWN}{}", self.computed.len());
        while is_taken(&name) {
            name.push('_');
        }
        self.computed.push(expr.unalias().alias(&name));
        Logical::Column(Column::from_name(name))
    }

    /// The input with these columns behind its own.
    fn plan(self) -> DfResult<Arc<LogicalPlan>> {
        let columns = self.columns().into_iter().chain(self.computed).collect();
        Projection::try_new(columns, self.input).map(|plan| Arc::new(LogicalPlan::Projection(plan)))
    }
}

/// The plan with these columns alone.
fn only(columns: Vec<Logical>, plan: LogicalPlan) -> DfResult<LogicalPlan> {
    Projection::try_new(columns, Arc::new(plan)).map(LogicalPlan::Projection)
}

/// The rows for which all of these are true.
fn kept(conditions: Vec<Logical>, input: Arc<LogicalPlan>) -> DfResult<LogicalPlan> {
    let Some(condition) = conjunction(conditions) else { return Ok(Arc::unwrap_or_clone(input)) };
    let mut below = Below::new(input);
    let (seen, condition) = (below.columns(), below.column(condition));
    let kept = Filter::try_new(condition, below.plan()?)?;
    only(seen, LogicalPlan::Filter(kept))
}

fn filtered(filter: Filter) -> DfResult<LogicalPlan> {
    let (drawn, others) = parts(filter.predicate);
    let input = match conjunction(others) {
        Some(others) => Arc::new(LogicalPlan::Filter(Filter::try_new(others, filter.input)?)),
        None => filter.input,
    };
    kept(drawn, input)
}

fn joined(mut join: Join) -> DfResult<LogicalPlan> {
    let (drawn, others) = join.filter.take().map(parts).unwrap_or_default();
    join.filter = conjunction(others);
    kept(drawn, Arc::new(LogicalPlan::Join(join)))
}

fn sorted(sort: Sort) -> DfResult<LogicalPlan> {
    let mut below = Below::new(sort.input);
    let seen = below.columns();
    let keys = sort.expr.into_iter().map(|key| match is_drawn(&key.expr) {
        true => SortExpr { expr: below.column(key.expr), ..key },
        false => key,
    });
    let expr = keys.collect();
    only(seen, LogicalPlan::Sort(Sort { expr, input: below.plan()?, fetch: sort.fetch }))
}

fn grouped(aggregate: Aggregate) -> DfResult<LogicalPlan> {
    let mut below = Below::new(aggregate.input);
    let keys = aggregate.group_expr.into_iter().map(|key| match is_drawn(&key) {
        true => {
            let (table, name) = key.qualified_name();
            below.column(key).alias_qualified(table, name)
        }
        false => key,
    });
    let keys = keys.collect();
    Aggregate::try_new(below.plan()?, keys, aggregate.aggr_expr).map(LogicalPlan::Aggregate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{nodes, session};
    use arrow_schema::{DataType, Field, Schema};
    use datafusion::{
        functions_aggregate::expr_fn::count,
        logical_expr::{LogicalPlanBuilder, table_scan},
        prelude::{col, lit, random},
    };

    fn table(name: &str) -> LogicalPlanBuilder {
        let field = |name| Field::new(name, DataType::Int64, true);
        table_scan(Some(name), &Schema::new(vec![field("x"), field("y")]), None).unwrap()
    }

    fn t() -> LogicalPlanBuilder {
        table("t")
    }

    fn half() -> Logical {
        random().lt(lit(0.5))
    }

    /// A plan, a line for each node.
    fn lines(plan: &LogicalPlan) -> Vec<String> {
        plan.display_indent().to_string().lines().map(|line| line.trim().to_owned()).collect()
    }

    /// What the rule alone makes of a plan.
    fn apart(plan: &LogicalPlan) -> LogicalPlan {
        let apart = OncePerRow.analyze(plan.clone(), &ConfigOptions::default()).unwrap();
        assert_eq!(apart.schema().columns(), plan.schema().columns());
        let again = OncePerRow.analyze(apart.clone(), &ConfigOptions::default()).unwrap();
        assert_eq!(lines(&again), lines(&apart), "what was put apart stays as it is");
        apart
    }

    #[test]
    fn volatile_expressions_become_columns_right_below_their_nodes() {
        let filtered = t().filter(half().and(col("x").gt(lit(1i64)))).unwrap().build().unwrap();
        assert_eq!(
            lines(&apart(&filtered)),
            [
                "Projection: t.x, t.y",
                "Filter: __drawn0",
                "Projection: t.x, t.y, random() < Float64(0.5) AS __drawn0",
                "Filter: t.x > Int64(1)",
                "TableScan: t"
            ]
        );
        let sorted = t().sort([col("x").sort(true, false), random().sort(false, false)]).unwrap().build().unwrap();
        assert_eq!(
            lines(&apart(&sorted)),
            [
                "Projection: t.x, t.y",
                "Sort: t.x ASC NULLS LAST, __drawn0 DESC NULLS LAST",
                "Projection: t.x, t.y, random() AS __drawn0",
                "TableScan: t"
            ]
        );
        let grouped = t().aggregate([col("x"), half()], [count(col("y"))]).unwrap().build().unwrap();
        assert_eq!(lines(&apart(&grouped))[1..], ["Projection: t.x, t.y, random() < Float64(0.5) AS __drawn0", "TableScan: t"]);
        let on = col("t.x").eq(col("u.x"));
        let joined = |kind| t().join_on(table("u").build().unwrap(), kind, [on.clone(), half()]).unwrap().build().unwrap();
        let inner = lines(&apart(&joined(JoinType::Inner)));
        assert_eq!(inner[1], "Filter: __drawn0", "{inner:?}");
        assert!(inner[2].ends_with(", random() < Float64(0.5) AS __drawn0"), "{inner:?}");
        assert!(inner[3].starts_with("Inner Join:") && !inner[3].contains("random"), "{inner:?}");
        // Rows of the left that the condition leaves without a match come out too.
        let left = joined(JoinType::Left);
        assert_eq!(lines(&apart(&left)), lines(&left));
    }

    #[test]
    fn what_is_not_volatile_stays_as_it_is() {
        for plan in [
            t().filter(col("x").gt(lit(1i64))).unwrap(),
            t().sort([col("x").sort(true, false)]).unwrap(),
            t().aggregate([col("x")], [count(col("y"))]).unwrap(),
            t().project([random().alias("r")]).unwrap().filter(col("r").lt(lit(0.5))).unwrap(),
        ] {
            let plan = plan.build().unwrap();
            assert_eq!(lines(&apart(&plan)), lines(&plan));
        }
    }

    #[test]
    fn a_condition_is_not_moved_below_what_it_stands_above() {
        let grouped = t().aggregate([col("x")], [count(col("y"))]).unwrap().build().unwrap();
        let different = t().distinct().unwrap().build().unwrap();
        let scan = || t().build().unwrap();
        let below =
            [("Tail", nodes::tail(scan(), 3, None)), ("Fence", nodes::fence(scan())), ("Aggregate", grouped), ("Aggregate", different)];
        for (node, plan) in below {
            let filtered = LogicalPlanBuilder::from(plan).filter(half().and(col("x").gt(lit(1i64)))).unwrap().build().unwrap();
            let lines = lines(&session::functions().optimize(&filtered).unwrap());
            let at = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
            assert!(at("random()") < at(node), "{lines:?}");
            assert_eq!(lines.iter().filter(|line| line.contains("random()")).count(), 1, "{lines:?}");
        }
    }

    #[test]
    fn a_condition_on_a_volatile_key_does_not_compute_it_anew() {
        let key = half().alias("k");
        let grouped = t().aggregate([key], [count(col("y"))]).unwrap().filter(col("k")).unwrap().build().unwrap();
        let lines = lines(&session::functions().optimize(&grouped).unwrap());
        assert_eq!(lines.iter().filter(|line| line.contains("random()")).count(), 1, "{lines:?}");
    }
}
