//! [`Extra`]: the columns that do not stand in the files: keys of directories, and the path.

use super::{Listed, hive::Kind};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};

/// The columns that do not stand in the files; each has one value a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Extra {
    /// The keys of directories, in the order of the first file's, then the path.
    #[serde(with = "crate::ipc::schema")]
    schema: SchemaRef,
    has_path: bool,
}

impl Extra {
    /// The keys of all files, with types that fit all values (integers, then floats, then texts; dates), and the path under the
    /// name `path_column`.
    ///
    /// # Errors
    /// `TypeMismatch` where a file lacks a key that another has.
    pub(crate) fn of(files: &[Listed], path_column: Option<&str>) -> Result<Self> {
        let keys: Vec<&String> = files.first().map(|file| file.hive.iter().map(|(key, _)| key).collect()).unwrap_or_default();
        let mut kinds = vec![Kind::Null; keys.len()];
        for file in files {
            if file.hive.len() != keys.len() || keys.iter().any(|key| value(file, key).is_none()) {
                return Err(differ(&files[0], file));
            }
            for (kind, key) in kinds.iter_mut().zip(&keys) {
                if let Some(Some(value)) = value(file, key) {
                    *kind = kind.widen(Kind::of(value));
                }
            }
        }
        let fields = keys.into_iter().zip(kinds).map(|(key, kind)| Field::new(key, kind.data_type(), true));
        let path = path_column.map(|name| Field::new(name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.chain(path).collect::<Vec<_>>()));
        Ok(Extra { schema, has_path: path_column.is_some() })
    }

    /// The columns, in their order.
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.schema.fields().iter().map(|field| (**field).clone()).collect()
    }

    /// The same as a schema.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The same, with a type that was given for a column, if it is one of these.
    pub(crate) fn with_type(mut self, name: &str, data_type: &DataType) -> Self {
        let typed = |field: Field| if field.name() == name { field.with_data_type(data_type.clone()) } else { field };
        self.schema = Arc::new(Schema::new(self.fields().into_iter().map(typed).collect::<Vec<_>>()));
        self
    }

    /// The columns of the files, then these.
    ///
    /// # Errors
    /// `BadValue` for a name that two of them have.
    pub(crate) fn after(&self, own: &Schema) -> Result<SchemaRef> {
        let mut fields: Vec<Field> = own.fields().iter().map(|field| (**field).clone()).collect();
        let keys = self.schema.fields().len() - usize::from(self.has_path);
        for (at, field) in self.fields().into_iter().enumerate() {
            if fields.iter().any(|other| other.name() == field.name()) {
                let (message, help) = match at < keys {
                    true => (
                        format!("{:?} is a key of a directory and a column", field.name()),
                        "hive(false) leaves the keys of directories out".to_owned(),
                    ),
                    false => (
                        format!("{:?} is the path and a column", field.name()),
                        "give the path another name: path_column(\"path_of_file\")".to_owned(),
                    ),
                };
                return Err(Error::new(ErrorKind::BadValue, message).with_help(help));
            }
            fields.push(field);
        }
        Ok(Arc::new(Schema::new(fields)))
    }

    /// Their values for a file, in the order of [`fields`](Self::fields).
    ///
    /// # Errors
    /// `BadValue` for a value that is not of its column's type.
    pub(crate) fn values(&self, file: &Listed) -> Result<Vec<ScalarValue>> {
        let keys = self.schema.fields().len() - usize::from(self.has_path);
        let all = self.schema.fields().iter().enumerate().map(|(at, field)| {
            if at >= keys {
                return Ok(ScalarValue::Utf8(Some(file.shown.clone())));
            }
            let made = match value(file, field.name()).flatten() {
                Some(text) => ScalarValue::try_from_string(text.to_owned(), field.data_type()),
                None => ScalarValue::try_from(field.data_type()),
            };
            made.map_err(|_| {
                let text = value(file, field.name()).flatten().unwrap_or_default();
                let message = format!("{text:?} is not {}", crate::types::type_name(field.data_type()));
                Error::new(ErrorKind::BadValue, message).in_file(&*file.shown, None, Some(field.name()))
            })
        });
        all.collect()
    }
}

/// The value of a key in a file's path; the inner none is null.
fn value<'a>(file: &'a Listed, key: &str) -> Option<Option<&'a str>> {
    file.hive.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_deref())
}

fn differ(first: &Listed, other: &Listed) -> Error {
    let keys = |file: &Listed| file.hive.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", ");
    let message = format!("its directories have the keys [{}], those of {} have [{}]", keys(other), first.shown, keys(first));
    Error::new(ErrorKind::TypeMismatch, message)
        .in_file(&*other.shown, None, None)
        .with_help("read them apart, or leave the keys out: hive(false)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal_stores::Site;

    fn file(path: &str) -> Listed {
        let (site, inside) = Site::of(&format!("s3://lake/{path}"), &[]).unwrap();
        Listed { shown: path.to_owned(), site, hive: super::super::hive::keys(path), path: inside.into(), size: 0, modified: None }
    }

    #[test]
    fn keys_have_one_type_for_all_files() {
        let files = [file("year=2024/k=1/a"), file("k=2.5/year=2025/b"), file("year=__HIVE_DEFAULT_PARTITION__/k=x/c")];
        let extra = Extra::of(&files, Some("path")).unwrap();
        let types: Vec<_> = extra.fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect();
        let named = |name: &str, data_type| (name.to_owned(), data_type);
        assert_eq!(types, [named("year", DataType::Int64), named("k", DataType::Utf8), named("path", DataType::Utf8)]);
        let text = |text: &str| ScalarValue::Utf8(Some(text.to_owned()));
        assert_eq!(extra.values(&files[1]).unwrap(), [ScalarValue::Int64(Some(2025)), text("2.5"), text("k=2.5/year=2025/b")]);
        assert_eq!(extra.values(&files[2]).unwrap()[0], ScalarValue::Int64(None));
        let floats = Extra::of(&files[..2], None).unwrap();
        assert_eq!(floats.values(&files[0]).unwrap()[1], ScalarValue::Float64(Some(1.0)));
        let texts = floats.with_type("year", &DataType::Utf8);
        assert_eq!(texts.values(&files[0]).unwrap()[0], text("2024"));
    }

    #[test]
    fn a_file_without_a_key_and_a_name_that_is_taken_are_errors() {
        let error = Extra::of(&[file("year=1/a"), file("month=1/b")], None).unwrap_err();
        assert_eq!((error.kind(), error.file()), (ErrorKind::TypeMismatch, Some("month=1/b")));
        let extra = Extra::of(&[file("year=1/a")], Some("path")).unwrap();
        let own = |name: &str| Schema::new(vec![Field::new(name, DataType::Int64, true)]);
        assert_eq!(extra.after(&own("x")).unwrap().fields().len(), 3);
        assert!(extra.after(&own("year")).unwrap_err().help().unwrap().contains("hive(false)"));
        assert!(extra.after(&own("path")).unwrap_err().help().unwrap().contains("path_column"));
    }
}
