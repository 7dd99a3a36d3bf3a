//! A function and its window, over bound columns: which function it is, over which frame, with arguments of its types.

use super::{
    super::{aggregate_types::takes_numbers, common_type::cast},
    types::{difference_input, mean_input, sum_type, tick},
};
use crate::{
    error::{of_datafusion, to_datafusion},
    expr::{Call, Marker, Name, Over, Span, Waiting, refuse_waiting, same_float, sees_order, show},
    functions::product_type,
    operators::window::{Direction, Frame, Function},
    types::type_name,
};
use arrow_schema::DataType;
use datafusion::{
    common::{
        DFSchema, ScalarValue,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    logical_expr::{BinaryExpr, Expr as Logical, ExprSchemable, Operator, SortExpr, expr::AggregateFunction, utils::find_aggregate_exprs},
};
use stratal_core::{Error, ErrorKind, Result};

/// The expression with what its windows come to. Columns are bound already.
///
/// # Errors
/// `BadValue` for a window that does not fit its function, and for a function without a window.
pub(in crate::bind) fn bound(expr: Logical, schema: &DFSchema) -> Result<Logical> {
    let called = expr.transform_up(|node| match Marker::of_expr(&node) {
        Some((Marker::Over(over), arguments)) => {
            let around = Around::new(&node, over, arguments, schema).map_err(to_datafusion)?;
            around.call().map(Transformed::yes).map_err(to_datafusion)
        }
        _ if matches!(node, Logical::WindowFunction(_)) => {
            let help = "put .over(Window::by(..)) around the function, or write a whole query: DFrame::sql(..)";
            Err(to_datafusion(wrong(format!("{} is a window of DataFusion's", show(&node)), help)))
        }
        _ => suited(node, schema).map_err(to_datafusion),
    });
    let called = called.data().map_err(of_datafusion)?;
    refuse_waiting(&called)?;
    Ok(called)
}

/// An aggregate as it can be computed. The first and the last of rows that are told no order are those in the order of rows.
/// Of different floats there is one zero and one NaN. DataFusion's sketch takes no floats: their texts are as different as they
/// are.
fn suited(expr: Logical, schema: &DFSchema) -> Result<Transformed<Logical>> {
    let expr = match expr {
        Logical::AggregateFunction(function) if function.params.distinct || function.func.name() == "approx_distinct" => {
            of_different(function, schema)?
        }
        other => other,
    };
    match expr {
        Logical::AggregateFunction(mut function) if is_first_or_last(&function) && function.params.order_by.is_empty() => {
            function.params.order_by.push(SortExpr::new(row_id(), true, false));
            Ok(Transformed::yes(Logical::AggregateFunction(function)))
        }
        Logical::AggregateFunction(mut function) if function.func.name() == "approx_distinct" => {
            for own in &mut function.params.args {
                let data_type = own.get_type(schema).map_err(of_datafusion)?;
                if data_type.is_floating() {
                    *own = cast(own.clone(), &data_type, &DataType::Utf8);
                }
            }
            Ok(Transformed::yes(Logical::AggregateFunction(function)))
        }
        // The mean of decimals would be a decimal of four digits more, and all further ones lost.
        Logical::AggregateFunction(mut function) if function.func.name() == "avg" => {
            for own in &mut function.params.args {
                let data_type = own.get_type(schema).map_err(of_datafusion)?;
                if data_type.is_decimal() {
                    *own = cast(own.clone(), &data_type, &DataType::Float64);
                }
            }
            Ok(Transformed::yes(Logical::AggregateFunction(function)))
        }
        other => {
            let is_changed = matches!(&other, Logical::AggregateFunction(function) if function.params.distinct);
            Ok(Transformed::new_transformed(other, is_changed))
        }
    }
}

/// An aggregate of different values, over floats that are one where they are equal.
fn of_different(mut function: AggregateFunction, schema: &DFSchema) -> Result<Logical> {
    let params = &mut function.params;
    for own in &mut params.args {
        let data_type = own.get_type(schema).map_err(of_datafusion)?;
        let same = same_float(own.clone(), &data_type)?;
        // Different values are sorted by themselves.
        params.order_by.iter_mut().filter(|key| key.expr == *own).for_each(|key| key.expr = same.clone());
        *own = same;
    }
    Ok(Logical::AggregateFunction(function))
}

fn is_first_or_last(function: &AggregateFunction) -> bool {
    matches!(function.func.name(), "first_value" | "last_value")
}

fn row_id() -> Logical {
    Marker::RowId.stand(Vec::new())
}

fn is_row_id(expr: &Logical) -> bool {
    matches!(Marker::of_expr(expr), Some((Marker::RowId, _)))
}

fn wrong(message: String, help: impl Into<String>) -> Error {
    Error::new(ErrorKind::BadValue, message).with_help(help)
}

/// A function with its window.
struct Around<'a> {
    function: &'a Logical,
    over: &'a Over,
    keys: &'a [Logical],
    order: &'a [Logical],
    /// It as it was written.
    shown: String,
    schema: &'a DFSchema,
}

