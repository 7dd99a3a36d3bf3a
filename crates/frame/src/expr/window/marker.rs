//! [`Marker`]: what a window is in an expression, before there is a plan.
//!
//! Each stands there as a function of DataFusion's that is never run. A function waits for its window; `over` puts the window
//! around it; the binder says what both come to; and where a plan is made, a column takes its place.

use super::span::Span;
use crate::{
    bind::{difference_type, sum_type},
    error::to_datafusion,
    expr::{name::Name, show},
    operators::window::{Direction, Frame, Function},
};
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        ColumnarValue, Expr as Logical, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
        expr::ScalarFunction,
    },
};
use std::sync::{Arc, LazyLock};
use stratal_core::{Error, ErrorKind, Result};

/// What stands in an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Marker {
    /// A function that has no window yet, with its argument.
    Waiting(Waiting),
    /// A window around a function: the function, then the keys, then what is sorted by.
    Over(Over),
    /// What a window around a function comes to.
    Call(Call),
    /// The place of a row in the order of rows.
    RowId,
}

/// A function that needs a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Waiting {
    Lag(i64),
    Lead(i64),
    Diff(i64),
    PctChange(i64),
    CumSum,
    CumMin,
    CumMax,
    CumCount,
    ForwardFill,
    BackwardFill,
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    Ntile(u64),
}

/// A window as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Over {
    pub(crate) keys: usize,
    pub(crate) order: Vec<Direction>,
    pub(crate) span: Option<Span>,
    pub(crate) min_rows: u64,
}

/// A bound window. Its arguments are those of the function, a filter and a measure if it has them, the keys, and what is
/// sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) args: usize,
    pub(crate) has_filter: bool,
    pub(crate) has_measure: bool,
    pub(crate) keys: usize,
    pub(crate) order: Vec<Direction>,
    pub(crate) frame: Frame,
    pub(crate) min_rows: u64,
    /// What the function gives it a name by.
    pub(crate) name: Name,
    /// It as it was written.
    pub(crate) shown: String,
}

impl Waiting {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Waiting::Lag(_) => "lag",
            Waiting::Lead(_) => "lead",
            Waiting::Diff(_) => "diff",
            Waiting::PctChange(_) => "pct_change",
            Waiting::CumSum => "cum_sum",
            Waiting::CumMin => "cum_min",
            Waiting::CumMax => "cum_max",
            Waiting::CumCount => "cum_count",
            Waiting::ForwardFill => "forward_fill",
            Waiting::BackwardFill => "backward_fill",
            Waiting::RowNumber => "row_number",
            Waiting::Rank => "rank",
            Waiting::DenseRank => "dense_rank",
            Waiting::PercentRank => "percent_rank",
            Waiting::CumeDist => "cume_dist",
            Waiting::Ntile(_) => "ntile",
        }
    }

    /// The number that it was given.
    pub(crate) fn number(self) -> Option<i64> {
        match self {
            Waiting::Lag(n) | Waiting::Lead(n) | Waiting::Diff(n) | Waiting::PctChange(n) => Some(n),
            Waiting::Ntile(n) => i64::try_from(n).ok(),
            _ => None,
        }
    }

    /// The type of its result.
    fn output(self, args: &[DataType]) -> DataType {
        let own = || args.first().cloned().unwrap_or(DataType::Null);
        match self {
            Waiting::Lag(_) | Waiting::Lead(_) | Waiting::ForwardFill | Waiting::BackwardFill => own(),
            Waiting::CumMin | Waiting::CumMax => own(),
            Waiting::Diff(_) => difference_type(&own()),
            Waiting::CumSum => sum_type(&own()),
            Waiting::PctChange(_) | Waiting::PercentRank | Waiting::CumeDist => DataType::Float64,
            Waiting::CumCount | Waiting::RowNumber | Waiting::Rank | Waiting::DenseRank | Waiting::Ntile(_) => DataType::Int64,
        }
    }
}

impl Marker {
    /// It, in an expression.
    pub(crate) fn stand(self, arguments: Vec<Logical>) -> Logical {
        let function = ScalarUDF::new_from_impl(Stand(self));
        Logical::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), arguments))
    }

    /// What stands here, if something does.
    pub(crate) fn of(function: &ScalarFunction) -> Option<&Marker> {
        function.func.inner().downcast_ref::<Stand>().map(|stand| &stand.0)
    }

    /// [`of`](Self::of) an expression.
    pub(crate) fn of_expr(expr: &Logical) -> Option<(&Marker, &[Logical])> {
        match expr {
            Logical::ScalarFunction(function) => Marker::of(function).map(|marker| (marker, &function.args[..])),
            _ => None,
        }
    }

    /// The type of what it stands for.
    fn output(&self, args: &[DataType]) -> DataType {
        match self {
            Marker::Waiting(waiting) => waiting.output(args),
            Marker::Over(_) => args.first().cloned().unwrap_or(DataType::Null),
            Marker::Call(call) => call.function.output(&args[..call.args.min(args.len())]),
            Marker::RowId => DataType::Int64,
        }
    }
}

/// Whether there is a window in it.
pub(crate) fn has_window(expr: &Logical) -> bool {
    // The visitor never fails.
    expr.exists(|node| Ok(matches!(Marker::of_expr(node), Some((Marker::Over(_) | Marker::Call(_), _))))).unwrap_or(false)
}

/// The function that DataFusion sees.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Stand(Marker);

impl ScalarUDFImpl for Stand {
    fn name(&self) -> &str {
        match &self.0 {
            Marker::Waiting(waiting) => waiting.name(),
            Marker::Over(_) | Marker::Call(_) => "over",
            Marker::RowId => "row_id",
        }
    }

    fn signature(&self) -> &Signature {
        static ANY: LazyLock<Signature> = LazyLock::new(|| Signature::user_defined(Volatility::Immutable));
        &ANY
    }

    fn coerce_types(&self, types: &[DataType]) -> DfResult<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> DfResult<DataType> {
        Ok(self.0.output(types))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> DfResult<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Arc::new(Field::new(self.name(), self.0.output(&types), true)))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        Err(to_datafusion(Error::internal(format!("{} was not planned before it was run", self.name()))))
    }
}

/// A function that waits for its window.
pub(super) fn waiting(waiting: Waiting, argument: Option<Logical>) -> Logical {
    Marker::Waiting(waiting).stand(argument.into_iter().collect())
}

/// The mistake of a function without a window.
pub(crate) fn refuse_waiting(expr: &Logical) -> Result<()> {
    let mut alone = None;
    // The visitor never fails.
    let _ = expr.apply(|node| {
        if let Some((Marker::Waiting(_), _)) = Marker::of_expr(node) {
            alone = Some(show(node));
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    match alone {
        None => Ok(()),
        Some(shown) => {
            let message = format!("{shown} needs a window that says in which order rows are");
            let help = "add one: .over(Window::ordered(\"t\")), or .over(Window::by(\"k\").order_by(\"t\")) for each key apart";
            Err(Error::new(ErrorKind::BadValue, message).with_help(help))
        }
    }
}
