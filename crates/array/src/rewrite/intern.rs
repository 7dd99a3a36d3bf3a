//! Common subexpressions: nodes that do the same with the same inputs are one node, computed once.
//!
//! Equal means made of the same things, not found to give the same elements: what is in memory is equal to itself alone.

use crate::{
    made::Made,
    node::{Node, Op},
};
use rustc_hash::{FxHashMap, FxHasher};
use std::{
    hash::{Hash, Hasher},
    mem::discriminant,
    sync::Arc,
};

/// The name under which it is counted.
pub(super) const NAME: &str = "common-subexpressions";

/// The nodes that there are.
#[derive(Default)]
pub(super) struct Interned(FxHashMap<u64, Vec<Arc<Node>>>);

impl Interned {
    /// The node that was there first of those that equal this one, and whether it is another.
    pub(super) fn intern(&mut self, node: Arc<Node>) -> (Arc<Node>, bool) {
        let nodes = self.0.entry(hash(&node)).or_default();
        match nodes.iter().find(|other| Arc::ptr_eq(other, &node) || equal(other, &node)) {
            Some(first) => (first.clone(), !Arc::ptr_eq(first, &node)),
            None => {
                nodes.push(node.clone());
                (node, false)
            }
        }
    }
}

fn hash(node: &Node) -> u64 {
    let mut state = FxHasher::default();
    discriminant(&node.op).hash(&mut state);
    node.dtype.hash(&mut state);
    node.grid.shape().hash(&mut state);
    node.inputs.iter().for_each(|input| Arc::as_ptr(input).hash(&mut state));
    match &node.op {
        Op::Unary(operation) => operation.hash(&mut state),
        Op::Binary(operation) => operation.hash(&mut state),
        Op::Reduce(how) => how.axes.hash(&mut state),
        Op::Assemble(assembly) => assembly.pieces.iter().for_each(|piece| (piece.input, &piece.axes).hash(&mut state)),
        Op::Made(made) => match &**made {
            Made::Fill(value) => value.hash(&mut state),
            Made::Range { start, step } => (start, step).hash(&mut state),
            Made::Linspace { start, end, n, .. } => (start.to_bits(), end.to_bits(), n).hash(&mut state),
            Made::Eye(_) => {}
            Made::Part(of, reads) => (Arc::as_ptr(of), reads).hash(&mut state),
            // Equal to themselves alone: of many of one shape, none is compared with all others.
            Made::Memory(_) | Made::Chunks(..) | Made::Random(_) => Arc::as_ptr(made).hash(&mut state),
        },
        Op::Read(source) => source.hash(&mut state),
        Op::Held(_) | Op::Calls(_) => std::ptr::from_ref(node).hash(&mut state),
        _ => {}
    }
    state.finish()
}

fn equal(a: &Node, b: &Node) -> bool {
    let inputs = || a.inputs.len() == b.inputs.len() && a.inputs.iter().zip(&b.inputs).all(|(a, b)| Arc::ptr_eq(a, b));
    a.dtype == b.dtype && inputs() && same_operation(&a.op, &b.op) && a.grid == b.grid
}

fn same_operation(a: &Op, b: &Op) -> bool {
    match (a, b) {
        (Op::Unary(a), Op::Unary(b)) => a == b,
        (Op::Binary(a), Op::Binary(b)) => a == b,
        (Op::Cast, Op::Cast) | (Op::Select, Op::Select) => true,
        (Op::Reduce(a), Op::Reduce(b)) => a == b,
        (Op::Assemble(a), Op::Assemble(b)) => Arc::ptr_eq(a, b) || a == b,
        (Op::Scan(a), Op::Scan(b)) => a.axis == b.axis && a.how == b.how,
        (Op::Read(a), Op::Read(b)) => Arc::ptr_eq(a, b) || a == b,
        (Op::Made(a), Op::Made(b)) => Arc::ptr_eq(a, b) || same_made(a, b),
        _ => false,
    }
}

fn same_made(a: &Made, b: &Made) -> bool {
    match (a, b) {
        (Made::Fill(a), Made::Fill(b)) => a == b,
        (Made::Range { start, step }, Made::Range { start: other_start, step: other_step }) => start == other_start && step == other_step,
        (Made::Linspace { dtype, start, end, n }, Made::Linspace { dtype: other, start: first, end: last, n: count }) => {
            dtype == other && start.to_bits() == first.to_bits() && end.to_bits() == last.to_bits() && n == count
        }
        (Made::Eye(a), Made::Eye(b)) => a == b,
        (Made::Part(a, reads), Made::Part(b, others)) => Arc::ptr_eq(a, b) && reads == others,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        grid::Grid,
        io::{NpyFiles, Source},
    };
    use stratal_core::value::DType;

    #[test]
    fn stored_arrays_of_one_shape_are_told_apart_by_their_paths() {
        let root = std::env::temp_dir().join(format!("stratal-intern-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let read = |name: &str| {
            let path = root.join(name);
            ndarray_npy::write_npy(&path, &ndarray::arr1(&[1i64, 2])).unwrap();
            let source = Source::Npy(NpyFiles::open(path.to_str().unwrap(), &[]).unwrap());
            Node::new("read", Arc::new(Grid::whole(&[2])), DType::I64, Op::Read(Arc::new(source)), Vec::new())
        };
        let (a, again, b) = (read("a.npy"), read("a.npy"), read("b.npy"));
        assert_eq!(hash(&a), hash(&again));
        assert_ne!(hash(&a), hash(&b));
        let mut interned = Interned::default();
        assert!(!interned.intern(a).1 && interned.intern(again).1 && !interned.intern(b).1);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
