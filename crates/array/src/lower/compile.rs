//! A region as a tile program: instructions in the order of the nodes, registers given back after their last use.

use super::{
    Nodes,
    region::{Place, Regions},
};
use crate::{
    job::{Code, Instr, Program, Src},
    made::Made,
    node::{Node, Op},
    scalar::Scalar,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use stratal_core::{Error, Result};

/// A program and the nodes that its leaves are.
pub(super) struct Compiled {
    pub(super) program: Program,
    pub(super) leaves: Vec<usize>,
    /// The names of the operations, in order.
    pub(super) names: Vec<&'static str>,
}

#[derive(Default)]
struct Compiler {
    instrs: Vec<Instr>,
    consts: Vec<Scalar>,
    const_at: FxHashMap<Scalar, u32>,
    leaves: Vec<usize>,
    leaf_at: FxHashMap<usize, u32>,
    /// Where the results of the region's nodes are.
    values: FxHashMap<usize, Src>,
    /// How many instructions are still to read a node's result.
    unread: FxHashMap<usize, u32>,
    free: Vec<u32>,
    regs: u32,
}

impl Compiler {
    fn operand(&mut self, at: usize, node: &Arc<Node>) -> Src {
        if let Some(src) = self.values.get(&at) {
            return *src;
        }
        if let Op::Made(made) = &node.op
            && let Made::Fill(value) = **made
        {
            let next = self.consts.len() as u32;
            let found = *self.const_at.entry(value).or_insert(next);
            if found == next {
                self.consts.push(value);
            }
            return Src::Const(found);
        }
        let next = self.leaves.len() as u32;
        let found = *self.leaf_at.entry(at).or_insert(next);
        if found == next {
            self.leaves.push(at);
        }
        Src::Leaf(found)
    }

    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.regs += 1;
            self.regs - 1
        })
    }

    fn give_back(&mut self, at: usize) {
        let Some(unread) = self.unread.get_mut(&at) else { return };
        *unread -= 1;
        if *unread == 0
            && let Some(Src::Reg(reg)) = self.values.get(&at)
        {
            self.free.push(*reg);
        }
    }

    fn node(&mut self, at: usize, node: &Arc<Node>, nodes: &Nodes<'_>) -> Result<()> {
        let inputs: Vec<usize> = node.inputs.iter().map(|input| nodes.index(input)).collect();
        let operands: Vec<Src> = inputs.iter().zip(&node.inputs).map(|(at, input)| self.operand(*at, input)).collect();
        let first = *operands.first().ok_or_else(|| Error::internal(format!("{} has no operand", node.name)))?;
        let operand = |nth: usize| operands.get(nth).copied().unwrap_or(first);
        let dtype = |nth: usize| node.inputs.get(nth).unwrap_or(&node.inputs[0]).dtype;
        let (code, dtype) = match node.op {
            Op::Unary(operation) => (Code::Unary(operation), dtype(0)),
            Op::Binary(operation) => (Code::Binary(operation), dtype(0)),
            Op::Cast => (Code::Cast(node.dtype), dtype(0)),
            Op::Select => (Code::Select, dtype(1)),
            _ => return Err(Error::internal(format!("{} is not computed tile by tile", node.name))),
        };
        // The result's register is taken before those of the operands are given back: they are never the same.
        let out = self.take();
        self.instrs.push(Instr { code, dtype, operands: [operand(0), operand(1), operand(2)], out });
        self.values.insert(at, Src::Reg(out));
        inputs.iter().for_each(|input| self.give_back(*input));
        Ok(())
    }
}

/// The program of the region that ends in node `end`.
pub(super) fn compile(nodes: &Nodes<'_>, regions: &Regions, members: &[usize], end: usize) -> Result<Compiled> {
    let last = nodes.all[end];
    let mut compiler = Compiler::default();
    let computed = members.iter().copied().filter(|at| nodes.all[*at].is_elementwise());
    for at in computed.clone() {
        debug_assert_eq!(regions.places[at], Place::Region(end));
        for input in &nodes.all[at].inputs {
            *compiler.unread.entry(nodes.index(input)).or_default() += 1;
        }
    }
    for at in computed.clone() {
        compiler.node(at, nodes.all[at], nodes)?;
    }
    // A reduction reads what its region computes; what is made or held is read as it is.
    let (result, at) = match last.op {
        Op::Reduce(_) => (&last.inputs[0], nodes.index(&last.inputs[0])),
        _ => (last, end),
    };
    let (src, dtype) = (compiler.operand(at, result), result.dtype);
    let Compiler { instrs, consts, leaves, regs, .. } = compiler;
    let mut names: Vec<&'static str> = computed.map(|at| nodes.all[at].name).collect();
    if !last.is_elementwise() {
        names.push(last.name);
    }
    Ok(Compiled { program: Program { instrs, consts, regs, result: src, dtype }, leaves, names })
}
