//! [`ColumnOrigin`]: what a column of files is, and what decided it.

use super::files::grouped;
use crate::types::type_name;
use arrow_schema::Field;

/// A column of files: its name and type, and what decided the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnOrigin {
    /// Its name.
    pub name: String,
    /// Its type, as tables print it.
    pub data_type: String,
    /// Whether it may hold nulls.
    pub nullable: bool,
    /// `12,000 rows sampled in 4 files`, `the files`, or `as given`.
    pub decided_by: String,
}

impl ColumnOrigin {
    pub(super) fn new(field: &Field, decided_by: impl Into<String>) -> Self {
        let data_type = type_name(field.data_type());
        ColumnOrigin { name: field.name().clone(), data_type, nullable: field.is_nullable(), decided_by: decided_by.into() }
    }
}

/// How types were inferred: `12,000 rows sampled in 4 files`.
pub(super) fn samples((rows, files): (u64, usize)) -> String {
    format!("{} {} sampled in {files} {}", grouped(rows), plural(rows == 1, "row"), plural(files == 1, "file"))
}

fn plural(is_one: bool, word: &str) -> String {
    if is_one { word.to_owned() } else { format!("{word}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_counted_in_words() {
        assert_eq!(samples((12_000, 4)), "12,000 rows sampled in 4 files");
        assert_eq!(samples((1, 1)), "1 row sampled in 1 file");
    }
}
