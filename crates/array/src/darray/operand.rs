//! What stands beside an array in an operation: another array, or a number.

use super::{At, DArray, at_line, cast, regrid};
use crate::{
    grid::{Axis, Grid, show_shape},
    kernel::Binary,
    made::Made,
    node::{Node, Op},
    promote::{NoPlace, promote, promote_weak},
    scalar::Weak,
};
use num_complex::Complex;
use std::sync::Arc;
use stratal_core::{Client, Error, ErrorKind, Result, value::DType};

/// The other side of an operation.
#[derive(Clone, Debug)]
pub struct Operand(pub(super) Side);

#[derive(Clone, Debug)]
pub(super) enum Side {
    Array(DArray),
    Weak(Weak),
}

/// What an operation takes beside an array: an array, or a number, which takes the array's dtype.
pub trait IntoOperand {
    #[doc(hidden)]
    fn into_operand(self) -> Operand;
}

impl IntoOperand for DArray {
    fn into_operand(self) -> Operand {
        Operand(Side::Array(self))
    }
}

impl IntoOperand for &DArray {
    fn into_operand(self) -> Operand {
        Operand(Side::Array(self.clone()))
    }
}

macro_rules! numbers {
    ($($number:ty => |$x:ident| $weak:expr;)*) => {$(
        impl IntoOperand for $number {
            fn into_operand(self) -> Operand {
                let $x = self;
                Operand(Side::Weak($weak))
            }
        }
    )*};
}

numbers! {
    bool => |x| Weak::Bool(x);
    i8 => |x| Weak::Int(x as i128);
    i16 => |x| Weak::Int(x as i128);
    i32 => |x| Weak::Int(x as i128);
    i64 => |x| Weak::Int(x as i128);
    u8 => |x| Weak::Int(x as i128);
    u16 => |x| Weak::Int(x as i128);
    u32 => |x| Weak::Int(x as i128);
    u64 => |x| Weak::Int(x as i128);
    usize => |x| Weak::Int(x as i128);
    f32 => |x| Weak::Float(x as f64);
    f64 => |x| Weak::Float(x);
    Complex<f32> => |x| Weak::Complex(Complex::new(x.re as f64, x.im as f64));
    Complex<f64> => |x| Weak::Complex(x);
}

fn no_dtype(message: String) -> Error {
    Error::new(ErrorKind::DType, message).with_help("cast one side: .cast(DType::F64)")
}

/// The dtype in which two sides meet.
fn together(a: &Side, b: &Side) -> Result<DType> {
    match (a, b) {
        (Side::Array(a), Side::Array(b)) => {
            let (a, b) = (a.node()?.dtype, b.node()?.dtype);
            promote(a, b).ok_or_else(|| no_dtype(format!("{a} and {b} have no common dtype")))
        }
        (Side::Array(array), Side::Weak(weak)) | (Side::Weak(weak), Side::Array(array)) => {
            let dtype = array.node()?.dtype;
            promote_weak(dtype, *weak).map_err(|why| match why {
                NoPlace::Kind => no_dtype(format!("{dtype} and the number {} do not go together", weak.show())),
                NoPlace::Range => no_dtype(format!("{} does not fit {dtype}", weak.show())),
            })
        }
        (Side::Weak(a), Side::Weak(b)) => {
            let (a, b) = (a.alone(), b.alone());
            promote(a, b).ok_or_else(|| no_dtype(format!("{a} and {b} have no common dtype")))
        }
    }
}

/// A side as a node of this dtype.
fn node_of(side: &Side, dtype: DType) -> Result<Arc<Node>> {
    match side {
        Side::Array(array) => Ok(cast(array.node()?, dtype)),
        Side::Weak(weak) => {
            let made = Made::Fill(weak.of(dtype)?);
            Ok(Node::new("number", Arc::new(Grid::whole(&[])), dtype, Op::Made(Arc::new(made)), Vec::new()))
        }
    }
}

