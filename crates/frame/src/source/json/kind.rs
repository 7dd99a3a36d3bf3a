//! What values may be, and the narrowest type for all values of a column.

use arrow_schema::{DataType, Field};
use serde_json::Value;
use std::sync::Arc;

/// What a value, or every value of a column, may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing was seen.
    Null,
    Bool,
    Int,
    Float,
    Text,
    List(Box<Kind>),
    /// An object, with its keys in the order in which they were seen.
    Struct(Vec<(String, Kind)>),
}

/// Two values that no type holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conflict {
    /// The key, and the keys in it: `user.id`.
    pub(super) path: String,
    /// What is there, and what was there before.
    pub(super) found: &'static str,
    pub(super) before: &'static str,
}

impl Conflict {
    /// What it says.
    pub(super) fn message(&self) -> String {
        format!("{:?} holds {} here and {} elsewhere", self.path, self.found, self.before)
    }
}

impl Kind {
    /// An object without keys.
    pub(super) const EMPTY: Kind = Kind::Struct(Vec::new());

    /// What a value may be. Integers that are too large for `i64` stay texts, so that no digit is lost.
    ///
    /// # Errors
    /// A list of values that no type holds.
    pub(super) fn of(value: &Value) -> Result<Self, Conflict> {
        Ok(match value {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Bool,
            Value::Number(number) if number.is_i64() => Kind::Int,
            Value::Number(number) if number.is_u64() => Kind::Text,
            Value::Number(_) => Kind::Float,
            Value::String(_) => Kind::Text,
            Value::Array(items) => {
                let item = items.iter().try_fold(Kind::Null, |kind, item| kind.widen(Kind::of(item)?))?;
                Kind::List(Box::new(item))
            }
            Value::Object(object) => {
                let fields = object.iter().map(|(key, value)| Ok((key.clone(), Kind::of(value).map_err(|inner| inner.inside(key))?)));
                Kind::Struct(fields.collect::<Result<_, Conflict>>()?)
            }
        })
    }

    /// What both may be; `other` is what was found last.
    ///
    /// # Errors
    /// Objects, lists and plain values have nothing in common.
    pub(super) fn widen(self, other: Self) -> Result<Self, Conflict> {
        Ok(match (self, other) {
            (Kind::Null, kind) | (kind, Kind::Null) => kind,
            (Kind::List(one), Kind::List(two)) => Kind::List(Box::new(one.widen(*two)?)),
            (Kind::Struct(mut fields), Kind::Struct(others)) => {
                for (key, kind) in others {
                    match fields.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, known)) => {
                            let before = std::mem::replace(known, Kind::Null);
                            *known = before.widen(kind).map_err(|inner| inner.inside(&key))?;
                        }
                        None => fields.push((key, kind)),
                    }
                }
                Kind::Struct(fields)
            }
            (one, two) if one == two => one,
            (Kind::Int, Kind::Float) | (Kind::Float, Kind::Int) => Kind::Float,
            (one, two) if one.is_plain() && two.is_plain() => Kind::Text,
            (one, two) => return Err(Conflict { path: String::new(), found: two.name(), before: one.name() }),
        })
    }

    fn is_plain(&self) -> bool {
        !matches!(self, Kind::List(_) | Kind::Struct(_))
    }

    fn name(&self) -> &'static str {
        match self {
            Kind::List(_) => "a list",
            Kind::Struct(_) => "an object",
            _ => "a plain value",
        }
    }

    /// The type of a column of it. A column without values is text, which takes whatever plain value comes.
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Kind::Bool => DataType::Boolean,
            Kind::Int => DataType::Int64,
            Kind::Float => DataType::Float64,
            Kind::Null | Kind::Text => DataType::Utf8,
            Kind::List(item) => DataType::List(Arc::new(Field::new_list_field(item.data_type(), true))),
            Kind::Struct(fields) => DataType::Struct(fields.iter().map(|(key, kind)| Field::new(key, kind.data_type(), true)).collect()),
        }
    }
}

impl Conflict {
    /// The same, seen from the object that holds it under `key`.
    fn inside(mut self, key: &str) -> Self {
        self.path = if self.path.is_empty() { key.to_owned() } else { format!("{key}.{}", self.path) };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::type_name;

    fn all(values: &[&str]) -> Result<String, Conflict> {
        let kind = values.iter().try_fold(Kind::Null, |kind, text| kind.widen(Kind::of(&serde_json::from_str(text).unwrap())?))?;
        Ok(type_name(&kind.data_type()))
    }

    #[test]
    fn values_have_the_narrowest_type_that_holds_them() {
        let cases: [(&[&str], &str); 13] = [
            (&["1", "-2"], "i64"),
            (&["1", "2.5"], "f64"),
            (&["1e3"], "f64"),
            (&["true", "null"], "bool"),
            (&["true", "1"], "str"),
            (&["1", "\"x\""], "str"),
            (&["18446744073709551615"], "str"),
            (&["null"], "str"),
            (&["[]", "[1]", "null", "[2.5]"], "list[f64]"),
            (&["[1, \"x\"]"], "list[str]"),
            (&["[[1], []]"], "list[list[i64]]"),
            (&["{\"a\": 1}", "{\"b\": [true], \"a\": 2.5}"], "struct{a: f64, b: list[bool]}"),
            (&["[{\"a\": 1}, {\"a\": null, \"c\": \"x\"}]"], "list[struct{a: i64, c: str}]"),
        ];
        for (values, name) in cases {
            assert_eq!(all(values).unwrap(), name, "{values:?}");
        }
    }

    #[test]
    fn objects_lists_and_plain_values_do_not_go_together() {
        let conflict = all(&["{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": {}}}"]).unwrap_err();
        assert_eq!(conflict.message(), "\"a.b\" holds an object here and a plain value elsewhere");
        assert_eq!(all(&["[1, []]"]).unwrap_err().found, "a list");
        assert!(all(&["1", "{}"]).is_err() && all(&["[]", "{}"]).is_err());
    }
}
