//! Calls to columns: a plan computes what windows need, then the windows, in columns that nobody sees; the expression reads
//! these. Windows inside windows come first, so that SQL's `QUALIFY` and more comes of itself.

use super::super::{build, resolve::column};
use crate::{
    error::of_datafusion,
    expr::{Call, Marker},
    nodes,
    operators::window::{Added, Direction, Window},
};
use datafusion::{
    common::{
        Column,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Expr as Logical, LogicalPlan},
};
use std::collections::HashSet;
use stratal_core::Result;

/// The columns that a plan had before others were hidden in it; none where none were.
pub(crate) struct Hidden(Option<Vec<Column>>);

impl Hidden {
    /// The plan without hidden columns.
    pub(crate) fn leave_out(self, plan: LogicalPlan) -> Result<LogicalPlan> {
        match self.0 {
            Some(columns) => build(plan, |plan| plan.project(columns.into_iter().map(Logical::Column))),
            None => Ok(plan),
        }
    }
}

/// Computes the windows in `exprs`, which are over the columns of `input`: the plan that does, and the expressions over it,
/// without windows.
pub(crate) fn stage(input: LogicalPlan, exprs: Vec<Logical>) -> Result<(LogicalPlan, Vec<Logical>, Hidden)> {
    let columns = input.schema().columns();
    let mut stage = Stage { names: Names::of(&input), plan: input, exprs, has_hidden: false };
    stage.row_ids()?;
    while let Some(calls) = stage.innermost() {
        stage.compute(&calls)?;
    }
    Ok((stage.plan, stage.exprs, Hidden(stage.has_hidden.then_some(columns))))
}

/// Names that no column has.
struct Names {
    taken: HashSet<String>,
    next: usize,
}

impl Names {
    fn of(plan: &LogicalPlan) -> Self {
        Names { taken: plan.schema().fields().iter().map(|field| field.name().clone()).collect(), next: 0 }
    }

    fn next(&mut self) -> String {
        loop {
            let name = format!("__{}", self.next);
            self.next += 1;
            if !self.taken.contains(&name) {
                return name;
            }
        }
    }
}

/// The work so far.
struct Stage {
    names: Names,
    plan: LogicalPlan,
    exprs: Vec<Logical>,
    has_hidden: bool,
}

fn is_call(expr: &Logical) -> bool {
    matches!(Marker::of_expr(expr), Some((Marker::Call(_), _)))
}

/// Whether there is such a node in it.
fn has(expr: &Logical, is: impl Fn(&Logical) -> bool) -> bool {
    // The visitor never fails.
    expr.exists(|node| Ok(is(node))).unwrap_or(false)
}

impl Stage {
    /// Every expression with what `replace` gives in place of a node.
    fn replace(&mut self, replace: impl Fn(&Logical) -> Option<Logical>) -> Result<()> {
        for expr in &mut self.exprs {
            let replaced = expr.clone().transform_down(|node| {
                Ok(match replace(&node) {
                    Some(other) => Transformed::new(other, true, TreeNodeRecursion::Jump),
                    None => Transformed::no(node),
                })
            });
            *expr = replaced.data().map_err(of_datafusion)?;
        }
        Ok(())
    }

    /// The column of this name, in the plan as it is.
    fn column(&self, name: &str) -> Result<Logical> {
        column(name, self.plan.schema()).map(Logical::Column)
    }

    /// Numbers rows, where their order is asked for.
    fn row_ids(&mut self) -> Result<()> {
        let is_row_id = |expr: &Logical| matches!(Marker::of_expr(expr), Some((Marker::RowId, _)));
        if !self.exprs.iter().any(|expr| has(expr, is_row_id)) {
            return Ok(());
        }
        let name = self.names.next();
        self.plan = nodes::row_ids(self.plan.clone(), &name)?;
        self.has_hidden = true;
        let id = self.column(&name)?;
        self.replace(|node| is_row_id(node).then(|| id.clone()))
    }

    /// The calls that have none inside, each once; none where there are no calls.
    fn innermost(&self) -> Option<Vec<Logical>> {
        let mut calls: Vec<Logical> = Vec::new();
        for expr in &self.exprs {
            // The visitor never fails.
            let _ = expr.apply(|node| {
                if let Some((Marker::Call(_), arguments)) = Marker::of_expr(node)
                    && !arguments.iter().any(|argument| has(argument, is_call))
                    && !calls.contains(node)
                {
                    calls.push(node.clone());
                }
                Ok(TreeNodeRecursion::Continue)
            });
        }
        (!calls.is_empty()).then_some(calls)
    }

    /// Puts what these calls come to into columns, and the columns in their places.
    fn compute(&mut self, calls: &[Logical]) -> Result<()> {
        self.has_hidden = true;
        let inputs = self.inputs(calls)?;
        let mut windows: Vec<Window<String>> = Vec::new();
        let mut columns = Vec::new();
        for node in calls {
            let Some((Marker::Call(call), arguments)) = Marker::of_expr(node) else { continue };
            let names = arguments.iter().map(|argument| name_of(argument, &inputs)).collect::<Vec<_>>();
            let name = self.names.next();
            let window = as_window(call, &names, name.clone());
            columns.push((node, name));
            match windows.iter_mut().find(|known| known.keys == window.keys && known.order == window.order) {
                Some(known) => known.added.extend(window.added),
                None => windows.push(window),
            }
        }
        for window in windows {
            self.plan = nodes::window(self.plan.clone(), window)?;
        }
        let columns = columns.into_iter().map(|(node, name)| Ok((node, self.column(&name)?))).collect::<Result<Vec<_>>>()?;
        self.replace(|node| columns.iter().find(|(call, _)| *call == node).map(|(_, column)| column.clone()))
    }

    /// Puts the arguments of calls that are no columns into columns, and gives these their names.
    fn inputs(&mut self, calls: &[Logical]) -> Result<Vec<(Logical, String)>> {
        let mut inputs: Vec<(Logical, String)> = Vec::new();
        for (_, arguments) in calls.iter().filter_map(Marker::of_expr) {
            for argument in arguments {
                let is_known = matches!(argument, Logical::Column(_)) || inputs.iter().any(|(known, _)| known == argument);
                if !is_known {
                    inputs.push((argument.clone(), self.names.next()));
                }
            }
        }
        if !inputs.is_empty() {
            let old = self.plan.schema().columns().into_iter().map(Logical::Column);
            let new = inputs.iter().map(|(argument, name)| argument.clone().unalias().alias(name));
            let columns: Vec<Logical> = old.chain(new).collect();
            self.plan = build(self.plan.clone(), |plan| plan.project(columns))?;
        }
        Ok(inputs)
    }
}

/// The name of the column that an argument is, or was put into.
fn name_of(argument: &Logical, inputs: &[(Logical, String)]) -> String {
    match argument {
        Logical::Column(column) => column.name.clone(),
        other => inputs.iter().find(|(known, _)| known == other).map(|(_, name)| name.clone()).unwrap_or_default(),
    }
}

/// A call over columns of these names.
fn as_window(call: &Call, arguments: &[String], name: String) -> Window<String> {
    let mut arguments = arguments.iter().cloned();
    let args = arguments.by_ref().take(call.args).collect();
    let filter = if call.has_filter { arguments.next() } else { None };
    let measure = if call.has_measure { arguments.next() } else { None };
    let keys = arguments.by_ref().take(call.keys).collect();
    let order: Vec<(String, Direction)> = arguments.zip(call.order.iter().copied()).collect();
    let added = Added { function: call.function, args, filter, frame: call.frame, measure, min_rows: call.min_rows, name };
    Window { keys, order, added: vec![added] }
}
