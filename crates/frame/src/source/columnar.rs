//! What the options of columnar formats have in common: which files are read, and how their columns become a table's.

use super::{
    files::{Extra, IntoPaths, Listed, Listing, list},
    unify::{Columns, Unify},
};
use arrow_schema::{Schema, SchemaRef};
use std::sync::Arc;
use stratal_core::Result;

/// What is to be read.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) paths: Vec<String>,
    pub(super) schema: Option<SchemaRef>,
    pub(super) union_by_name: bool,
    pub(super) path_column: Option<String>,
    pub(super) hive: bool,
    pub(super) storage: Vec<(String, String)>,
}

/// The columns of a table.
pub(super) struct Agreed {
    /// Those that stand in the files.
    pub(super) own: SchemaRef,
    /// Those that do not.
    pub(super) extra: Extra,
    /// Both, in this order.
    pub(super) all: SchemaRef,
}

impl Wanted {
    pub(super) fn new(paths: impl IntoPaths) -> Self {
        let paths = paths.into_paths();
        Wanted { paths, schema: None, union_by_name: false, path_column: None, hive: true, storage: Vec::new() }
    }

    /// The paths, as `Display` shows them.
    pub(super) fn arguments(&self) -> String {
        match &self.paths[..] {
            [path] => format!("{path:?}"),
            paths => format!("{paths:?}"),
        }
    }

    /// The files. `endings` is what is taken from a directory.
    pub(super) fn list(&self, endings: &[&str]) -> Result<Vec<Listed>> {
        list(&Listing { paths: &self.paths, storage: &self.storage, endings, hive: self.hive })
    }

    /// The columns of all files. `schemas` are their own; `options` is what the user gave these by, for help.
    ///
    /// # Errors
    /// Those of [`Unify::schema`], [`Extra::of`] and [`Extra::after`].
    pub(super) fn agree(&self, files: &[Listed], schemas: &[SchemaRef], options: &'static str) -> Result<Agreed> {
        let mut extra = Extra::of(files, self.path_column.as_deref())?;
        let given = self.schema.as_ref().map(|given| {
            let is_extra = |name: &str| extra.fields().iter().any(|field| field.name() == name);
            let (outside, inside): (Vec<_>, Vec<_>) = given.fields().iter().cloned().partition(|field| is_extra(field.name()));
            (outside, Arc::new(Schema::new(inside)))
        });
        let (outside, inside) = given.unzip();
        for field in outside.unwrap_or_default() {
            extra = extra.with_type(field.name(), field.data_type());
        }
        let columns = files.iter().zip(schemas).map(|(file, schema)| Columns { shown: &file.shown, schema: schema.clone() });
        let unify = Unify { given: inside.as_ref(), by_name: self.union_by_name, options };
        let own = unify.schema(&columns.collect::<Vec<_>>())?;
        let all = extra.after(&own)?;
        Ok(Agreed { own, extra, all })
    }
}
