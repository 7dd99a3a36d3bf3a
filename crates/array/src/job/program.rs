//! Tile programs: a fused region of an expression as instructions over registers, run some elements at a time.
//!
//! A tile is small enough for its registers to stay in the nearest caches, so that a chain of operations reads its inputs and
//! writes its result once, whatever its length. Every instruction writes a register that none of its operands is in.

use super::operand::{Operand, Reader};
use crate::{
    kernel::{self, Binary, Unary},
    scalar::Scalar,
};
use bytemuck::{cast_slice, cast_slice_mut};
use serde::{Deserialize, Serialize};
use stratal_core::{Error, Result, value::DType};

/// Elements of a tile.
pub(crate) const TILE: usize = 2048;

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Code {
    Unary(Unary),
    Binary(Binary),
    Cast(DType),
    Select,
}

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Src {
    Reg(u32),
    Leaf(u32),
    Const(u32),
}

/// One instruction. Operands that it does not have are its first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instr {
    pub(crate) code: Code,
    /// The dtype of the operands; of a selection, of the last two.
    pub(crate) dtype: DType,
    pub(crate) operands: [Src; 3],
    pub(crate) out: u32,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Program {
    pub(crate) instrs: Vec<Instr>,
    pub(crate) consts: Vec<Scalar>,
    /// How many registers it uses.
    pub(crate) regs: u32,
    pub(crate) result: Src,
    /// The dtype of the result.
    pub(crate) dtype: DType,
}

impl Instr {
    /// Bytes of an element of the result.
    pub(crate) fn out_size(&self) -> usize {
        match self.code {
            Code::Unary(operation) => operation.gives(self.dtype).size(),
            Code::Binary(operation) => operation.gives(self.dtype).size(),
            Code::Cast(to) => to.size(),
            Code::Select => self.dtype.size(),
        }
    }
}

/// An input of a program, as one tile after another.
struct Input<'a> {
    reader: Reader<'a>,
    /// Bytes of an element.
    size: usize,
    /// Whether it is at the tile that is computed.
    is_loaded: bool,
    /// The elements of the tile, where they stand one after another.
    lies: Option<&'a [u8]>,
    /// A copy of them, where they do not.
    tile: Vec<u64>,
}

/// A program at work on a chunk.
pub(crate) struct Machine<'a> {
    program: &'a Program,
    inputs: Vec<Input<'a>>,
    consts: Vec<Vec<u64>>,
    regs: Vec<Vec<u64>>,
    start: usize,
    len: usize,
}

fn words(elements: usize, size: usize) -> usize {
    (elements * size).div_ceil(size_of::<u64>())
}

impl<'a> Machine<'a> {
    /// A machine over leaves that have the shape of the chunk.
    pub(crate) fn new(program: &'a Program, leaves: &'a [Operand], elements: usize) -> Self {
        let tile = TILE.min(elements);
        let consts = program.consts.iter().map(|scalar| {
            let mut words = vec![0u64; words(tile, scalar.dtype().size())];
            let bytes: &mut [u8] = cast_slice_mut(&mut words);
            bytes.chunks_exact_mut(scalar.dtype().size()).for_each(|item| item.copy_from_slice(scalar.bytes()));
            words
        });
        let inputs = leaves.iter().map(|operand| {
            let (reader, size) = (operand.reader(), operand.dtype().size());
            let tile = if reader.is_line() { Vec::new() } else { vec![0; words(tile, size)] };
            Input { reader, size, is_loaded: false, lies: None, tile }
        });
        let largest = program.instrs.iter().map(Instr::out_size).max().unwrap_or(0);
        Machine {
            program,
            inputs: inputs.collect(),
            consts: consts.collect(),
            regs: vec![vec![0; words(tile, largest)]; program.regs as usize],
            start: 0,
            len: 0,
        }
    }

    fn operand(&self, src: Src, size: usize) -> &[u8] {
        match src {
            Src::Reg(reg) => &cast_slice::<u64, u8>(&self.regs[reg as usize])[..self.len * size],
            Src::Const(at) => &cast_slice::<u64, u8>(&self.consts[at as usize])[..self.len * size],
            Src::Leaf(leaf) => {
                let input = &self.inputs[leaf as usize];
                input.lies.unwrap_or_else(|| &cast_slice::<u64, u8>(&input.tile)[..self.len * size])
            }
        }
    }

    /// Makes a leaf's elements of the tile be there. That is done just before they are read, when they are still near.
    fn load(&mut self, src: Src) {
        let Src::Leaf(leaf) = src else { return };
        let input = &mut self.inputs[leaf as usize];
        if input.is_loaded {
            return;
        }
        input.is_loaded = true;
        input.lies = input.reader.lies(self.start, self.len);
        if input.lies.is_none() {
            let bytes: &mut [u8] = cast_slice_mut(&mut input.tile);
            input.reader.read(self.start, &mut bytes[..self.len * input.size]);
        }
    }

    /// Runs the program for `len` elements from `start`, at most a tile, and gives the bytes of the results.
    pub(crate) fn run(&mut self, start: usize, len: usize) -> Result<&[u8]> {
        (self.start, self.len) = (start, len);
        self.inputs.iter_mut().for_each(|input| input.is_loaded = false);
        let program = self.program;
        for instr in &program.instrs {
            instr.operands.iter().for_each(|src| self.load(*src));
            let mut reg = std::mem::take(self.regs.get_mut(instr.out as usize).ok_or_else(|| Error::internal("a register is missing"))?);
            let bytes: &mut [u8] = cast_slice_mut(&mut reg);
            let out = &mut bytes[..len * instr.out_size()];
            let size = instr.dtype.size();
            let [a, b, c] = instr.operands;
            match instr.code {
                Code::Unary(operation) => kernel::unary(operation, instr.dtype, self.operand(a, size), out)?,
                Code::Binary(operation) => {
                    kernel::binary(operation, instr.dtype, self.operand(a, size), self.operand(b, size), out)?;
                }
                Code::Cast(to) => kernel::cast(instr.dtype, to, self.operand(a, size), out)?,
                Code::Select => kernel::select(instr.dtype, self.operand(a, 1), self.operand(b, size), self.operand(c, size), out),
            }
            self.regs[instr.out as usize] = reg;
        }
        self.load(program.result);
        Ok(self.operand(program.result, program.dtype.size()))
    }
}
