//! Between frames and DataFusion: plans, tables and functions in both directions.
//!
//! ```
//! use datafusion::prelude::{SessionContext, col as df_col, lit as df_lit};
//! use stratal_frame::{col, frame, interop};
//!
//! let rows = frame! { "x" => [1i64, 2, 3] }.collect()?;
//! let theirs = SessionContext::new().read_batches(rows.batches().to_vec())?.filter(df_col("x").gt(df_lit(1i64)))?;
//! let ours = interop::from_datafusion(theirs).with_column("x", col("x") * 10);
//! assert_eq!(ours.collect()?.column::<i64>("x")?, [20, 30]);
//! assert!(interop::to_datafusion(&ours)?.display_indent().to_string().contains("x > Int64(1)"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::{DFrame, error::of_datafusion, leaf::LeafTable, nodes::is_own, source::Source};
use datafusion::{
    common::{
        Result as DfResult, ScalarValue,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    dataframe::DataFrame,
    datasource::{TableProvider, ViewTable, source_as_provider},
    error::DataFusionError,
    logical_expr::{Expr as Logical, LogicalPlan, LogicalPlanBuilder, ScalarUDF, Sort},
};
use std::{
    panic::Location,
    sync::{Arc, PoisonError, RwLock},
};
use stratal_core::{Error, ErrorKind, Result, config::Config};

/// What is a plan of DataFusion's: a `LogicalPlan`, or a `DataFrame`.
pub trait IntoLogicalPlan {
    /// The plan, not optimized.
    fn into_logical_plan(self) -> LogicalPlan;
}

impl IntoLogicalPlan for LogicalPlan {
    fn into_logical_plan(self) -> LogicalPlan {
        self
    }
}

impl IntoLogicalPlan for DataFrame {
    fn into_logical_plan(self) -> LogicalPlan {
        self.into_unoptimized_plan()
    }
}

/// A frame of what a plan of DataFusion's gives. It is optimized and run here, whatever session it was made in; on a cluster
/// it runs if all that it scans has a wire form, which tables in memory and files have.
#[track_caller]
pub fn from_datafusion(plan: impl IntoLogicalPlan) -> DFrame {
    let table = Arc::new(ViewTable::new(plan.into_logical_plan(), None));
    DFrame::of_source(Foreign { name: "from_datafusion", table }, Location::caller())
}

/// A frame of the rows of a table of DataFusion's. It is scanned in this process; on a cluster only if its plan has a wire
/// form.
///
/// ```
/// use datafusion::datasource::MemTable;
/// use std::sync::Arc;
/// use stratal_frame::{frame, interop};
/// let rows = frame! { "x" => [1i64, 2, 3] }.collect()?;
/// let table = MemTable::try_new(rows.schema().clone(), vec![rows.batches().to_vec()])?;
/// assert_eq!(interop::from_provider(Arc::new(table)).count()?, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn from_provider(table: Arc<dyn TableProvider>) -> DFrame {
    DFrame::of_source(Foreign { name: "from_provider", table }, Location::caller())
}

/// A sort by DataFusion's means alone: rows of equal keys are in no order there.
fn unnumbered(plan: LogicalPlan) -> DfResult<Transformed<LogicalPlan>> {
    let LogicalPlan::Sort(sort) = &plan else { return Ok(Transformed::no(plan)) };
    let LogicalPlan::Extension(extension) = &*sort.input else { return Ok(Transformed::no(plan)) };
    let (Some(last), [rows]) = (sort.expr.last(), &extension.node.inputs()[..]) else { return Ok(Transformed::no(plan)) };
    let number = match &last.expr {
        Logical::Column(column) if !rows.schema().has_column(column) => column.clone(),
        _ => return Ok(Transformed::no(plan)),
    };
    let constant = Logical::Literal(ScalarValue::Int64(Some(0)), None).alias_qualified(number.relation.clone(), number.name.clone());
    let columns = rows.schema().columns().into_iter().map(Logical::Column).chain([constant]);
    let input = LogicalPlanBuilder::from((*rows).clone()).project(columns)?.build()?;
    let sort = Sort { expr: sort.expr[..sort.expr.len() - 1].to_vec(), input: Arc::new(input), fetch: sort.fetch };
    Ok(Transformed::yes(LogicalPlan::Sort(sort)))
}

