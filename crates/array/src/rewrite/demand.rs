//! What is wanted of each node, from the result down: all of it, or views of it.
//!
//! A view of an assembly is merged with it, a view of an operation is passed on to the inputs, by the rule of that operation: where
//! this is no more work than doing the whole once. So it depends on who reads the node:
//!
//! - someone reads all of it: it is computed, and the views are taken of the result;
//! - one view alone is wanted: it is passed on, if its rule finds it cheap;
//! - several views are wanted, such as the shifted neighbours of a stencil: they are passed on only if together they cost no more
//!   than the whole, else the node is computed once and all take their part of it. There are at most [`VIEWS`] of them, so that
//!   the new expression is at most so many times as large.

use super::{
    Fired, PASSAGES, Passed,
    compose::compose,
    merge_assemblies,
    view::{View, elements},
};
use crate::{
    assembly::{Assembly, Piece},
    grid::Grid,
    lower::Nodes,
    node::{Node, Op},
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The most views of one node that are computed apart.
const VIEWS: usize = 4;

/// A version of a node: its place among the nodes, and its number there.
pub(super) type At = (usize, usize);

/// What is wanted of a node, and how it comes about.
pub(super) struct Version {
    /// The view; none for all of it.
    pub(super) view: Option<View>,
    pub(super) plan: Plan,
}

/// How a version comes about.
pub(super) enum Plan {
    /// Nobody has looked at it yet.
    Open,
    /// The node, over versions of its inputs.
    Whole(Vec<At>),
    /// Another operation in its place, of this grid.
    Other(Op, Arc<Grid>, Vec<At>),
    /// It is a version of an input.
    Same(At),
    /// The view of the whole node.
    Over,
}

#[derive(Default)]
struct Demands {
    versions: Vec<Vec<Version>>,
    known: FxHashMap<(usize, Option<View>), usize>,
}

impl Demands {
    /// Wants a view of a node, or all of it.
    fn ask(&mut self, node: usize, view: Option<View>) -> At {
        let versions = &mut self.versions[node];
        let nth = *self.known.entry((node, view.clone())).or_insert_with(|| {
            versions.push(Version { view, plan: Plan::Open });
            versions.len() - 1
        });
        (node, nth)
    }

    /// Wants a view of an input, or all of it where the view is that.
    fn ask_view(&mut self, nodes: &Nodes<'_>, input: &Arc<Node>, view: View) -> At {
        let is_whole = view.is_whole(&input.grid);
        self.ask(nodes.index(input), (!is_whole).then_some(view))
    }

    fn ask_all(&mut self, nodes: &Nodes<'_>, node: &Node) -> Vec<At> {
        node.inputs.iter().map(|input| self.ask(nodes.index(input), None)).collect()
    }

    /// All of an assembly: where it is a view, a version of its input.
    fn whole_assembly(&mut self, nodes: &Nodes<'_>, node: &Node) -> Plan {
        match View::of_node(node) {
            Some((input, view)) => Plan::Same(self.ask_view(nodes, &node.inputs[input], view)),
            None => Plan::Whole(self.ask_all(nodes, node)),
        }
    }

    /// A view of an assembly, as one assembly of the inputs that it reads.
    fn view_of_assembly(&mut self, nodes: &Nodes<'_>, node: &Node, assembly: &Assembly, view: &View) -> Plan {
        let Some(pieces) = compose(&view.piece(&node.grid), &view.grid, assembly) else { return Plan::Over };
        let merged = Assembly { grid: (*view.grid).clone(), dtype: node.dtype, fill: assembly.fill, pieces };
        if let Some((input, view)) = View::of(view.name, view.at, &view.grid, &merged) {
            return Plan::Same(self.ask_view(nodes, &node.inputs[input], view));
        }
        // Inputs of which nothing is left are wanted by nobody.
        let mut place: Vec<Option<usize>> = vec![None; node.inputs.len()];
        let mut inputs = Vec::new();
        let mut placed = |piece: Piece| {
            let input = *place[piece.input].get_or_insert_with(|| {
                inputs.push(piece.input);
                inputs.len() - 1
            });
            Piece { input, ..piece }
        };
        let pieces = merged.pieces.into_iter().map(&mut placed).collect();
        let inputs = inputs.into_iter().map(|input| self.ask(nodes.index(&node.inputs[input]), None)).collect();
        let op = Op::Assemble(Arc::new(Assembly { grid: merged.grid, dtype: merged.dtype, fill: merged.fill, pieces }));
        Plan::Other(op, view.grid.clone(), inputs)
    }
}

/// The views of a node as operations over views of its inputs, with the name of the rule: where all can be passed on, and this is
/// no more work than the whole.
fn passed(node: &Node, views: &[&View]) -> Option<(&'static str, Vec<Passed>)> {
    if views.len() > VIEWS {
        return None;
    }
    let pass = |rule: &super::Passage| views.iter().map(|view| (rule.pass)(node, view)).collect::<Option<Vec<Passed>>>();
    let (name, passed) = PASSAGES.iter().find_map(|rule| Some((rule.name, pass(rule)?)))?;
    let cost = passed.iter().fold(0u128, |cost, passed| cost.saturating_add(passed.cost));
    is_no_more(node, views.len(), cost).then_some((name, passed))
}

/// Whether so many views of a node, which cost so much apart, are no more work than the whole.
fn is_no_more(node: &Node, views: usize, cost: u128) -> bool {
    views == 1 || views <= VIEWS && cost <= elements(&node.grid)
}

/// The versions of each node that are wanted for all of the last one, which is its first version.
pub(super) fn demands(nodes: &Nodes<'_>, fired: &mut Fired) -> Vec<Vec<Version>> {
    let mut demands = Demands::default();
    demands.versions.resize_with(nodes.all.len(), Vec::new);
    let last = nodes.all.len() - 1;
    demands.ask(last, None);
    // Readers come after what they read, so that all that is wanted of a node is known when it is looked at.
    for at in (0..=last).rev() {
        let node = nodes.all[at];
        let asked: Vec<Option<View>> = demands.versions[at].iter().map(|version| version.view.clone()).collect();
        let views: Vec<&View> = asked.iter().flatten().collect();
        let mut plans: Vec<Plan> = match &node.op {
            _ if asked.is_empty() => continue,
            Op::Assemble(assembly) => {
                let taken = views.iter().fold(0u128, |taken, view| taken.saturating_add(elements(&view.grid)));
                let pays = views.len() == asked.len() && is_no_more(node, views.len(), taken);
                let plan = |view: &Option<View>| match view {
                    None => demands.whole_assembly(nodes, node),
                    Some(view) if pays => demands.view_of_assembly(nodes, node, assembly, view),
                    Some(_) => Plan::Over,
                };
                let plans: Vec<Plan> = asked.iter().map(plan).collect();
                let merged = plans.iter().zip(&asked).filter(|(plan, view)| view.is_some() && !matches!(plan, Plan::Over)).count();
                count(fired, merge_assemblies::RULE.name, merged);
                plans
            }
            _ => match (!asked.contains(&None)).then(|| passed(node, &views)).flatten() {
                Some((name, passed)) => {
                    count(fired, name, passed.len());
                    let mut plan = |passed: Passed, view: &View| {
                        let inputs = passed.inputs.into_iter().zip(&node.inputs).map(|(view, input)| match view {
                            Some(view) => demands.ask_view(nodes, input, view),
                            None => demands.ask(nodes.index(input), None),
                        });
                        Plan::Other(passed.op, view.grid.clone(), inputs.collect())
                    };
                    passed.into_iter().zip(&views).map(|(passed, view)| plan(passed, view)).collect()
                }
                None => {
                    let mut plan = |view: &Option<View>| match view {
                        None => Plan::Whole(demands.ask_all(nodes, node)),
                        Some(_) => Plan::Over,
                    };
                    asked.iter().map(&mut plan).collect()
                }
            },
        };
        if !asked.contains(&None) && plans.iter().any(|plan| matches!(plan, Plan::Over)) {
            demands.ask(at, None);
            plans.push(match &node.op {
                Op::Assemble(_) => demands.whole_assembly(nodes, node),
                _ => Plan::Whole(demands.ask_all(nodes, node)),
            });
        }
        for (version, plan) in demands.versions[at].iter_mut().zip(plans) {
            version.plan = plan;
        }
    }
    demands.versions
}

fn count(fired: &mut Fired, name: &'static str, times: usize) {
    if times > 0 {
        *fired.entry(name).or_default() += times as u32;
    }
}
