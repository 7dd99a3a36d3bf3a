//! [`Numbered`]: the parts of a plan by numbers, such that equal parts have one.
//!
//! A part is a node with all that is beneath it. It is found among those before it by its node and the numbers of its inputs, so
//! that nothing is compared twice and a plan takes time in the number of its nodes, however deep it is.

use super::alike::alike;
use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{TreeNode, TreeNodeRecursion, TreeNodeVisitor},
    },
    logical_expr::{Expr as Logical, LogicalPlan},
};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    mem::{Discriminant, discriminant},
    sync::Arc,
};

/// The parts of a plan.
pub(super) struct Numbered {
    /// What is known of each, by its number. Those of its inputs are smaller.
    pub(super) parts: Vec<Part>,
    /// The nodes of the plan, each before its inputs.
    pub(super) nodes: Vec<Place>,
}

/// Where a part stands in the plan.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) number: usize,
    /// How many nodes it has.
    pub(super) size: usize,
}

/// A part.
pub(super) struct Part {
    /// The numbers of its inputs.
    pub(super) inputs: Vec<usize>,
    /// Whether computing it is work that is worth sharing.
    pub(super) is_heavy: bool,
    /// Whether it may give other rows when it is computed again, or cannot stand by itself.
    pub(super) varies: bool,
    /// Whether its rows are those of its only input, some of them or with other columns: what is put on it can be put there.
    pub(super) passes: bool,
    /// Whether it only chooses and renames columns, which is no work.
    pub(super) only_renames: bool,
    /// Whether a sort shows in it, which is done only where somebody looks at the order.
    pub(super) is_sorted: bool,
    /// Whether a word of the user's to a join stands at its top, which is read from the join.
    pub(super) is_hint: bool,
}

impl Numbered {
    /// The parts of a plan.
    pub(super) fn of(plan: &LogicalPlan) -> DfResult<Self> {
        let mut numberer = Numberer::default();
        plan.visit(&mut numberer)?;
        Ok(Numbered { parts: numberer.parts, nodes: numberer.nodes })
    }
}

/// What nodes have in common that may be alike.
#[derive(PartialEq, Eq, Hash)]
struct Shape {
    kind: Discriminant<LogicalPlan>,
    inputs: Vec<usize>,
    /// The hash of its expressions, and of the table that it reads.
    hash: u64,
}

#[derive(Default)]
struct Numberer<'n> {
    known: HashMap<Shape, Vec<usize>>,
    /// A node of each part.
    tops: Vec<&'n LogicalPlan>,
    parts: Vec<Part>,
    nodes: Vec<Place>,
    /// The nodes above the present one, by their places.
    open: Vec<usize>,
    /// The numbers of those whose parents are not done.
    done: Vec<usize>,
}

impl<'n> TreeNodeVisitor<'n> for Numberer<'n> {
    type Node = LogicalPlan;

    fn f_down(&mut self, _: &'n LogicalPlan) -> DfResult<TreeNodeRecursion> {
        self.open.push(self.nodes.len());
        self.nodes.push(Place::default());
        Ok(TreeNodeRecursion::Continue)
    }

    fn f_up(&mut self, plan: &'n LogicalPlan) -> DfResult<TreeNodeRecursion> {
        let first = self.done.len().saturating_sub(plan.inputs().len());
        let inputs = self.done.split_off(first);
        let number = self.number(plan, inputs);
        if let Some(at) = self.open.pop() {
            self.nodes[at] = Place { number, size: self.nodes.len() - at };
        }
        self.done.push(number);
        Ok(TreeNodeRecursion::Continue)
    }
}

impl<'n> Numberer<'n> {
    /// The number of the part with this node at its top.
    fn number(&mut self, plan: &'n LogicalPlan, inputs: Vec<usize>) -> usize {
        let shape = Shape { kind: discriminant(plan), inputs: inputs.clone(), hash: hash(plan) };
        let like = self.known.entry(shape).or_default();
        if let Some(known) = like.iter().find(|known| alike(self.tops[**known], plan)) {
            return *known;
        }
        let number = self.parts.len();
        like.push(number);
        self.tops.push(plan);
        let part = part(plan, inputs, &self.parts);
        self.parts.push(part);
        number
    }
}

