//! Over an expression: up with the local rules, down with what is wanted, and up again.

use super::{
    Fired, LOCAL, Readers,
    demand::{Plan, Version, demands},
    intern::{Interned, NAME},
    remade,
};
use crate::{lower::Nodes, node::Node};
use std::sync::Arc;
use stratal_core::{Error, Result};

/// An expression, and the rules that made it of another.
pub(crate) struct Rewritten {
    pub(crate) root: Arc<Node>,
    pub(crate) fired: Fired,
}

/// A cheaper expression for the same array.
pub(crate) fn rewrite(root: &Arc<Node>) -> Result<Rewritten> {
    let mut rewriter = Rewriter::default();
    let simple = rewriter.simplify(root);
    let nodes = Nodes::of(&simple);
    let versions = demands(&nodes, &mut rewriter.fired);
    let root = rewriter.build(&nodes, versions)?;
    Ok(Rewritten { root, fired: rewriter.fired })
}

#[derive(Default)]
struct Rewriter {
    interned: Interned,
    fired: Fired,
}

impl Rewriter {
    /// What the local rules make of a node whose inputs they have seen, and whether they made anything.
    fn apply(&mut self, mut node: Arc<Node>, readers: &Readers) -> (Arc<Node>, bool) {
        let mut changed = false;
        while let Some((name, next)) = LOCAL.iter().find_map(|rule| Some((rule.name, (rule.apply)(&node, readers)?))) {
            *self.fired.entry(name).or_default() += 1;
            (node, changed) = (next, true);
        }
        (node, changed)
    }

    /// The expression after the local rules, each node once.
    fn simplify(&mut self, root: &Arc<Node>) -> Arc<Node> {
        let nodes = Nodes::of(root);
        let mut made: Vec<Arc<Node>> = Vec::with_capacity(nodes.all.len());
        let mut readers = Readers::default();
        for (node, read_by) in nodes.all.iter().zip(nodes.readers()) {
            let inputs: Vec<Arc<Node>> = node.inputs.iter().map(|input| made[nodes.index(input)].clone()).collect();
            let (node, changed) = self.apply(over(node, inputs), &readers);
            let (node, is_another) = self.interned.intern(node);
            // What a rule made, and a number, are no expressions that the user wrote twice.
            if is_another && !changed && !node.inputs.is_empty() {
                *self.fired.entry(NAME).or_default() += 1;
            }
            *readers.entry(Arc::as_ptr(&node)).or_default() += read_by.len();
            made.push(node);
        }
        made.pop().unwrap_or_else(|| root.clone())
    }

    /// The versions of the nodes that are wanted; gives all of the last node.
    fn build(&mut self, nodes: &Nodes<'_>, versions: Vec<Vec<Version>>) -> Result<Arc<Node>> {
        let lost = || Error::internal("a rewritten node lacks an input");
        let mut built: Vec<Vec<Option<Arc<Node>>>> = versions.iter().map(|versions| vec![None; versions.len()]).collect();
        for (at, versions) in versions.into_iter().enumerate() {
            let node = nodes.all[at];
            let mut views = Vec::new();
            let mut whole = None;
            for (nth, Version { view, plan }) in versions.into_iter().enumerate() {
                let is_whole = view.is_none();
                let of = |(at, nth): (usize, usize)| built[at][nth].clone().ok_or_else(lost);
                let made = match plan {
                    Plan::Open => continue,
                    Plan::Same(input) => of(input)?,
                    Plan::Whole(inputs) => over(node, inputs.into_iter().map(of).collect::<Result<_>>()?),
                    Plan::Other(op, grid, inputs) => {
                        let inputs = inputs.into_iter().map(of).collect::<Result<_>>()?;
                        remade(node.name, node.at, &grid, node.dtype, op, inputs)
                    }
                    Plan::Over => {
                        views.extend(view.map(|view| (nth, view)));
                        continue;
                    }
                };
                let made = self.make(made);
                if is_whole {
                    whole = Some(made.clone());
                }
                built[at][nth] = Some(made);
            }
            for (nth, view) in views {
                let source = whole.as_ref().ok_or_else(lost)?;
                built[at][nth] = Some(self.make(view.node(source)));
            }
        }
        built.pop().and_then(|mut last| last.swap_remove(0)).ok_or_else(lost)
    }

    fn make(&mut self, node: Arc<Node>) -> Arc<Node> {
        // Whether views are merged was decided before.
        let (node, _) = self.apply(node, &Readers::default());
        self.interned.intern(node).0
    }
}

/// The node over other inputs; itself where they are its own.
fn over(node: &Arc<Node>, inputs: Vec<Arc<Node>>) -> Arc<Node> {
    match node.inputs.iter().zip(&inputs).all(|(own, input)| Arc::ptr_eq(own, input)) {
        true => node.clone(),
        false => remade(node.name, node.at, &node.grid, node.dtype, node.op.clone(), inputs),
    }
}