/// The plan of a frame, to go on with in DataFusion. Rows of equal keys, which a sort of Stratal's keeps in their order, are
/// in no order there.
///
/// # Errors
/// The first step that is wrong; `BadValue` for steps that DataFusion alone cannot run: functions on partitions, `tail`, and
/// others whose nodes are Stratal's, and rows that a run of Stratal's keeps or has yet to make.
pub fn to_datafusion(frame: &DFrame) -> Result<LogicalPlan> {
    let plan = frame.bound()?.transform_up(unnumbered).data().map_err(of_datafusion)?;
    let refuse = |what: String| -> DfResult<()> {
        let error = Error::new(ErrorKind::BadValue, format!("{what} mean nothing to DataFusion alone"));
        Err(DataFusionError::External(Box::new(error.with_help("collect() the frame, and give DataFusion its batches"))))
    };
    let look = |plan: &LogicalPlan| {
        match plan {
            LogicalPlan::Extension(extension) if is_own(extension.node.as_ref()) => {
                refuse(format!("steps that are planned as {}", extension.node.name()))?;
            }
            LogicalPlan::TableScan(scan) => {
                let table = source_as_provider(&scan.source)?;
                if table.is::<LeafTable>() {
                    refuse("rows that a run keeps or makes".to_owned())?;
                }
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    };
    plan.apply_with_subqueries(look).map_err(of_datafusion)?;
    Ok(plan)
}

static REGISTERED: RwLock<Vec<Arc<ScalarUDF>>> = RwLock::new(Vec::new());

/// Makes a scalar function known by its name, to [`call`](fn@crate::call), [`sql_expr`](fn@crate::sql_expr) and
/// [`DFrame::sql`]; a later one of the same name takes its place. On a cluster the workers' program must register it too.
///
/// ```
/// use datafusion::{arrow::datatypes::DataType, common::ScalarValue, logical_expr::{ColumnarValue, Volatility, create_udf}};
/// use std::sync::Arc;
/// use stratal_frame::{call, frame, interop};
/// let seven = |_: &[ColumnarValue]| Ok(ColumnarValue::Scalar(ScalarValue::Int64(Some(7))));
/// interop::register_udf(create_udf("seven", vec![], DataType::Int64, Volatility::Immutable, Arc::new(seven)));
/// let df = frame! { "x" => [1i64] }.select(call("seven", ()).alias("seven"));
/// assert_eq!(df.collect()?.item::<i64>()?, 7);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn register_udf(function: ScalarUDF) {
    let mut all = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    all.retain(|other| other.name() != function.name());
    all.push(Arc::new(function));
}

/// The functions that were registered.
pub(crate) fn registered() -> Vec<Arc<ScalarUDF>> {
    REGISTERED.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The registered function of this name.
pub(crate) fn registered_as(name: &str) -> Result<Arc<ScalarUDF>> {
    registered().into_iter().find(|function| function.name() == name).ok_or_else(|| {
        let error = Error::new(ErrorKind::Unregistered, format!("this process has no scalar function {name}"));
        error.with_help("register it where the workers' program starts: interop::register_udf(..)")
    })
}

/// What comes from DataFusion, as a source.
struct Foreign {
    name: &'static str,
    table: Arc<dyn TableProvider>,
}

impl Source for Foreign {
    fn name(&self) -> &'static str {
        self.name
    }

    fn arguments(&self) -> String {
        let schema = self.table.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        format!("[{}]", names.join(", "))
    }

    fn open(&self, _: &Config) -> Result<Arc<dyn TableProvider>> {
        Ok(self.table.clone())
    }
}
