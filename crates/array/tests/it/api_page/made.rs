//! Creation, dtypes, constants and inspection.

use super::{Entry, but, done, given, is, near, not};
use std::f64::consts::{E, PI};
use stratal_array::{
    Complex32, Complex64, DArray, DType, Element, NewAxis,
    ndarray::{arr0, arr1, arr2},
    s,
};

const LIKE: &str = "the shape of another: `DArray::full(x.shape()?, a)`, `zeros`, `ones`";
const DLPACK: &str = "Python's; Rust's arrays come by `from_ndarray`, others by files and Arrow";

pub(super) fn entries() -> Vec<Entry> {
    [creation(), dtypes(), functions(), constants(), inspection()].into_iter().flatten().collect()
}

fn creation() -> Vec<Entry> {
    vec![
        done("arange", "`DArray::arange(a..b)`, `DArray::arange_step(a, b, step)`", || {
            is(&DArray::arange(3i64..6), arr1(&[3i64, 4, 5]));
            is(&DArray::arange_step(1.0, 0.0, -0.25), arr1(&[1.0, 0.75, 0.5, 0.25]));
        }),
        done("asarray", "`DArray::from_vec(items, shape)`, `from_ndarray(array)`, `scalar_of(a)`", || {
            is(&DArray::from_vec(vec![1i32, 2, 3, 4], (2, 2)), arr2(&[[1i32, 2], [3, 4]]));
            is(&DArray::from_ndarray(arr2(&[[true], [false]])), arr2(&[[true], [false]]));
            is(&DArray::scalar_of(2.5f32), arr0(2.5f32));
        }),
        not("empty", "nothing is without a value: `DArray::zeros` takes no memory before it is needed"),
        not("empty_like", LIKE),
        but("eye", "`DArray::eye::<T>(n)`", "square, and of the main diagonal", || {
            is(&DArray::eye::<f64>(2), arr2(&[[1.0, 0.0], [0.0, 1.0]]));
        }),
        not("from_dlpack", DLPACK),
        done("full", "`DArray::full(shape, a)`", || is(&DArray::full((1, 2), 7u8), arr2(&[[7u8, 7]]))),
        not("full_like", LIKE),
        but("linspace", "`DArray::linspace(a, b, n)`", "of real floats, with both ends", || {
            is(&DArray::linspace(0.0, 1.0, 5), arr1(&[0.0, 0.25, 0.5, 0.75, 1.0]));
        }),
        not("meshgrid", "axes broadcast: `x.expand_dims(1)` beside `y`, or `DArray::broadcast_arrays`"),
        done("ones", "`DArray::ones::<T>(shape)`", || is(&DArray::ones::<i16>(2), arr1(&[1i16, 1]))),
        not("ones_like", LIKE),
        not("tril", "comes with `linalg`; `i.expand_dims(1).gt_eq(&j).where_(&x, 0)` for ranges `i`, `j` is it"),
        not("triu", "comes with `linalg`; `i.expand_dims(1).lt_eq(&j).where_(&x, 0)` for ranges `i`, `j` is it"),
        done("zeros", "`DArray::zeros::<T>(shape)`", || is(&DArray::zeros::<f32>((1, 2)), arr2(&[[0.0f32, 0.0]]))),
        not("zeros_like", LIKE),
    ]
}

/// A dtype has its elements there and back.
fn of<T: Element>(name: &'static str, ours: &'static str, dtype: DType, one: T) -> Entry {
    done(name, ours, move || {
        let x = given(&[one, one, one]);
        assert_eq!((x.dtype().unwrap(), T::DTYPE), (dtype, dtype));
        is(&x.slice(s![1..]), arr1(&[one, one]));
    })
}

fn dtypes() -> Vec<Entry> {
    vec![
        of("bool", "`DType::Bool`, `bool`", DType::Bool, true),
        of("int8", "`DType::I8`, `i8`", DType::I8, -1i8),
        of("int16", "`DType::I16`, `i16`", DType::I16, -1i16),
        of("int32", "`DType::I32`, `i32`", DType::I32, -1i32),
        of("int64", "`DType::I64`, `i64`", DType::I64, -1i64),
        of("uint8", "`DType::U8`, `u8`", DType::U8, 1u8),
        of("uint16", "`DType::U16`, `u16`", DType::U16, 1u16),
        of("uint32", "`DType::U32`, `u32`", DType::U32, 1u32),
        of("uint64", "`DType::U64`, `u64`", DType::U64, u64::MAX),
        of("float32", "`DType::F32`, `f32`", DType::F32, 1.5f32),
        of("float64", "`DType::F64`, `f64`", DType::F64, 1.5f64),
        of("complex64", "`DType::C64`, `Complex32`", DType::C64, Complex32::new(1.0, -1.0)),
        of("complex128", "`DType::C128`, `Complex64`", DType::C128, Complex64::new(1.0, -1.0)),
        done("dtype.__eq__", "`==`", || assert!(given(&[1i8]).dtype().unwrap() == DType::I8)),
    ]
}

fn functions() -> Vec<Entry> {
    vec![
        done("astype", "`x.cast(DType::F64)`", || is(&given(&[1i8, -2]).cast(DType::F64), arr1(&[1.0, -2.0]))),
        not("can_cast", "`x.cast(dtype).check()` says whether"),
        not("finfo", "Rust's: `f64::MAX`, `f64::EPSILON`"),
        not("iinfo", "Rust's: `i32::MAX`, `i32::MIN`"),
        done("isdtype", "`dtype.is_bool()`, `is_signed`, `is_unsigned`, `is_integer`, `is_float`, `is_complex`", || {
            assert!(DType::I8.is_signed() && DType::U8.is_unsigned() && DType::U8.is_integer() && !DType::I8.is_float());
            assert!(DType::F32.is_float() && DType::C64.is_complex() && DType::Bool.is_bool());
        }),
        but("result_type", "`(&x + &y).dtype()?`", "a dtype that two arrays have not in common is the error of what is built", || {
            assert_eq!((given(&[1i8]) + given(&[1u8])).dtype().unwrap(), DType::I16);
            assert_eq!((given(&[1f32]) + 1.0).dtype().unwrap(), DType::F32);
            assert!((given(&[1i64]) + given(&[1u64])).check().is_err());
        }),
    ]
}

fn constants() -> Vec<Entry> {
    vec![
        done("e", "`std::f64::consts::E`", || near(&given(&[E]).log(), &[1.0])),
        done("inf", "`f64::INFINITY`", || is(&given(&[f64::INFINITY, 1.0]).is_inf(), arr1(&[true, false]))),
        done("nan", "`f64::NAN`", || is(&given(&[f64::NAN, 1.0]).is_nan(), arr1(&[true, false]))),
        done("newaxis", "`NewAxis`, in `s![..]`", || is(&given(&[1i64, 2]).slice(s![.., NewAxis]), arr2(&[[1i64], [2]]))),
        done("pi", "`std::f64::consts::PI`", || near(&given(&[PI]).cos(), &[-1.0])),
    ]
}

fn inspection() -> Vec<Entry> {
    const ONE: &str = "Python's; there is one kind of device, the memory of the workers";
    vec![
        not("__array_namespace_info__", "Python's; this page says it"),
        not("capabilities", "Python's; this page says it"),
        not("default_device", ONE),
        not("default_dtypes", "Rust's: a number without a suffix is an `i64` or an `f64`, and weak beside an array"),
        not("devices", ONE),
        done("dtypes", "`DType::ALL`", || assert_eq!((DType::ALL.len(), DType::ALL[0]), (13, DType::Bool))),
    ]
}
