//! [`Asked`]: which files a frame is read from, whatever stands in them; and the setters by which options are told.

use super::{Extra, IntoPaths, Listed, Listing, list};
use stratal_core::Result;

/// Which files are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    paths: Vec<String>,
    pub(crate) path_column: Option<String>,
    pub(crate) hive: bool,
    pub(crate) storage: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn new(paths: impl IntoPaths) -> Self {
        Asked { paths: paths.into_paths(), path_column: None, hive: true, storage: Vec::new() }
    }

    /// The paths, as `Display` shows them.
    pub(crate) fn arguments(&self) -> String {
        match &self.paths[..] {
            [path] => format!("{path:?}"),
            paths => format!("{paths:?}"),
        }
    }

    /// The paths as they were given, and how their stores are reached.
    pub(crate) fn reads(&self) -> Vec<(Vec<String>, Vec<(String, String)>)> {
        vec![(self.paths.clone(), self.storage.clone())]
    }

    /// The files. `endings` is what is taken from a directory.
    pub(crate) fn list(&self, endings: &[&str]) -> Result<Vec<Listed>> {
        list(&Listing { paths: &self.paths, storage: &self.storage, endings, hive: self.hive })
    }

    /// The columns that do not stand in the files.
    pub(crate) fn extra(&self, files: &[Listed]) -> Result<Extra> {
        Extra::of(files, self.path_column.as_deref())
    }
}

/// The setters that all options have: of a type, and where its [`Asked`] is.
macro_rules! setters {
    ($type:ident, $($asked:tt).+) => {
        /// The name of a column, the last one, that holds the path of each row's file as it was given; none unless told.
        ///
        /// ```
        #[doc = concat!("# use stratal_frame::", stringify!($type), ";")]
        #[doc = concat!("let options = ", stringify!($type), "::new(\"rides/\").path_column(\"path\");")]
        /// # let _ = options;
        /// ```
        pub fn path_column(mut self, name: impl Into<String>) -> Self {
            self.$($asked).+.path_column = Some(name.into());
            self
        }

        /// Whether directories are gone through to the bottom, and names of directories such as `year=2024` below the
        /// directory or glob that was asked for are columns. They are, unless told. A filter on such columns opens no files
        /// in vain.
        ///
        /// ```
        #[doc = concat!("# use stratal_frame::", stringify!($type), ";")]
        #[doc = concat!("let options = ", stringify!($type), "::new(\"rides/\").hive(false);")]
        /// # let _ = options;
        /// ```
        pub fn hive(mut self, hive: bool) -> Self {
            self.$($asked).+.hive = hive;
            self
        }

        /// How stores are reached: the settings of the `object_store` crate, with or without their prefix (`region`,
        /// `endpoint`, `access_key_id`, `secret_access_key`, `allow_http`, …; `anonymous` for what is public). They win over
        /// the environment of the process that reads, travel to workers, and are never printed.
        ///
        /// ```
        #[doc = concat!("# use stratal_frame::", stringify!($type), ";")]
        #[doc = concat!("let options = ", stringify!($type), "::new(\"s3://open/\").storage([(\"region\", \"eu-west-1\")]);")]
        /// # let _ = options;
        /// ```
        pub fn storage<K: Into<String>, V: Into<String>>(mut self, settings: impl IntoIterator<Item = (K, V)>) -> Self {
            self.$($asked).+.storage = settings.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
            self
        }
    };
}

pub(crate) use setters;
