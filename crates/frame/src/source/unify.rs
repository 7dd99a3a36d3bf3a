//! One schema for files that know their own: columns by name, in any order, of types that lose nothing.
//!
//! Whole numbers widen to whole numbers and floats to floats; a column of nothing but nulls goes with any. All else that
//! differs is an error that names both files, unless the user says which type it is to be.

use crate::types::type_name;
use arrow_cast::can_cast_types;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};

/// A file's name, as errors give it, and its columns.
pub(super) struct Columns<'a> {
    pub(super) shown: &'a str,
    pub(super) schema: SchemaRef,
}

/// How the columns of several files become those of one table.
pub(super) struct Unify<'a> {
    /// Names and types, if the user gave them.
    pub(super) given: Option<&'a SchemaRef>,
    /// Whether a column may be missing in some files, where it is null.
    pub(super) by_name: bool,
    /// The options of the format, for help: `ParquetOptions`.
    pub(super) options: &'static str,
}

impl Unify<'_> {
    /// The columns of all files.
    ///
    /// # Errors
    /// `TypeMismatch` for columns that are missing, left over, or of types that differ.
    pub(super) fn schema(&self, files: &[Columns<'_>]) -> Result<SchemaRef> {
        files.iter().try_for_each(unique)?;
        let fields = match self.given {
            Some(given) => self.as_given(given, files)?,
            None => self.found(files)?,
        };
        Ok(Arc::new(Schema::new(fields)))
    }

    fn as_given(&self, given: &SchemaRef, files: &[Columns<'_>]) -> Result<Vec<Field>> {
        let names: Vec<&str> = given.fields().iter().map(|field| field.name().as_str()).collect();
        let mut fields: Vec<Field> = given.fields().iter().map(|field| field.as_ref().clone()).collect();
        for file in files {
            if !self.by_name {
                self.same_names(&names, "the schema", file)?;
            }
            for field in &mut fields {
                let found = file.schema.field_with_name(field.name()).ok();
                if let Some(found) = found.filter(|found| !can_cast_types(found.data_type(), field.data_type())) {
                    let (have, want) = (type_name(found.data_type()), type_name(field.data_type()));
                    let error = Error::new(ErrorKind::TypeMismatch, format!("{have} cannot be read as {want}"));
                    return Err(error.in_file(file.shown, None, Some(field.name())).with_help("read it as it is and cast it afterwards"));
                }
                let is_nullable = field.is_nullable() || found.is_none_or(Field::is_nullable);
                field.set_nullable(is_nullable);
            }
        }
        Ok(fields)
    }

    fn found(&self, files: &[Columns<'_>]) -> Result<Vec<Field>> {
        let Some(first) = files.first() else { return Ok(Vec::new()) };
        let names: Vec<&str> = first.schema.fields().iter().map(|field| field.name().as_str()).collect();
        // Each column with the file that its type is of.
        let mut columns: Vec<(Field, &str)> = Vec::new();
        for file in files {
            if !self.by_name {
                self.same_names(&names, first.shown, file)?;
            }
            for field in file.schema.fields() {
                match columns.iter().position(|(known, _)| known.name() == field.name()) {
                    None => columns.push((plain(field), file.shown)),
                    Some(at) => {
                        let (known, of) = &mut columns[at];
                        self.widen(known, of, field, file.shown)?;
                    }
                }
            }
        }
        for (field, _) in &mut columns {
            let everywhere = files.iter().all(|file| file.schema.field_with_name(field.name()).is_ok());
            field.set_nullable(field.is_nullable() || !everywhere);
        }
        Ok(columns.into_iter().map(|(field, _)| field).collect())
    }

    /// Makes a column hold what another file has under its name.
    fn widen<'f>(&self, known: &mut Field, of: &mut &'f str, field: &Field, shown: &'f str) -> Result<()> {
        let Some(both) = widened(known.data_type(), field.data_type()) else {
            let message = format!("{} here, and {} in {of}", type_name(field.data_type()), type_name(known.data_type()));
            let help = format!("say which it is: {}::schema(..), or read the files apart", self.options);
            return Err(Error::new(ErrorKind::TypeMismatch, message).in_file(shown, None, Some(field.name())).with_help(help));
        };
        if both != *known.data_type() {
            *of = shown;
            *known = known.clone().with_data_type(both);
        }
        known.set_nullable(known.is_nullable() || field.is_nullable());
        Ok(())
    }

    /// Refuses a file with other columns than `names`, in whatever order.
    fn same_names(&self, names: &[&str], of: &str, file: &Columns<'_>) -> Result<()> {
        let own: Vec<&str> = file.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let quoted = |names: Vec<&str>| names.into_iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        let missing: Vec<&str> = names.iter().filter(|name| !own.contains(name)).copied().collect();
        let extra: Vec<&str> = own.iter().filter(|name| !names.contains(name)).copied().collect();
        if missing.is_empty() && extra.is_empty() {
            return Ok(());
        }
        let missing = (!missing.is_empty()).then(|| format!("missing {}", quoted(missing)));
        let extra = (!extra.is_empty()).then(|| format!("extra {}", quoted(extra)));
        let parts: Vec<String> = missing.into_iter().chain(extra).collect();
        let error = Error::new(ErrorKind::TypeMismatch, format!("other columns than {of}: {}", parts.join("; ")));
        let help = format!("{}::union_by_name(true) reads a column that is missing as null", self.options);
        Err(error.in_file(file.shown, None, None).with_help(help))
    }
}

/// Refuses a file with two columns of one name.
fn unique(file: &Columns<'_>) -> Result<()> {
    let names: Vec<&String> = file.schema.fields().iter().map(|field| field.name()).collect();
    match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        None => Ok(()),
        Some((_, name)) => Err(Error::new(ErrorKind::BadValue, format!("two columns are named {name:?}")).in_file(file.shown, None, None)),
    }
}