/// What two nodes that are alike have in common.
fn hash(plan: &LogicalPlan) -> u64 {
    let mut hasher = DefaultHasher::new();
    // The visitor never fails.
    let _ = plan.apply_expressions(|expr| {
        expr.hash(&mut hasher);
        Ok(TreeNodeRecursion::Continue)
    });
    if let LogicalPlan::TableScan(scan) = plan {
        Arc::as_ptr(&scan.source).cast::<()>().hash(&mut hasher);
    }
    hasher.finish()
}

/// What is known of a part, from its node and its inputs.
fn part(plan: &LogicalPlan, inputs: Vec<usize>, parts: &[Part]) -> Part {
    let node = match plan {
        LogicalPlan::Extension(extension) => extension.node.name(),
        _ => "",
    };
    let is_some = |has: fn(&Part) -> bool| inputs.iter().any(|input| has(&parts[*input]));
    let passes = match plan {
        LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::SubqueryAlias(_) => true,
        LogicalPlan::Extension(_) => PASSING.contains(&node),
        _ => false,
    };
    let only_renames = match plan {
        LogicalPlan::Projection(projection) => projection.expr.iter().all(is_column),
        LogicalPlan::SubqueryAlias(_) => true,
        _ => false,
    };
    let takes_by_place = match plan {
        LogicalPlan::Limit(_) => !is_some(|input| input.is_sorted),
        _ => BY_PLACE.contains(&node),
    };
    let is_heavy = match plan {
        LogicalPlan::Join(_) | LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(_) | LogicalPlan::Window(_) | LogicalPlan::Limit(_) => {
            true
        }
        _ => HEAVY.contains(&node),
    };
    Part {
        is_heavy: is_heavy || is_some(|input| input.is_heavy),
        varies: takes_by_place || has_expression_that_varies(plan) || is_some(|input| input.varies),
        is_sorted: matches!(plan, LogicalPlan::Sort(_)) || (passes && is_some(|input| input.is_sorted)),
        is_hint: node == "BuildSide" || (passes && is_some(|input| input.is_hint)),
        passes,
        only_renames,
        inputs,
    }
}

/// Whether it is a column, under whatever name.
fn is_column(expr: &Logical) -> bool {
    match expr {
        Logical::Column(_) => true,
        Logical::Alias(alias) => is_column(&alias.expr),
        _ => false,
    }
}

/// Nodes of ours that are work: they hold rows, or bring them together.
const HEAVY: [&str; 4] = ["AsofJoin", "Hstack", "Top", "Window"];

/// Nodes of ours that give other rows, or other numbers, where the rows of their input come in another order.
const BY_PLACE: [&str; 5] = ["Partitions", "RowIds", "Sample", "SampleN", "Tail"];

/// Nodes of ours that give the rows of their input.
const PASSING: [&str; 3] = ["BuildSide", "Fence", "UniqueKeys"];

/// Whether a node computes what is another value at every call, or what only the plan around it knows.
fn has_expression_that_varies(plan: &LogicalPlan) -> bool {
    let varies = |expr: &Logical| {
        let is_query = matches!(
            expr,
            Logical::Exists { .. }
                | Logical::InSubquery { .. }
                | Logical::ScalarSubquery { .. }
                | Logical::SetComparison { .. }
                | Logical::OuterReferenceColumn { .. }
        );
        is_query || expr.is_volatile_node()
    };
    let mut found = matches!(plan, LogicalPlan::Subquery(_));
    // A visitor that fails is one that found something.
    let visited = plan.apply_expressions(|expr| {
        found |= expr.exists(|node| Ok(varies(node)))?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found || visited.is_err()
}
