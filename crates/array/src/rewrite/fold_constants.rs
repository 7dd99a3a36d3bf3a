//! An operation of values that are the same everywhere is one such value.

use super::{Local, Readers, remade};
use crate::{
    kernel,
    made::Made,
    node::{Node, Op},
    scalar::Scalar,
};
use std::sync::Arc;
use stratal_core::Result;

pub(super) const RULE: Local = Local { name: "fold-constants", apply };

/// The one value of an array that is filled.
fn value(node: &Node) -> Option<Scalar> {
    match &node.op {
        Op::Made(made) => match **made {
            Made::Fill(value) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// The value of an operation; none for one that does not go element by element.
fn folded(node: &Node, values: &[Scalar]) -> Option<Result<Scalar>> {
    let gives = node.dtype;
    Some(match (&node.op, values) {
        (Op::Unary(operation), [a]) => Scalar::written(gives, |out| kernel::unary(*operation, a.dtype(), a.bytes(), out)),
        (Op::Binary(operation), [a, b]) => Scalar::written(gives, |out| kernel::binary(*operation, a.dtype(), a.bytes(), b.bytes(), out)),
        (Op::Cast, [a]) => a.cast(gives),
        (Op::Select, [which, yes, no]) => Ok(if which.bytes() == [0] { *no } else { *yes }),
        _ => return None,
    })
}

fn apply(node: &Arc<Node>, _: &Readers) -> Option<Arc<Node>> {
    if !node.is_elementwise() {
        return None;
    }
    let values = node.inputs.iter().map(|input| value(input)).collect::<Option<Vec<Scalar>>>()?;
    // What goes wrong goes wrong when it runs, with the task's name.
    let value = folded(node, &values)?.ok()?;
    Some(remade(node.name, node.at, &node.grid, node.dtype, Op::Made(Arc::new(Made::Fill(value))), Vec::new()))
}
