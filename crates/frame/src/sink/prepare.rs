//! Options to a [`Target`]: everything that can be wrong with a write is found here, before anything runs.

use super::{
    encode::Encoder,
    format::Format,
    found::{Found, found},
    hive::Keys,
    manifest::{self, Column, Manifest},
    options::{Job, Mode},
    overlap,
    target::{Layout, Names, Target, joined, missing, token},
};
use crate::{expr::Expr, steps::Step};
use arrow_schema::SchemaRef;
use datafusion::logical_expr::Expr as Logical;
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result, config::parse_bytes};
use stratal_stores::Site;

impl Job {
    /// The target of rows of a schema that come in so many partitions, from a frame of these steps. Looks at what is there,
    /// and changes nothing.
    ///
    /// # Errors
    /// `BadValue` for options that do not go together; `Exists` for what may not be touched, and for a source of the rows.
    pub(super) fn target(&self, steps: &[Arc<Step>], schema: &SchemaRef, partitions: usize) -> Result<Target> {
        let common = &self.common;
        let (site, inside) = Site::of(&common.path, &common.storage)?;
        if site.is_web() {
            let error = Error::new(ErrorKind::BadValue, "web servers are read and not written");
            return Err(error.in_file(&*common.path, None, None).with_help("write to s3://, gs://, az:// or a path of the file system"));
        }
        let file = inside.filename().filter(|name| !common.path.ends_with('/') && has_ending(name));
        let format = Format::of(self, file)?;
        let keys = common.partition_by.iter().map(key).collect::<Result<Vec<String>>>()?;
        let file_bytes = common.file_bytes.as_deref().map(size).transpose()?;
        let mut target = Target {
            layout: if file.is_some() { Layout::File } else { Layout::Directory },
            path: inside.to_string(),
            mode: common.mode,
            names: Names::new(0, partitions, None, format.ending()),
            columns: manifest::columns(schema),
            token: token(),
            missing: 0,
            site,
            format,
            keys,
            file_bytes,
        };
        if target.layout == Layout::File {
            self.fits_a_file(&target)?;
        }
        // Columns that the format cannot hold fail here.
        Encoder::new(&target.format, &file_schema(&target, schema)?, true)?;
        if target.site.is_local() {
            target.missing = missing(&target.base());
        }
        let there = look(&target)?;
        choose_names(&mut target, &there, partitions);
        overlap::refuse(steps, &target.site, &there.replaced(&target))?;
        Ok(target)
    }

    /// Refuses what only a directory can have.
    fn fits_a_file(&self, target: &Target) -> Result<()> {
        let what = if !target.keys.is_empty() {
            "partition_by(..) makes directories"
        } else if target.file_bytes.is_some() {
            "file_bytes(..) makes several files"
        } else if target.mode == Mode::Append {
            "Mode::Append adds files to a directory"
        } else {
            return Ok(());
        };
        let error = Error::new(ErrorKind::BadValue, format!("{what}, and a path with an ending is one file"));
        Err(error.in_file(target.shown(), None, None).with_help("end the path with a slash: \"out/\""))
    }
}

/// The columns that stand in files.
pub(super) fn file_schema(target: &Target, schema: &SchemaRef) -> Result<SchemaRef> {
    match target.keys.is_empty() {
        true => Ok(schema.clone()),
        false => Ok(Keys::new(&target.keys, schema)?.schema().clone()),
    }
}

/// Whether a name has an ending: `people.csv`, and not `.hidden`.
fn has_ending(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some()
}

fn key(expr: &Expr) -> Result<String> {
    match expr.to_datafusion()? {
        Logical::Column(column) => Ok(column.name),
        _ => Err(Error::new(ErrorKind::BadValue, format!("partition_by takes columns, and {expr:?} is computed"))
            .with_help("compute it before: .with_column(\"k\", ..), and partition_by(\"k\")")),
    }
}

fn size(text: &str) -> Result<u64> {
    match parse_bytes(text)? {
        0 => Err(Error::new(ErrorKind::BadValue, "a file cannot be of 0 bytes").with_help("file_bytes takes a size such as \"256MiB\"")),
        bytes => Ok(bytes),
    }
}

/// What is there already.
pub(super) struct There {
    found: Found,
    /// What earlier writes to a directory left, where it is of consequence.
    pub(super) manifest: Option<Manifest>,
}

