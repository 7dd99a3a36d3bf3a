//! Which object and which column is wrong, once a batch could not be decoded.

use super::{decode::Decode, sample::parsed};
use crate::{source::files::shortened, types::type_name};
use arrow_schema::{FieldRef, Fields};
use serde_json::Value;
use stratal_core::Error;

/// What is wrong.
pub(super) enum Wrong {
    /// The text is no object.
    Text(Error),
    /// A value is not of its column's type.
    Value {
        /// The column.
        name: String,
        /// The value and the type: `"x" is not i64`.
        message: String,
    },
}

/// The first object that cannot be decoded, and why.
pub(super) fn find<'a>(texts: impl Iterator<Item = &'a [u8]>, fields: &Fields) -> Option<(usize, Wrong)> {
    texts.enumerate().find_map(|(row, text)| wrong(text, fields).map(|wrong| (row, wrong)))
}

fn wrong(text: &[u8], fields: &Fields) -> Option<Wrong> {
    let value = match parsed(text) {
        Ok(value) => value,
        Err(error) => return Some(Wrong::Text(error)),
    };
    let field = fields.iter().find(|field| !fits(text, field))?;
    let value = shortened(&value.get(field.name()).unwrap_or(&Value::Null).to_string());
    Some(Wrong::Value { name: field.name().clone(), message: format!("{value} is not {}", type_name(field.data_type())) })
}

/// Whether a column of the object can be decoded.
fn fits(text: &[u8], field: &FieldRef) -> bool {
    let decoded = Decode::new(&Fields::from(vec![field.clone()]), 1).and_then(|mut decode| {
        decode.push(text)?;
        decode.finish()
    });
    decoded.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::{DataType, Field};

    #[test]
    fn the_first_wrong_object_and_its_column_are_found() {
        let fields = Fields::from(vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Boolean, true)]);
        let found = |texts: &[&str]| match find(texts.iter().map(|text| text.as_bytes()), &fields) {
            None => "nothing".to_owned(),
            Some((row, Wrong::Text(error))) => format!("{row}: {}", error.message()),
            Some((row, Wrong::Value { name, message })) => format!("{row}, {name}: {message}"),
        };
        assert_eq!(found(&["{\"a\": 1}", "{\"b\": true}", "{}"]), "nothing");
        assert_eq!(found(&["{}", "{\"a\": 1, \"b\": 0}", "{\"a\": \"x\"}"]), "1, b: 0 is not bool");
        assert_eq!(found(&["{\"a\": \"x\"}"]), "0, a: \"x\" is not i64");
        assert_eq!(found(&["{}", "7"]), "1: 7 is no object");
        assert!(found(&["{\"a\": 1"]).starts_with("0: this is no JSON: EOF"));
    }
}
