//! What functions are said to give: [`IntoSchema`], [`SameSchema`], and how what they give is held to it.

use crate::types::{ColumnType, type_name};
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_schema::{Field, Schema, SchemaRef};
use std::{fmt, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// The columns that a function gives: pairs of name and type, an arrow schema, or [`SameSchema`].
///
/// ```
/// use stratal_frame::{Frame, SameSchema, col, frame};
/// let df = frame! { "x" => [1i64, 2, 3] };
/// let kept = df.map_partitions(|part: Frame| part.lazy().filter(col("x").gt(1)).collect(), SameSchema);
/// let named = df.map_partitions(|part: Frame| part.lazy().select((col("x") * 0.5).alias("half")).collect(), [("half", "f64")]);
/// assert_eq!((kept.count()?, named.collect()?.column::<f64>("half")?), (2, vec![0.5, 1.0, 1.5]));
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no schema",
    note = "a schema is SameSchema, pairs such as [(\"id\", \"i64\"), (\"score\", \"f64\")], or an arrow SchemaRef"
)]
pub trait IntoSchema {
    /// The schema; a type that is none is the error of the verb.
    fn into_schema(self) -> DeclaredSchema;
}

/// A function gives the columns that it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SameSchema;

/// What [`IntoSchema`] makes of its argument.
#[derive(Clone)]
pub struct DeclaredSchema(Result<Option<SchemaRef>>);

impl DeclaredSchema {
    /// The schema of a function whose input has the schema `input`. Every column may have nulls.
    pub(crate) fn over(&self, input: &SchemaRef) -> Result<SchemaRef> {
        Ok(match self.0.clone()? {
            Some(schema) => schema,
            None => {
                let fields = input.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
                Arc::new(Schema::new(fields.collect::<Vec<_>>()))
            }
        })
    }

    /// The schema of what has no input.
    pub(crate) fn alone(&self) -> Result<SchemaRef> {
        self.0.clone()?.ok_or_else(|| {
            let error = Error::new(ErrorKind::BadValue, "there are no columns yet that could be the same");
            error.with_help("name them: [(\"x\", \"f64\")]")
        })
    }
}

