//! `+ - * / % & | ^ << >>`, unary `- !`, and `+=` and friends.

use super::{
    DArray,
    operand::{IntoOperand, binary},
};
use crate::kernel::{Binary, Unary};
use num_complex::Complex;
use std::{
    ops::{
        Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign, Mul, MulAssign, Neg, Not, Rem,
        RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign,
    },
    panic::Location,
};

macro_rules! operators {
    ($($Trait:ident $method:ident $Assign:ident $assign:ident $name:literal $operation:ident;)*) => {$(
        impl<R: IntoOperand> $Trait<R> for &DArray {
            type Output = DArray;

            #[track_caller]
            fn $method(self, right: R) -> DArray {
                binary($name, Binary::$operation, self.into_operand(), right.into_operand(), Location::caller())
            }
        }

        impl<R: IntoOperand> $Trait<R> for DArray {
            type Output = DArray;

            #[track_caller]
            fn $method(self, right: R) -> DArray {
                binary($name, Binary::$operation, self.into_operand(), right.into_operand(), Location::caller())
            }
        }

        impl<R: IntoOperand> $Assign<R> for DArray {
            #[track_caller]
            fn $assign(&mut self, right: R) {
                *self = binary($name, Binary::$operation, (&*self).into_operand(), right.into_operand(), Location::caller());
            }
        }

        operators!(left $Trait $method $name $operation: i64 f64 Complex<f64>);
    )*};
    (left $Trait:ident $method:ident $name:literal $operation:ident: $($number:ty)*) => {$(
        impl $Trait<DArray> for $number {
            type Output = DArray;

            #[track_caller]
            fn $method(self, right: DArray) -> DArray {
                binary($name, Binary::$operation, self.into_operand(), right.into_operand(), Location::caller())
            }
        }

        impl $Trait<&DArray> for $number {
            type Output = DArray;

            #[track_caller]
            fn $method(self, right: &DArray) -> DArray {
                binary($name, Binary::$operation, self.into_operand(), right.into_operand(), Location::caller())
            }
        }
    )*};
}

operators! {
    Add add AddAssign add_assign "add" Add;
    Sub sub SubAssign sub_assign "subtract" Subtract;
    Mul mul MulAssign mul_assign "multiply" Multiply;
    Div div DivAssign div_assign "divide" Divide;
    Rem rem RemAssign rem_assign "rem" Rem;
    BitAnd bitand BitAndAssign bitand_assign "bitwise_and" BitwiseAnd;
    BitOr bitor BitOrAssign bitor_assign "bitwise_or" BitwiseOr;
    BitXor bitxor BitXorAssign bitxor_assign "bitwise_xor" BitwiseXor;
    Shl shl ShlAssign shl_assign "bitwise_left_shift" BitwiseLeftShift;
    Shr shr ShrAssign shr_assign "bitwise_right_shift" BitwiseRightShift;
}

impl Neg for &DArray {
    type Output = DArray;

    #[track_caller]
    fn neg(self) -> DArray {
        self.unary("negative", Unary::Negative, Location::caller())
    }
}

impl Neg for DArray {
    type Output = DArray;

    #[track_caller]
    fn neg(self) -> DArray {
        self.unary("negative", Unary::Negative, Location::caller())
    }
}

impl Not for &DArray {
    type Output = DArray;

    #[track_caller]
    fn not(self) -> DArray {
        self.unary("bitwise_invert", Unary::BitwiseInvert, Location::caller())
    }
}

impl Not for DArray {
    type Output = DArray;

    #[track_caller]
    fn not(self) -> DArray {
        self.unary("bitwise_invert", Unary::BitwiseInvert, Location::caller())
    }
}