/// What goes into a call besides the function and its arguments.
struct Setting {
    filter: Option<Logical>,
    frame: Frame,
    measure: Option<Logical>,
    order: Vec<Logical>,
    directions: Vec<Direction>,
}

impl<'a> Around<'a> {
    fn new(whole: &Logical, over: &'a Over, arguments: &'a [Logical], schema: &'a DFSchema) -> Result<Self> {
        let inner = || Error::internal("a window around nothing");
        let (function, rest) = arguments.split_first().ok_or_else(inner)?;
        let (keys, order) = rest.split_at_checked(over.keys).ok_or_else(inner)?;
        let mut inside: Vec<&Logical> = match function {
            Logical::AggregateFunction(function) => function.params.args.iter().collect(),
            function => vec![function],
        };
        inside.extend(rest);
        if let Some(bare) = find_aggregate_exprs(inside).first() {
            let message = format!("{} is one value for many rows and cannot stand in {}", show(bare), show(whole));
            return Err(wrong(message, format!("give it a window too: {}.over(..)", show(bare))));
        }
        Ok(Around { function, over, keys, order, shown: show(whole), schema })
    }

    fn call(&self) -> Result<Logical> {
        match (self.function, Marker::of_expr(self.function)) {
            (Logical::AggregateFunction(function), _) => self.aggregate(function),
            (_, Some((Marker::Waiting(waiting), arguments))) => self.waiting(*waiting, arguments.first()),
            _ => Err(Error::internal(format!("{} is no function of a window", show(self.function)))),
        }
    }

    fn type_of(&self, expr: &Logical) -> Result<DataType> {
        expr.get_type(self.schema).map_err(of_datafusion)
    }

    /// The expression as `to`.
    fn cast(&self, expr: &Logical, to: &DataType) -> Result<Logical> {
        Ok(cast(expr.clone(), &self.type_of(expr)?, to))
    }

    fn stand(&self, function: Function, mut args: Vec<Logical>, setting: Setting) -> Logical {
        let call = Call {
            function,
            args: args.len(),
            has_filter: setting.filter.is_some(),
            has_measure: setting.measure.is_some(),
            keys: self.keys.len(),
            order: setting.directions,
            frame: setting.frame,
            min_rows: self.over.min_rows,
            name: Name::of(self.function),
            shown: self.shown.clone(),
        };
        args.extend(setting.filter.into_iter().chain(setting.measure));
        args.extend(self.keys.iter().cloned().chain(setting.order));
        Marker::Call(call).stand(args)
    }

    /// Rows of the window's order, with these in the frame.
    fn in_order(&self, frame: Frame) -> Setting {
        Setting { filter: None, frame, measure: None, order: self.order.to_vec(), directions: self.over.order.clone() }
    }

