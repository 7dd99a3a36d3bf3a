//! A directory that lives as long as the test, the files that numpy and zarr-python made, and the numbers in these.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};
use stratal_array::{Complex64, DArray, DType};

/// A directory of the test's own.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("stratal-array-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A path in it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A file of `tests/data`.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// The numbers that the files hold, as `tests/data/make.py` makes them, as floats or as the real and imaginary parts.
pub(crate) fn value(dtype: DType, i: usize) -> Complex64 {
    let x = i as f64;
    match dtype {
        DType::Bool => Complex64::new(f64::from(u8::from(i.is_multiple_of(3))), 0.0),
        dtype if dtype.is_unsigned() => Complex64::new((i % 100) as f64, 0.0),
        dtype if dtype.is_signed() => Complex64::new((i % 100) as f64 - 20.0, 0.0),
        dtype if dtype.is_complex() => Complex64::new(x, -0.5 * x),
        _ => Complex64::new(x * 0.5 - 3.0, 0.0),
    }
}

/// The elements of an array, in order.
pub(crate) fn numbers(array: &DArray) -> Vec<Complex64> {
    array.cast(DType::C128).compute::<Complex64>().unwrap().iter().copied().collect()
}