/// The field without what only its file knows of it.
fn plain(field: &Field) -> Field {
    Field::new(field.name(), field.data_type().clone(), field.is_nullable())
}

/// The type that holds the values of both without loss, if there is one.
fn widened(one: &DataType, two: &DataType) -> Option<DataType> {
    use DataType::*;
    if one == two {
        return Some(one.clone());
    }
    Some(match (one, two) {
        (Null, other) | (other, Null) => other.clone(),
        (Utf8 | LargeUtf8 | Utf8View, Utf8 | LargeUtf8 | Utf8View) => Utf8View,
        (Binary | LargeBinary | BinaryView, Binary | LargeBinary | BinaryView) => BinaryView,
        (Decimal128(one, scale), Decimal128(two, other)) if scale == other => Decimal128(*one.max(two), *scale),
        (Decimal256(one, scale), Decimal256(two, other)) if scale == other => Decimal256(*one.max(two), *scale),
        (List(one), List(two)) => List(Arc::new(item(one, two)?)),
        (LargeList(one), LargeList(two)) => LargeList(Arc::new(item(one, two)?)),
        (Struct(one), Struct(two)) if one.len() == two.len() => {
            let fields = one.iter().map(|field| item(field, two.iter().find(|other| other.name() == field.name())?));
            Struct(fields.collect::<Option<Vec<_>>>()?.into())
        }
        (Date32, Date64) | (Date64, Date32) => Date32,
        (Time32(_), Time64(unit)) | (Time64(unit), Time32(_)) => Time64(*unit),
        (Time32(_), Time32(_)) => Time32(TimeUnit::Millisecond),
        (Time64(_), Time64(_)) => Time64(TimeUnit::Nanosecond),
        _ => return number(one, two),
    })
}

/// The field of a nested type that holds the values of both.
fn item(one: &Field, two: &Field) -> Option<Field> {
    let both = widened(one.data_type(), two.data_type())?;
    Some(Field::new(one.name(), both, one.is_nullable() || two.is_nullable()))
}