    fn aggregate(&self, function: &AggregateFunction) -> Result<Logical> {
        let setting = self.setting(function)?;
        let params = &function.params;
        let is_row_count = matches!(&params.args[..], [Logical::Literal(value, _)] if !value.is_null());
        let own = || params.args.first().cloned().ok_or_else(|| Error::internal("an aggregate without an argument"));
        let own_type = || self.type_of(&own()?);
        let as_type = |to: DataType| -> Result<Vec<Logical>> { Ok(vec![self.cast(&own()?, &to)?]) };
        let floats = || params.args.iter().map(|arg| self.cast(arg, &DataType::Float64)).collect::<Result<Vec<_>>>();
        let (called, args) = match (function.func.name(), params.distinct) {
            ("count", false) if is_row_count => (Function::Count, Vec::new()),
            ("count", false) => (Function::Count, vec![own()?]),
            ("count", true) | ("approx_distinct", _) => (Function::Unique, vec![own()?]),
            ("min", _) => (Function::Min, vec![own()?]),
            ("max", _) => (Function::Max, vec![own()?]),
            ("first_value", _) => (Function::First, vec![own()?]),
            ("last_value", _) => (Function::Last, vec![own()?]),
            ("bool_or", _) => (Function::Any, as_type(DataType::Boolean)?),
            ("bool_and", _) => (Function::All, as_type(DataType::Boolean)?),
            (_, true) => {
                let message = format!("{} takes equal values once, which no window does", self.shown);
                return Err(wrong(message, "use group_by(..).agg(..) and join its result, or n_unique() to count"));
            }
            ("array_agg", _) => (Function::List, vec![own()?]),
            ("sum", _) => (Function::Sum, as_type(sum_type(&own_type()?))?),
            ("avg", _) => (Function::Mean, as_type(mean_input(&own_type()?))?),
            ("stratal_product", _) => (Function::Product, as_type(product_type(&own_type()?))?),
            ("var" | "var_samp", _) => (Function::Var, floats()?),
            ("stddev", _) => (Function::Std, floats()?),
            ("corr", _) => (Function::Corr, floats()?),
            ("covar_samp", _) => (Function::Cov, floats()?),
            ("stratal_quantile" | "approx_percentile_cont", _) => match &params.args[..] {
                [_, Logical::Literal(ScalarValue::Float64(Some(q)), _)] => (Function::Quantile(q.to_bits()), as_type(DataType::Float64)?),
                _ => return Err(Error::internal("a quantile that is no number")),
            },
            _ => {
                let message = format!("{} has no window", show(self.function));
                return Err(wrong(message, "use group_by(..).agg(..) and join its result"));
            }
        };
        let call = self.stand(called, args, setting);
        // Groups count it so too.
        let is_unsigned = function.func.name() == "approx_distinct";
        Ok(if is_unsigned { cast(call, &DataType::Int64, &DataType::UInt64) } else { call })
    }

    /// The rows that an aggregate sees, and their order.
    fn setting(&self, function: &AggregateFunction) -> Result<Setting> {
        let params = &function.params;
        let (frame, measure) = self.frame()?;
        let filter = params.filter.as_deref().map(|filter| self.cast(filter, &DataType::Boolean)).transpose()?;
        // An order of rows that the binder gave it is none that was asked for.
        let asked: Vec<&SortExpr> = params.order_by.iter().filter(|key| !is_row_id(&key.expr)).collect();
        let of_key = |key: &&SortExpr| Direction { descending: !key.asc, nulls_first: key.nulls_first };
        let (order, directions) = match (sees_order(function), self.order) {
            (true, _) if !asked.is_empty() && self.over.span.is_some() => {
                let message = format!("{} has an order of its own, and its window looks at some rows in another", self.shown);
                return Err(wrong(message, "give the order to the window alone: Window::by(..).order_by(..).rows(..)"));
            }
            (true, _) if !asked.is_empty() => (asked.iter().map(|key| key.expr.clone()).collect(), asked.iter().map(of_key).collect()),
            (true, []) => (vec![row_id()], vec![Direction { descending: false, nulls_first: false }]),
            _ => (self.order.to_vec(), self.over.order.clone()),
        };
        Ok(Setting { filter, frame, measure, order, directions })
    }

