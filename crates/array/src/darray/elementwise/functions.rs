//! How functions of one operand and of two are written down: documentation, name, and what the kernels call it.

use crate::{
    darray::{At, DArray, cast},
    kernel::Unary,
    node::{Node, Op},
};
use stratal_core::{Error, ErrorKind, value::DType};

impl DArray {
    /// A function of one operand. Integers become floats where it knows only these.
    pub(in crate::darray) fn unary(&self, name: &'static str, operation: Unary, at: At) -> Self {
        self.then(name, at, |input| {
            if input.dtype.is_integer() && operation.keeps_integers() {
                return Ok(input.clone());
            }
            let input = match input.dtype.is_integer() && operation.wants_floats() {
                true => cast(input, DType::F64),
                false => input.clone(),
            };
            if !operation.takes(input.dtype) {
                return Err(
                    Error::new(ErrorKind::DType, format!("there is no {name} of {}", input.dtype)).with_help("cast it: .cast(DType::F64)")
                );
            }
            Ok(Node::new(name, input.grid.clone(), operation.gives(input.dtype), Op::Unary(operation), vec![input.clone()]))
        })
    }
}

/// Methods of an array alone: `sin => Sin;`, each behind its documentation.
macro_rules! of_one {
    ($($(#[$documentation:meta])* $name:ident => $operation:ident;)*) => {
        impl $crate::DArray {$(
            $(#[$documentation])*
            #[track_caller]
            pub fn $name(&self) -> Self {
                self.unary(stringify!($name), $crate::kernel::Unary::$operation, std::panic::Location::caller())
            }
        )*}
    };
}

/// Methods of an array and an operand: `hypot => Hypot;`, each behind its documentation.
macro_rules! of_two {
    ($($(#[$documentation:meta])* $name:ident => $operation:ident;)*) => {
        impl $crate::DArray {$(
            $(#[$documentation])*
            #[track_caller]
            pub fn $name(&self, other: impl $crate::IntoOperand) -> Self {
                let (a, b) = ($crate::IntoOperand::into_operand(self), $crate::IntoOperand::into_operand(other));
                let at = std::panic::Location::caller();
                $crate::darray::operand::binary(stringify!($name), $crate::kernel::Binary::$operation, a, b, at)
            }
        )*}
    };
}

pub(super) use {of_one, of_two};