/// As steps print it.
impl fmt::Display for DeclaredSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(None) => f.write_str("same columns"),
            Err(error) => f.write_str(error.message()),
            Ok(Some(schema)) => {
                let fields = schema.fields().iter().map(|field| format!("{}: {}", field.name(), type_name(field.data_type())));
                write!(f, "[{}]", fields.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl fmt::Debug for DeclaredSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl IntoSchema for SameSchema {
    fn into_schema(self) -> DeclaredSchema {
        DeclaredSchema(Ok(None))
    }
}

impl IntoSchema for SchemaRef {
    fn into_schema(self) -> DeclaredSchema {
        DeclaredSchema(Ok(Some(self)))
    }
}

impl IntoSchema for &SchemaRef {
    fn into_schema(self) -> DeclaredSchema {
        self.clone().into_schema()
    }
}

impl IntoSchema for Schema {
    fn into_schema(self) -> DeclaredSchema {
        Arc::new(self).into_schema()
    }
}

impl<N: Into<String>, T: Into<ColumnType>> IntoSchema for Vec<(N, T)> {
    fn into_schema(self) -> DeclaredSchema {
        let mut fields: Vec<Field> = Vec::with_capacity(self.len());
        for (name, data_type) in self {
            let name = name.into();
            if fields.iter().any(|field| *field.name() == name) {
                return DeclaredSchema(Err(Error::new(ErrorKind::BadValue, format!("two columns are named {name:?}"))));
            }
            match data_type.into().resolve() {
                Ok(data_type) => fields.push(Field::new(name, data_type, true)),
                Err(error) => return DeclaredSchema(Err(error)),
            }
        }
        DeclaredSchema(Ok(Some(Arc::new(Schema::new(fields)))))
    }
}

impl<N: Into<String>, T: Into<ColumnType>, const K: usize> IntoSchema for [(N, T); K] {
    fn into_schema(self) -> DeclaredSchema {
        Vec::from(self).into_schema()
    }
}

/// The batch under the declared schema: its columns must have the declared names and types, in that order. Texts and the
/// like, which arrow keeps in several forms, are brought into the declared one. `giver` says whose rows they are.
pub(crate) fn conform(batch: RecordBatch, declared: &SchemaRef, giver: &dyn Fn() -> String) -> Result<RecordBatch> {
    if batch.schema_ref() == declared {
        return Ok(batch);
    }
    check(batch.schema_ref(), declared, giver)?;
    let (_, columns, rows) = batch.into_parts();
    let columns = columns.into_iter().zip(declared.fields()).map(|(column, field)| match column.data_type() == field.data_type() {
        true => Ok(column),
        false => cast(&column, field.data_type()),
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let conformed = columns.collect::<Result<Vec<_>, _>>();
    let conformed = conformed.and_then(|columns| RecordBatch::try_new_with_options(declared.clone(), columns, &options));
    conformed.map_err(|error| Error::new(ErrorKind::BadValue, format!("{} gave rows that do not fit: {error}", giver())))
}

/// Names the first column that is not as it was declared.
pub(crate) fn check(have: &Schema, declared: &Schema, giver: &dyn Fn() -> String) -> Result<()> {
    let (have, declared) = (have.fields(), declared.fields());
    let fit = |one: &Field, two: &Field| one.name() == two.name() && type_name(one.data_type()) == type_name(two.data_type());
    let differ = |at: &usize| match (have.get(*at), declared.get(*at)) {
        (Some(one), Some(two)) => !fit(one, two),
        _ => true,
    };
    let Some(at) = (0..have.len().max(declared.len())).find(differ) else { return Ok(()) };
    let shown = |field: &Field| format!("{:?} ({})", field.name(), type_name(field.data_type()));
    let (message, help) = match (have.get(at), declared.get(at)) {
        (Some(one), Some(two)) if one.name() == two.name() => {
            let (name, is, was) = (one.name(), type_name(one.data_type()), type_name(two.data_type()));
            let help = format!("cast it there: .cast([({name:?}, {was:?})]), or declare it as ({name:?}, {is:?})");
            (format!("gave column {name:?} as {is}, and {was} was declared"), help)
        }
        (Some(one), Some(two)) => {
            let names: Vec<String> = declared.iter().map(|field| format!("{:?}", field.name())).collect();
            let message = format!("gave {} as column {}, and {} was declared", shown(one), at + 1, shown(two));
            (message, format!("give the declared columns in their order: .select([{}])", names.join(", ")))
        }
        (Some(one), None) => (format!("gave column {}, which was not declared", shown(one)), "leave it out, or declare it".to_owned()),
        (None, two) => {
            let two = two.map(|field| shown(field)).unwrap_or_default();
            (format!("gave no column {two}, which was declared"), "give it, or do not declare it".to_owned())
        }
    };
    Err(Error::new(ErrorKind::TypeMismatch, format!("{} {message}", giver())).with_help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array, StringViewArray};
    use arrow_schema::DataType;

    fn schema(fields: &[(&str, &str)]) -> SchemaRef {
        fields.to_vec().into_schema().alone().unwrap()
    }

    fn batch() -> RecordBatch {
        let (id, name): (ArrayRef, ArrayRef) = (Arc::new(Int64Array::from(vec![1])), Arc::new(StringViewArray::from(vec!["a"])));
        RecordBatch::try_from_iter([("id", id), ("name", name)]).unwrap()
    }

    fn refusal(declared: &[(&str, &str)]) -> (String, String) {
        let error = conform(batch(), &schema(declared), &|| "own::f".to_owned()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch);
        (error.message().to_owned(), error.help().unwrap_or_default().to_owned())
    }

    #[test]
    fn rows_that_are_as_declared_take_the_declared_form() {
        let declared = schema(&[("id", "i64"), ("name", "str")]);
        let conformed = conform(batch(), &declared, &|| unreachable!()).unwrap();
        assert_eq!((conformed.schema(), conformed.column(1).data_type()), (declared, &DataType::Utf8));
    }

    #[test]
    fn the_first_column_that_differs_is_named() {
        let (message, help) = refusal(&[("id", "f64"), ("nom", "str")]);
        assert_eq!(message, "own::f gave column \"id\" as i64, and f64 was declared");
        assert_eq!(help, "cast it there: .cast([(\"id\", \"f64\")]), or declare it as (\"id\", \"i64\")");
        let (message, help) = refusal(&[("id", "i64"), ("nom", "str")]);
        assert_eq!(message, "own::f gave \"name\" (str) as column 2, and \"nom\" (str) was declared");
        assert_eq!(help, "give the declared columns in their order: .select([\"id\", \"nom\"])");
        assert_eq!(refusal(&[("id", "i64")]).0, "own::f gave column \"name\" (str), which was not declared");
        let more = [("id", "i64"), ("name", "str"), ("x", "f64")];
        assert_eq!(refusal(&more).0, "own::f gave no column \"x\" (f64), which was declared");
    }

    #[test]
    fn what_is_no_schema_is_an_error_of_its_use() {
        assert_eq!([("x", "number")].into_schema().alone().unwrap_err().message(), "\"number\" is no type");
        assert_eq!([("x", "i64"), ("x", "f64")].into_schema().alone().unwrap_err().message(), "two columns are named \"x\"");
        assert_eq!(SameSchema.into_schema().alone().unwrap_err().kind(), ErrorKind::BadValue);
        let fixed = Arc::new(Schema::new(vec![Field::new("x", DataType::Int64, false)]));
        assert!(SameSchema.into_schema().over(&fixed).unwrap().field(0).is_nullable());
    }
}