/// The number that holds both: whole with whole, float with float.
fn number(one: &DataType, two: &DataType) -> Option<DataType> {
    use DataType::{Float16, Float32, Float64, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64};
    let signed = [Int8, Int16, Int32, Int64];
    let unsigned = [UInt8, UInt16, UInt32, UInt64];
    let floats = [Float16, Float32, Float64];
    let widest = |all: &[DataType]| {
        let at = |wanted: &DataType| all.iter().position(|known| known == wanted);
        Some(all[at(one)?.max(at(two)?)].clone())
    };
    let mixed = |whole: &DataType, natural: &DataType| {
        let at = |all: &[DataType], wanted: &DataType| all.iter().position(|known| known == wanted);
        // A signed number of twice the width holds all of an unsigned one.
        signed.get(at(&signed, whole)?.max(at(&unsigned, natural)? + 1)).cloned()
    };
    widest(&signed).or_else(|| widest(&unsigned)).or_else(|| widest(&floats)).or_else(|| mixed(one, two)).or_else(|| mixed(two, one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file<'a>(shown: &'a str, fields: &[(&str, DataType, bool)]) -> Columns<'a> {
        let fields: Vec<Field> = fields.iter().map(|(name, of, is_nullable)| Field::new(*name, of.clone(), *is_nullable)).collect();
        Columns { shown, schema: Arc::new(Schema::new(fields)) }
    }

    fn unify(given: Option<&SchemaRef>, by_name: bool, files: &[Columns<'_>]) -> Result<Vec<String>> {
        let schema = Unify { given, by_name, options: "ParquetOptions" }.schema(files)?;
        let show = |field: &Arc<Field>| {
            format!("{}: {}{}", field.name(), type_name(field.data_type()), if field.is_nullable() { "?" } else { "" })
        };
        Ok(schema.fields().iter().map(show).collect())
    }

    #[test]
    fn columns_are_matched_by_name_and_widened() {
        use DataType::*;
        let files = [
            file("1", &[("a", Int32, false), ("b", Utf8, false), ("c", Null, true)]),
            file("2", &[("b", LargeUtf8, true), ("c", Float32, true), ("a", UInt32, false)]),
        ];
        assert_eq!(unify(None, false, &files).unwrap(), ["a: i64", "b: str?", "c: f32?"]);
    }

    #[test]
    fn what_is_missing_is_listed_or_null() {
        let files = [
            file("1", &[("a", DataType::Int64, false), ("b", DataType::Utf8, false)]),
            file("2", &[("a", DataType::Int64, false), ("c", DataType::Utf8, false)]),
        ];
        let error = unify(None, false, &files).unwrap_err();
        assert_eq!((error.message(), error.file()), ("other columns than 1: missing \"b\"; extra \"c\"", Some("2")));
        assert_eq!(error.help(), Some("ParquetOptions::union_by_name(true) reads a column that is missing as null"));
        assert_eq!(unify(None, true, &files).unwrap(), ["a: i64", "b: str?", "c: str?"]);
    }

    #[test]
    fn types_that_differ_name_both_files() {
        let files = [file("1", &[("a", DataType::Int64, false)]), file("2", &[("a", DataType::Utf8, false)])];
        let error = unify(None, false, &files).unwrap_err();
        assert_eq!(error.to_string().lines().next(), Some("2, column \"a\": str here, and i64 in 1"));
        let given: SchemaRef = Arc::new(Schema::new(vec![Field::new("a", DataType::Utf8, false)]));
        assert_eq!(unify(Some(&given), false, &files).unwrap(), ["a: str"]);
        let given: SchemaRef =
            Arc::new(Schema::new(vec![Field::new("a", DataType::Struct(vec![Field::new("b", DataType::Date32, true)].into()), true)]));
        assert_eq!(unify(Some(&given), false, &files).unwrap_err().file(), Some("1"));
    }

    #[test]
    fn a_given_schema_chooses_columns_if_told_to_go_by_name() {
        let files = [file("1", &[("a", DataType::Int64, false), ("b", DataType::Int64, false)])];
        let given: SchemaRef =
            Arc::new(Schema::new(vec![Field::new("c", DataType::Utf8, false), Field::new("a", DataType::Float64, false)]));
        assert!(unify(Some(&given), false, &files).unwrap_err().message().contains("missing \"c\"; extra \"b\""));
        assert_eq!(unify(Some(&given), true, &files).unwrap(), ["c: str?", "a: f64"]);
    }

    #[test]
    fn two_columns_of_one_name_are_refused() {
        let files = [file("1", &[("a", DataType::Int64, false), ("a", DataType::Int64, false)])];
        assert_eq!(unify(None, true, &files).unwrap_err().message(), "two columns are named \"a\"");
    }

    #[test]
    fn nothing_is_lost_by_a_wider_type() {
        use DataType::*;
        let list = |of: DataType| DataType::new_list(of, true);
        for (one, two, both) in [
            (Int8, UInt8, Some(Int16)),
            (UInt32, Int64, Some(Int64)),
            (UInt64, Int64, None),
            (Float32, Float64, Some(Float64)),
            (Int64, Float64, None),
            (Decimal128(10, 2), Decimal128(12, 2), Some(Decimal128(12, 2))),
            (Decimal128(10, 2), Decimal128(10, 3), None),
            (list(Int32), list(Int64), Some(list(Int64))),
            (Date32, Utf8, None),
            (Timestamp(TimeUnit::Microsecond, None), Timestamp(TimeUnit::Nanosecond, None), None),
        ] {
            assert_eq!(widened(&one, &two), both, "{one} {two}");
            assert_eq!(widened(&two, &one), both, "{two} {one}");
        }
    }
}
