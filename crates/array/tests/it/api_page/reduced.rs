//! Statistics, searching, utilities, linear algebra and FFT.

use super::{Entry, but, done, given, is, near, not, rows};
use stratal_array::{
    Complex64, DArray, keep,
    ndarray::{arr0, arr1, arr2},
};

const LINALG: &str = "comes with `linalg`";
const FFT: &str = "comes with `fft`";

pub(super) fn entries() -> Vec<Entry> {
    let mut entries = [statistics(), searching(), products(), extension()].into_iter().flatten().collect::<Vec<Entry>>();
    let fft = [
        "fft.fft",
        "fft.ifft",
        "fft.fftn",
        "fft.ifftn",
        "fft.rfft",
        "fft.irfft",
        "fft.rfftn",
        "fft.irfftn",
        "fft.hfft",
        "fft.ihfft",
        "fft.fftfreq",
        "fft.rfftfreq",
        "fft.fftshift",
        "fft.ifftshift",
    ];
    entries.extend(fft.map(|name| not(name, FFT)));
    entries
}

fn statistics() -> Vec<Entry> {
    const WITHOUT: &str = "an axis is always given; nothing is put before the first element";
    vec![
        but("cumulative_prod", "`x.cumulative_prod(axis)`", WITHOUT, || {
            is(&rows().cumulative_prod(1), arr2(&[[1i64, 2, 6], [4, 20, 120]]));
        }),
        but("cumulative_sum", "`x.cumulative_sum(axis)`", WITHOUT, || {
            is(&rows().cumulative_sum(-1), arr2(&[[1i64, 3, 6], [4, 9, 15]]));
        }),
        done("max", "`x.max(axes)`", || {
            is(&rows().max(0), arr1(&[4i64, 5, 6]));
            is(&given(&[1.0, f64::NAN, 2.0]).max(..), arr0(f64::NAN));
        }),
        done("mean", "`x.mean(axes)`", || {
            is(&rows().mean(keep(1)), arr2(&[[2.0], [5.0]]));
            is(&given(&[Complex64::new(1.0, 2.0), Complex64::new(3.0, 4.0)]).mean(0), arr0(Complex64::new(2.0, 3.0)));
        }),
        done("min", "`x.min(axes)`", || is(&rows().min([0, 1]), arr0(1i64))),
        but("prod", "`x.prod(axes)`", "of another dtype: `x.cast(..)` before", || {
            is(&given(&[200u8, 2]).prod(..), arr0(400u64));
            is(&rows().prod(0), arr1(&[4i64, 10, 18]));
        }),
        done("std", "`x.std(axes)`, `x.std_ddof(axes, a)`", || near(&rows().std(0), &[1.5; 3])),
        but("sum", "`x.sum(axes)`", "of another dtype: `x.cast(..)` before", || {
            is(&rows().sum(-1), arr1(&[6i64, 15]));
            is(&given(&[100i8, 100]).sum(..), arr0(200i64));
        }),
        done("var", "`x.var(axes)`, `x.var_ddof(axes, a)`", || {
            near(&rows().var(0), &[2.25; 3]);
            near(&rows().var_ddof(.., 1.0), &[3.5]);
        }),
        done("all", "`x.all(axes)`", || is(&rows().gt(2).all(0), arr1(&[false, false, true]))),
        done("any", "`x.any(axes)`", || is(&rows().gt(5).any(1), arr1(&[false, true]))),
        not("diff", "`x.slice(s![1..]) - x.slice(s![..-1])` is it, along the first axis"),
    ]
}

fn searching() -> Vec<Entry> {
    vec![
        done("argmax", "`x.argmax(axis)`", || is(&given(&[1i64, 5, 5]).argmax(0), arr0(1i64))),
        done("argmin", "`x.argmin(axis)`", || is(&rows().argmin(..), arr0(0i64))),
        done("count_nonzero", "`x.count_nonzero(axes)`", || is(&given(&[0.0, -0.0, f64::NAN, 2.0]).count_nonzero(..), arr0(2i64))),
        not("nonzero", "comes with masks, whose lengths are found when they are needed"),
        not("searchsorted", "comes with `sort`"),
        done("where", "`mask.where_(&x, &y)`", || is(&rows().gt(3).where_(rows(), 0), arr2(&[[0i64, 0, 0], [4, 5, 6]]))),
    ]
}

fn matmul() {
    is(&rows().matmul(&rows().t()), arr2(&[[14i64, 32], [32, 77]]));
}

fn transpose() {
    is(&rows().matrix_transpose(), arr2(&[[1i64, 4], [2, 5], [3, 6]]));
}

fn tensordot() {
    is(&rows().tensordot(&rows(), ([0], [0])), arr2(&[[17i64, 22, 27], [22, 29, 36], [27, 36, 45]]));
}

fn vecdot() {
    is(&rows().vecdot(&given(&[1i64, 0, 2]), -1), arr1(&[7i64, 16]));
    let z = given(&[Complex64::new(0.0, 1.0)]);
    is(&z.vecdot(&z, 0), arr0(Complex64::new(1.0, 0.0)));
}

fn products() -> Vec<Entry> {
    vec![
        done("matmul", "`x.matmul(&y)`", matmul),
        done("matrix_transpose", "`x.matrix_transpose()`", transpose),
        done("tensordot", "`x.tensordot(&y, n)`, `x.tensordot(&y, ([0], [1]))`", tensordot),
        done("vecdot", "`x.vecdot(&y, axis)`", vecdot),
        done("linalg.matmul", "`x.matmul(&y)`", matmul),
        done("linalg.matrix_transpose", "`x.matrix_transpose()`", transpose),
        done("linalg.tensordot", "`x.tensordot(&y, n)`, `x.tensordot(&y, ([0], [1]))`", tensordot),
        done("linalg.vecdot", "`x.vecdot(&y, axis)`", vecdot),
        done("linalg.outer", "`x.outer(&y)`", || {
            is(&DArray::arange(1i64..3).outer(&given(&[3i64, 4, 5])), arr2(&[[3i64, 4, 5], [6, 8, 10]]));
        }),
    ]
}

fn extension() -> Vec<Entry> {
    let mut entries = [
        "linalg.cholesky",
        "linalg.cross",
        "linalg.det",
        "linalg.diagonal",
        "linalg.eig",
        "linalg.eigh",
        "linalg.eigvals",
        "linalg.eigvalsh",
        "linalg.inv",
        "linalg.matrix_power",
        "linalg.matrix_rank",
        "linalg.pinv",
        "linalg.qr",
        "linalg.slogdet",
        "linalg.solve",
        "linalg.svd",
        "linalg.svdvals",
    ]
    .map(|name| not(name, LINALG))
    .into_iter()
    .collect::<Vec<Entry>>();
    entries.push(not("linalg.matrix_norm", "comes with `linalg`; Frobenius': `x.abs().square().sum([-2, -1]).sqrt()`"));
    entries.push(not("linalg.vector_norm", "comes with `linalg`; Euclid's: `x.abs().square().sum(axes).sqrt()`"));
    entries.push(not("linalg.trace", "comes with `linalg`; `(&x * DArray::eye::<f64>(n)).sum([-2, -1])` is it"));
    entries
}
