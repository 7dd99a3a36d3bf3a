//! The array itself: attributes, operators and methods.

use super::{Entry, but, done, given, is, not, rows};
use stratal_array::{
    Complex64, DArray, DType, NewAxis,
    ndarray::{arr1, arr2},
    s,
};

pub(super) fn entries() -> Vec<Entry> {
    [attributes(), binary(), unary(), in_place(), reflected(), methods()].into_iter().flatten().collect()
}

fn attributes() -> Vec<Entry> {
    vec![
        done("array.dtype", "`x.dtype()?`", || assert_eq!(rows().dtype().unwrap(), DType::I64)),
        not("array.device", "there is one kind of device, the memory of the workers"),
        done("array.mT", "`x.matrix_transpose()`", || is(&rows().matrix_transpose(), arr2(&[[1i64, 4], [2, 5], [3, 6]]))),
        done("array.ndim", "`x.shape()?.len()`", || assert_eq!(rows().shape().unwrap().len(), 2)),
        done("array.shape", "`x.shape()?`", || assert_eq!(rows().shape().unwrap(), [2, 3])),
        done("array.size", "`x.shape()?.iter().product()`", || assert_eq!(rows().shape().unwrap().iter().product::<usize>(), 6)),
        but("array.T", "`x.t()`", "of any number of axes, as numpy's", || is(&rows().t(), arr2(&[[1i64, 4], [2, 5], [3, 6]]))),
    ]
}

/// What an operator makes of 7 and -5 with 2.
fn sevens(name: &'static str, ours: &'static str, function: fn(&DArray, &DArray) -> DArray, expected: [i64; 2]) -> Entry {
    done(name, ours, move || is(&function(&given(&[7i64, -5]), &given(&[2i64])), arr1(&expected)))
}

/// What a comparison says of 7 and 2 with 2.
fn compare(name: &'static str, ours: &'static str, function: fn(&DArray, &DArray) -> DArray, expected: [bool; 2]) -> Entry {
    done(name, ours, move || is(&function(&given(&[7i64, 2]), &given(&[2i64])), arr1(&expected)))
}

fn binary() -> Vec<Entry> {
    vec![
        sevens("array.__add__", "`&x + &y`", |a, b| a + b, [9, -3]),
        sevens("array.__and__", "`&x & &y`", |a, b| a & b, [2, 2]),
        compare("array.__eq__", "`x.eq(&y)`", |a, b| a.eq(b), [false, true]),
        sevens("array.__floordiv__", "`x.floor_divide(&y)`", |a, b| a.floor_divide(b), [3, -3]),
        compare("array.__ge__", "`x.gt_eq(&y)`", |a, b| a.gt_eq(b), [true, true]),
        but(
            "array.__getitem__",
            "`x.slice(s![..])`",
            "indexes, ranges, steps and `NewAxis`; arrays of booleans and indexes come with `take`",
            || {
                is(&rows().slice(s![1, ..;-2]), arr1(&[6i64, 4]));
                is(&rows().slice(s![.., NewAxis, 0]), arr2(&[[1i64], [4]]));
            },
        ),
        compare("array.__gt__", "`x.gt(&y)`", |a, b| a.gt(b), [true, false]),
        compare("array.__le__", "`x.lt_eq(&y)`", |a, b| a.lt_eq(b), [false, true]),
        sevens("array.__lshift__", "`&x << &y`", |a, b| a << b, [28, -20]),
        compare("array.__lt__", "`x.lt(&y)`", |a, b| a.lt(b), [false, false]),
        done("array.__matmul__", "`x.matmul(&y)`", || is(&rows().matmul(&given(&[1i64, 1, 1])), arr1(&[6i64, 15]))),
        sevens("array.__mod__", "`x.remainder(&y)`", |a, b| a.remainder(b), [1, 1]),
        sevens("array.__mul__", "`&x * &y`", |a, b| a * b, [14, -10]),
        compare("array.__ne__", "`x.not_eq(&y)`", |a, b| a.not_eq(b), [true, false]),
        sevens("array.__or__", "`&x | &y`", |a, b| a | b, [7, -5]),
        sevens("array.__pow__", "`x.pow(&y)`", |a, b| a.pow(b), [49, 25]),
        sevens("array.__rshift__", "`&x >> &y`", |a, b| a >> b, [1, -2]),
        not("array.__setitem__", "arrays never change: `mask.where_(&y, &x)`, or `DArray::concat` of parts"),
        sevens("array.__sub__", "`&x - &y`", |a, b| a - b, [5, -7]),
        done("array.__truediv__", "`&x / &y`", || is(&(given(&[7i64, -5]) / given(&[2i64])), arr1(&[3.5, -2.5]))),
        sevens("array.__xor__", "`&x ^ &y`", |a, b| a ^ b, [5, -7]),
    ]
}

fn unary() -> Vec<Entry> {
    vec![
        done("array.__abs__", "`x.abs()`", || is(&given(&[-1i64, 1]).abs(), arr1(&[1i64, 1]))),
        done("array.__invert__", "`!&x`", || is(&!given(&[0i64, -1]), arr1(&[-1i64, 0]))),
        done("array.__neg__", "`-&x`", || is(&-given(&[1i64, -1]), arr1(&[-1i64, 1]))),
        done("array.__pos__", "`x.positive()`", || is(&given(&[1i64, -1]).positive(), arr1(&[1i64, -1]))),
    ]
}