impl There {
    fn files(&self) -> &[String] {
        match &self.found {
            Found::Directory(files) => files,
            Found::Nothing | Found::File => &[],
        }
    }

    /// The files that a write takes the place of, by their paths on the site.
    fn replaced(&self, target: &Target) -> Vec<String> {
        match (&self.found, &self.manifest, target.mode) {
            (Found::File, ..) => vec![target.path.clone()],
            (_, Some(known), Mode::Overwrite) => known.files.iter().map(|file| joined(&target.path, &file.path)).collect(),
            _ => Vec::new(),
        }
    }
}

/// Looks at what is there, and whether the write is allowed.
///
/// # Errors
/// Those of [`allowed`]; `TypeMismatch` for rows of other columns than those that they are added to.
pub(super) fn look(target: &Target) -> Result<There> {
    let found = found(target)?;
    allowed(target, &found)?;
    let manifest = match (target.layout, target.mode) {
        (Layout::File, _) | (_, Mode::Create) => None,
        (Layout::Directory, Mode::Overwrite | Mode::Append) => Manifest::read(target)?,
    };
    if let Some(known) = &manifest {
        fits(target, known)?;
    }
    Ok(There { found, manifest })
}

/// Names files beside those that stay.
pub(super) fn choose_names(target: &mut Target, there: &There, partitions: usize) {
    let is_local = target.site.is_local();
    let listed = |path: &String| there.manifest.as_ref().is_some_and(|known| known.files.iter().any(|file| file.path == *path));
    // Files of other writes stay, and so does what is replaced, on an object store, until all that is new is there.
    let stay = match target.mode {
        Mode::Create => None,
        Mode::Overwrite if is_local => last_number(there.files().iter().filter(|path| !listed(path))),
        Mode::Overwrite | Mode::Append => last_number(there.files().iter()),
    };
    let first = stay.filter(|_| target.mode == Mode::Append).map_or(0, |last| last.saturating_add(1));
    // On an object store a name cannot be chosen anew, once the upload has begun and others have come.
    let is_shared = stay.is_some() || (target.mode != Mode::Create && !is_local);
    let own = is_shared.then(|| target.token[..8].to_owned());
    target.names = Names::new(first, partitions, own, target.format.ending());
}

fn last_number<'a>(files: impl Iterator<Item = &'a String>) -> Option<u32> {
    files.filter_map(|path| Names::number(path.rsplit('/').next().unwrap_or_default())).max()
}

/// Whether the mode allows a write where this is.
///
/// # Errors
/// `Exists`.
pub(super) fn allowed(target: &Target, found: &Found) -> Result<()> {
    let exists =
        |message: String, help: &str| Err(Error::new(ErrorKind::Exists, message).in_file(target.shown(), None, None).with_help(help));
    match (target.layout, found, target.mode) {
        (Layout::File, Found::Directory(_), _) => exists("it is a directory".to_owned(), "end the path with a slash, or name a file in it"),
        (Layout::Directory, Found::File, _) => exists("it is a file, and files are to be put in it".to_owned(), "choose another path"),
        (Layout::File, Found::File, Mode::Create) => {
            exists("the file exists already".to_owned(), "mode(Mode::Overwrite) replaces it once the new rows are whole")
        }
        (Layout::Directory, Found::Directory(files), Mode::Create) if !files.is_empty() => {
            let what = match files.len() {
                1 => "the directory holds a file already".to_owned(),
                count => format!("the directory holds {count} files already"),
            };
            exists(what, "mode(Mode::Overwrite) replaces what an earlier write left there, mode(Mode::Append) adds to it")
        }
        _ => Ok(()),
    }
}

/// Whether the rows may come beside those that are there.
///
/// # Errors
/// `TypeMismatch` where they are added, and their columns are others.
pub(super) fn fits(target: &Target, known: &Manifest) -> Result<()> {
    if target.mode != Mode::Append || target.columns == known.columns {
        return Ok(());
    }
    let show = |columns: &[Column]| {
        let columns: Vec<String> = columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
        columns.join(", ")
    };
    let message = format!("the rows have the columns [{}], and those that are there [{}]", show(&target.columns), show(&known.columns));
    let error = Error::new(ErrorKind::TypeMismatch, message).in_file(target.shown(), None, None);
    Err(error.with_help("select and cast the columns as they are there, or use mode(Mode::Overwrite)"))
}