/// The grid of several nodes together. On each axis it is the finest of theirs.
fn broadcast(nodes: &[Arc<Node>]) -> Result<Arc<Grid>> {
    let ndim = nodes.iter().map(|node| node.grid.ndim()).max().unwrap_or(0);
    if let Some(first) = nodes.iter().find(|node| node.grid.ndim() == ndim)
        && nodes.iter().all(|node| Arc::ptr_eq(&node.grid, &first.grid) || node.grid.ndim() == 0 || node.grid == first.grid)
    {
        return Ok(first.grid.clone());
    }
    let axis_of = |node: &Arc<Node>, axis: usize| (axis + node.grid.ndim()).checked_sub(ndim).map(|own| node.grid.axes[own].clone());
    let mut axes = Vec::with_capacity(ndim);
    for axis in 0..ndim {
        let mut best: Option<Axis> = None;
        for own in nodes.iter().filter_map(|node| axis_of(node, axis)) {
            best = Some(match best {
                None => own,
                Some(best) if best.len() == own.len() => {
                    if own.count() > best.count() {
                        own
                    } else {
                        best
                    }
                }
                Some(best) if best.len() == 1 => own,
                Some(best) if own.len() == 1 => best,
                Some(best) => return Err(apart(nodes, axis as i64 - ndim as i64, best.len(), own.len())),
            });
        }
        axes.extend(best);
    }
    Ok(Arc::new(Grid::new(axes)))
}

fn apart(nodes: &[Arc<Node>], axis: i64, a: usize, b: usize) -> Error {
    let shapes: Vec<String> = nodes.iter().map(|node| show_shape(&node.grid.shape())).collect();
    let error = Error::new(ErrorKind::Shape, format!("shapes {} do not broadcast: axis {axis} is {a} and {b}", shapes.join(" and ")));
    match nodes {
        [left, right] if right.grid.shape()[..] == left.grid.shape()[..1.min(left.grid.ndim())] && left.grid.ndim() == 2 => {
            error.with_help(format!("expand_dims(1) on the right makes it ({}, 1)", right.grid.shape()[0]))
        }
        _ => error.with_help("axes go together from the last one on where they are equal or one is 1"),
    }
}

/// Nodes over one grid: those of its shape are cut alike, the others stay to be broadcast.
fn aligned(nodes: Vec<Arc<Node>>) -> Result<(Arc<Grid>, Vec<Arc<Node>>)> {
    let grid = broadcast(&nodes)?;
    let fit = |node: Arc<Node>| {
        let own = &node.grid;
        if Arc::ptr_eq(own, &grid) || own.ndim() == 0 {
            return node;
        }
        let new = grid.ndim() - own.ndim();
        let pairs = || own.axes.iter().zip(&grid.axes[new..]);
        if pairs().all(|(own, axis)| own == axis || own.len() != axis.len()) {
            return node;
        }
        let axes = pairs().map(|(own, axis)| if own.len() == axis.len() { axis } else { own }.clone()).collect();
        regrid("rechunk", &node, &Arc::new(Grid::new(axes)))
    };
    let nodes = nodes.into_iter().map(fit).collect();
    Ok((grid, nodes))
}

fn client_of(a: &Side, b: &Side) -> Client {
    match (a, b) {
        (Side::Array(array), _) | (_, Side::Array(array)) => array.client.clone(),
        _ => Client::current(),
    }
}

/// An operation of two sides.
pub(super) fn binary(name: &'static str, operation: Binary, a: Operand, b: Operand, at: At) -> DArray {
    let (Operand(a), Operand(b)) = (a, b);
    let node = || -> Result<Arc<Node>> {
        let mut dtype = together(&a, &b)?;
        if operation.wants_floats() && dtype.is_integer() {
            dtype = DType::F64;
        }
        if !operation.takes(dtype) {
            return Err(no_dtype(format!("there is no {name} of {dtype}")));
        }
        let (grid, nodes) = aligned(vec![node_of(&a, dtype)?, node_of(&b, dtype)?])?;
        Ok(Node::new(name, grid, operation.gives(dtype), Op::Binary(operation), nodes))
    };
    let client = client_of(&a, &b);
    DArray { node: at_line(node(), name, at), client }
}

/// One of two sides, by a boolean array.
pub(super) fn select(mask: &DArray, yes: Operand, no: Operand, at: At) -> DArray {
    let (Operand(yes), Operand(no)) = (yes, no);
    mask.then("where_", at, |mask| {
        if !mask.dtype.is_bool() {
            return Err(Error::new(ErrorKind::DType, format!("what chooses is bool, and it is {}", mask.dtype)));
        }
        let dtype = together(&yes, &no)?;
        let (grid, nodes) = aligned(vec![mask.clone(), node_of(&yes, dtype)?, node_of(&no, dtype)?])?;
        Ok(Node::new("where_", grid, dtype, Op::Select, nodes))
    })
}
