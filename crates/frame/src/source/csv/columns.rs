//! The columns of several files as those of one table: by name where there is a header, else by position.

use super::{options::RaggedRows, table::Layout};
use crate::source::files::Listed;
use stratal_core::{Error, ErrorKind, Result};

/// What one file has.
pub(super) struct Columns<'a> {
    pub(super) file: &'a Listed,
    /// The names in its header, where there is one.
    pub(super) names: Option<&'a [String]>,
    /// Fields of a record; 0 for a file without records and header.
    pub(super) width: usize,
    /// Whether there are blank lines, and no header. If there is nothing else, they are records if the table has one column.
    pub(super) blanks: bool,
}

impl Columns<'_> {
    fn names(&self) -> Vec<String> {
        match self.names {
            Some(names) => names.to_vec(),
            None => (1..=self.width.max(usize::from(self.blanks))).map(|at| format!("column_{at}")).collect(),
        }
    }

    /// Which field each of the columns of a table is. `reference` is the file that they are from; `union` says that a file
    /// need not have all of them.
    ///
    /// # Errors
    /// `TypeMismatch` for columns that are missing, and for columns that the table does not have.
    pub(super) fn layout(&self, table: &[&str], reference: &str, union: bool, ragged: RaggedRows) -> Result<Layout> {
        if self.width == 0 && self.blanks && table.len() == 1 {
            return Ok(Layout { width: 1, order: vec![Some(0)] });
        }
        if self.width == 0 {
            return Ok(Layout { width: 0, order: vec![None; table.len()] });
        }
        let Some(own) = self.names else {
            // The first record may be one that ends early.
            let width = if ragged == RaggedRows::FillNull { self.width.max(table.len()) } else { self.width };
            if width != table.len() && !(union && width < table.len()) {
                return Err(self.differ(format!("{width} columns, and {reference} has {}", table.len())));
            }
            let order = (0..table.len()).map(|at| (at < width).then_some(at)).collect();
            return Ok(Layout { width, order });
        };
        let order: Vec<Option<usize>> = table.iter().map(|name| own.iter().position(|other| other == name)).collect();
        let list = |names: Vec<&str>| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        let missing: Vec<&str> = table.iter().copied().filter(|name| !union && !own.iter().any(|other| other == name)).collect();
        let extra: Vec<&str> = own.iter().map(String::as_str).filter(|name| !table.contains(name)).collect();
        if missing.is_empty() && extra.is_empty() && !has_twice(own) {
            return Ok(Layout { width: self.width, order });
        }
        let missing = (!missing.is_empty()).then(|| format!("missing {}", list(missing)));
        let extra = (!extra.is_empty()).then(|| format!("extra {}", list(extra)));
        let parts: Vec<String> = missing.into_iter().chain(extra).collect();
        Err(match parts.is_empty() {
            true => self.differ("a column that is there twice".to_owned()),
            false => self.differ(format!("other columns than {reference}: {}", parts.join("; "))),
        })
    }

    fn differ(&self, message: String) -> Error {
        Error::new(ErrorKind::TypeMismatch, message)
            .in_file(&*self.file.shown, None, None)
            .with_help("give all files the same columns, in any order, or CsvOptions::union_by_name(true)")
    }
}

fn has_twice(names: &[String]) -> bool {
    names.iter().enumerate().any(|(at, name)| names[..at].contains(name))
}

/// The names of the columns of a table, and the file that they are compared with: those of the first file that has any, or
/// of all files where their columns are put together.
///
/// # Errors
/// `BadValue` for files that have no columns, and for a name that a file has twice.
pub(super) fn names(files: &[Columns<'_>], union: bool) -> Result<(Vec<String>, String)> {
    let Some(first) = files.iter().find(|file| file.width > 0).or_else(|| files.iter().find(|file| file.blanks)) else {
        let what = if files.len() == 1 { "the file is empty" } else { "all files are empty" };
        let error = Error::new(ErrorKind::BadValue, format!("{what}: there are no columns"));
        return Err(error.in_file(&*files[0].file.shown, None, None).with_help("name the columns: CsvOptions::schema(..)"));
    };
    let mut names = first.names();
    if let Some((_, name)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        let error = Error::new(ErrorKind::BadValue, format!("two columns are named {name:?}"));
        let help = "if the first line is data, use CsvOptions::header(false)";
        return Err(error.in_file(&*first.file.shown, None, None).with_help(help));
    }
    if union {
        for file in files {
            names = file.names().into_iter().fold(names, |mut names, name| {
                if !names.contains(&name) {
                    names.push(name);
                }
                names
            });
        }
    }
    Ok((names, first.file.shown.clone()))
}