    /// The frame that was asked for, and what it is measured in.
    fn frame(&self) -> Result<(Frame, Option<Logical>)> {
        match &self.over.span {
            None | Some(Span::Rows(None, None)) => Ok((Frame::Whole, None)),
            Some(span) if self.order.is_empty() => {
                let message = format!("{} looks at some of the rows ({span}), and they have no order", self.shown);
                Err(wrong(message, "order the window: Window::by(\"k\").order_by(\"t\")"))
            }
            Some(Span::Rows(start, end)) => Ok((Frame::Rows { start: *start, end: *end }, None)),
            Some(Span::Time(nanos, text)) => {
                let [key] = self.order else {
                    let message =
                        format!("{} is ordered by {} columns, and trailing({text:?}) is measured in one", self.shown, self.order.len());
                    return Err(wrong(message, "order the window by the time alone"));
                };
                let data_type = self.type_of(key)?;
                let Some(tick) = tick(&data_type) else {
                    let message = format!(
                        "trailing({text:?}) is a time, and the window is ordered by {}, which is {}",
                        show(key),
                        type_name(&data_type)
                    );
                    return Err(wrong(message, "order the window by a date or a time, or count rows: trailing(7)"));
                };
                // What is less than so many ticks away, in whole ticks.
                let ticks = i64::try_from((nanos + tick - 1) / tick).unwrap_or(i64::MAX);
                let measure = cast(key.clone(), &data_type, &DataType::Int64);
                Ok((Frame::Range { start: Some(1 - ticks), end: Some(0) }, Some(measure)))
            }
        }
    }

    fn waiting(&self, waiting: Waiting, argument: Option<&Logical>) -> Result<Logical> {
        if self.order.is_empty() {
            let message = format!("{} needs to know in which order rows are", self.shown);
            return Err(wrong(message, "order the window: .over(Window::ordered(\"t\")), or .over(Window::by(\"k\").order_by(\"t\"))"));
        }
        if self.over.span.is_some() || self.over.min_rows > 1 {
            let message = format!("{} looks at rows of its own, and the window names others", self.shown);
            return Err(wrong(
                message,
                "leave out rows(..), trailing(..), centered(..) and min_rows(..), or take an aggregate such as sum()",
            ));
        }
        let own = || argument.ok_or_else(|| Error::internal("a window function without an argument"));
        let whole = |function: Function, args: Vec<Logical>| self.stand(function, args, self.in_order(Frame::Whole));
        let so_far =
            |function: Function, args: Vec<Logical>| self.stand(function, args, self.in_order(Frame::Rows { start: None, end: Some(0) }));
        let arithmetic = |left: Logical, operator: Operator, right: Logical| {
            Logical::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)))
        };
        if matches!(waiting, Waiting::Diff(_) | Waiting::PctChange(_) | Waiting::CumSum) {
            let is_difference = matches!(waiting, Waiting::Diff(_));
            takes_numbers(self.function, own()?, self.schema, |data_type| is_difference && data_type.is_temporal())?;
        }
        Ok(match waiting {
            Waiting::Lag(rows) => whole(Function::Shift(rows), vec![own()?.clone()]),
            Waiting::Lead(rows) => whole(Function::Shift(rows.saturating_neg()), vec![own()?.clone()]),
            Waiting::Diff(rows) => {
                let value = self.cast(own()?, &difference_input(&self.type_of(own()?)?))?;
                arithmetic(value.clone(), Operator::Minus, whole(Function::Shift(rows), vec![value]))
            }
            Waiting::PctChange(rows) => {
                let value = self.cast(own()?, &DataType::Float64)?;
                let ratio = arithmetic(value.clone(), Operator::Divide, whole(Function::Shift(rows), vec![value]));
                arithmetic(ratio, Operator::Minus, Logical::Literal(ScalarValue::Float64(Some(1.0)), None))
            }
            Waiting::CumSum => so_far(Function::Sum, vec![self.cast(own()?, &sum_type(&self.type_of(own()?)?))?]),
            Waiting::CumMin => so_far(Function::Min, vec![own()?.clone()]),
            Waiting::CumMax => so_far(Function::Max, vec![own()?.clone()]),
            Waiting::CumCount => so_far(Function::Count, vec![own()?.clone()]),
            Waiting::ForwardFill => whole(Function::FillForward, vec![own()?.clone()]),
            Waiting::BackwardFill => whole(Function::FillBackward, vec![own()?.clone()]),
            Waiting::RowNumber => whole(Function::RowNumber, Vec::new()),
            Waiting::Rank => whole(Function::Rank, Vec::new()),
            Waiting::DenseRank => whole(Function::DenseRank, Vec::new()),
            Waiting::PercentRank => whole(Function::PercentRank, Vec::new()),
            Waiting::CumeDist => whole(Function::CumeDist, Vec::new()),
            Waiting::Ntile(parts) => whole(Function::Ntile(parts), Vec::new()),
        })
    }
}