/// What an operator that assigns makes of 7 and -5 with 2.
fn assigned(name: &'static str, ours: &'static str, function: fn(&mut DArray), expected: [i64; 2]) -> Entry {
    done(name, ours, move || {
        let mut x = given(&[7i64, -5]);
        function(&mut x);
        is(&x, arr1(&expected));
    })
}

fn in_place() -> Vec<Entry> {
    vec![
        assigned("array.__iadd__", "`x += &y`", |x| *x += 2, [9, -3]),
        assigned("array.__isub__", "`x -= &y`", |x| *x -= 2, [5, -7]),
        assigned("array.__imul__", "`x *= &y`", |x| *x *= 2, [14, -10]),
        but("array.__itruediv__", "`x /= &y`", "integers become floats", || {
            let mut x = given(&[7i64, -5]);
            x /= 2;
            is(&x, arr1(&[3.5, -2.5]));
        }),
        not("array.__ifloordiv__", "Rust has no such operator: `x = x.floor_divide(&y)`"),
        not("array.__ipow__", "Rust has no such operator: `x = x.pow(&y)`"),
        not("array.__imod__", "`x %= &y` is Rust's, with the sign of the left: `x = x.remainder(&y)`"),
        not("array.__imatmul__", "Rust has no such operator: `x = x.matmul(&y)`"),
        assigned("array.__iand__", "`x &= &y`", |x| *x &= 2, [2, 2]),
        assigned("array.__ior__", "`x |= &y`", |x| *x |= 2, [7, -5]),
        assigned("array.__ixor__", "`x ^= &y`", |x| *x ^= 2, [5, -7]),
        assigned("array.__ilshift__", "`x <<= &y`", |x| *x <<= 2, [28, -20]),
        assigned("array.__irshift__", "`x >>= &y`", |x| *x >>= 2, [1, -2]),
    ]
}

/// What an operator makes of a number with 2 and 3.
fn number(name: &'static str, ours: &'static str, function: fn(&DArray) -> DArray, expected: [i64; 2]) -> Entry {
    done(name, ours, move || is(&function(&given(&[2i64, 3])), arr1(&expected)))
}

fn reflected() -> Vec<Entry> {
    vec![
        number("array.__radd__", "`1 + &x`", |x| 1i64 + x, [3, 4]),
        number("array.__rsub__", "`1 - &x`", |x| 1i64 - x, [-1, -2]),
        number("array.__rmul__", "`2 * &x`", |x| 2i64 * x, [4, 6]),
        done("array.__rtruediv__", "`1.0 / &x`", || is(&(1.0 / given(&[2i64, 4])), arr1(&[0.5, 0.25]))),
        number("array.__rfloordiv__", "`DArray::scalar_of(7).floor_divide(&x)`", |x| DArray::scalar_of(7i64).floor_divide(x), [3, 2]),
        number("array.__rpow__", "`DArray::scalar_of(2).pow(&x)`", |x| DArray::scalar_of(2i64).pow(x), [4, 8]),
        number("array.__rmod__", "`DArray::scalar_of(-7).remainder(&x)`", |x| DArray::scalar_of(-7i64).remainder(x), [1, 2]),
        not("array.__rmatmul__", "the left of a product is an array too"),
        number("array.__rand__", "`6 & &x`", |x| 6i64 & x, [2, 2]),
        number("array.__ror__", "`4 | &x`", |x| 4i64 | x, [6, 7]),
        number("array.__rxor__", "`6 ^ &x`", |x| 6i64 ^ x, [4, 5]),
        number("array.__rlshift__", "`1 << &x`", |x| 1i64 << x, [4, 8]),
        number("array.__rrshift__", "`16 >> &x`", |x| 16i64 >> x, [4, 2]),
    ]
}

fn methods() -> Vec<Entry> {
    vec![
        not("array.__array_namespace__", "Python's; methods stand on the array"),
        done("array.__bool__", "`x.scalar::<bool>()?`", || assert!(rows().gt(0).all(..).scalar::<bool>().unwrap())),
        done("array.__complex__", "`x.scalar::<Complex64>()?`", || {
            assert_eq!(DArray::scalar_of(Complex64::new(1.0, 2.0)).scalar::<Complex64>().unwrap().im, 2.0);
        }),
        not("array.__dlpack__", "Python's; `x.compute::<T>()?` is an array of `ndarray`"),
        not("array.__dlpack_device__", "Python's"),
        done("array.__float__", "`x.scalar::<f64>()?`", || assert_eq!(rows().mean(..).scalar::<f64>().unwrap(), 3.5)),
        done("array.__index__", "`x.scalar::<i64>()?`", || assert_eq!(rows().argmax(..).scalar::<i64>().unwrap(), 5)),
        done("array.__int__", "`x.scalar::<i64>()?`", || assert_eq!(rows().sum(..).scalar::<i64>().unwrap(), 21)),
        not("array.to_device", "there is one kind of device, the memory of the workers"),
    ]
}
