//! [`IntoPaths`]: how paths are given.

use std::path::{Path, PathBuf};

/// A path, a glob, a directory or a URL, or several of them.
///
/// Paths are of the file system, or URLs that begin with `s3://`, `gs://`, `az://`, `http://`, `https://` or `file://`. In a
/// glob `*` does not go beyond a `/` and `**` does.
///
/// ```
/// use stratal_frame::DFrame;
/// let one = DFrame::read_csv("data/sales.csv");
/// let many = DFrame::read_csv(["data/2023/*.csv", "s3://lake/sales/2024/"]);
/// # let _ = (one, many);
/// ```
pub trait IntoPaths {
    /// The paths, in the order in which they are read.
    fn into_paths(self) -> Vec<String>;
}

macro_rules! paths {
    ($($type:ty: $path:ident => $text:expr;)*) => {$(
        impl IntoPaths for $type {
            fn into_paths(self) -> Vec<String> {
                let $path = self;
                vec![$text]
            }
        }
    )*};
}

paths! {
    &str: path => path.to_owned();
    String: path => path;
    &String: path => path.clone();
    &Path: path => path.to_string_lossy().into_owned();
    PathBuf: path => path.to_string_lossy().into_owned();
    &PathBuf: path => path.to_string_lossy().into_owned();
}

impl<P: IntoPaths, const N: usize> IntoPaths for [P; N] {
    fn into_paths(self) -> Vec<String> {
        self.into_iter().flat_map(IntoPaths::into_paths).collect()
    }
}

impl<P: IntoPaths> IntoPaths for Vec<P> {
    fn into_paths(self) -> Vec<String> {
        self.into_iter().flat_map(IntoPaths::into_paths).collect()
    }
}

impl<P: IntoPaths + Clone> IntoPaths for &[P] {
    fn into_paths(self) -> Vec<String> {
        self.iter().cloned().flat_map(IntoPaths::into_paths).collect()
    }
}
