//! [`Mistake`]: why a row is no value of the user's type. The column is added where it is known.

use serde::de;
use std::fmt;

/// Why a row is no value of the type.
#[derive(Debug)]
pub(in crate::frame) enum Mistake {
    /// A field that no column has the name of.
    Missing(String),
    /// A null where a value is wanted.
    Null { column: String, wanted: String },
    /// A value of another type.
    Type { column: String, have: String, wanted: String },
    /// A value of the type that does not fit.
    Value { column: String, message: String },
    /// More or fewer columns than are wanted.
    Width { columns: usize, wanted: String },
    /// Anything else.
    Other(String),
}

impl Mistake {
    /// The mistake, in this column, whose type is `have`.
    pub(super) fn in_column(self, column: &str, have: impl FnOnce() -> String) -> Self {
        let column = column.to_owned();
        match self {
            Mistake::Null { column: inner, wanted } if inner.is_empty() => Mistake::Null { column, wanted },
            Mistake::Type { column: inner, wanted, .. } if inner.is_empty() => Mistake::Type { column, have: have(), wanted },
            Mistake::Value { column: inner, message } if inner.is_empty() => Mistake::Value { column, message },
            Mistake::Missing(field) => Mistake::Value { column, message: format!("it has no field {field:?}") },
            Mistake::Width { columns, wanted } => {
                Mistake::Value { column, message: format!("it has {columns} items, and {wanted} is wanted") }
            }
            Mistake::Other(message) => Mistake::Value { column, message },
            other => other,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Mistake {}

impl de::Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Mistake::Other(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Mistake::Missing(field.to_owned())
    }

    fn invalid_type(found: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        let (column, wanted) = (String::new(), wanted.to_string());
        match found {
            de::Unexpected::Unit | de::Unexpected::Option => Mistake::Null { column, wanted },
            _ => Mistake::Type { column, have: String::new(), wanted },
        }
    }

    fn invalid_value(found: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        Mistake::Value { column: String::new(), message: format!("{found} is not {wanted}") }
    }

    fn invalid_length(columns: usize, wanted: &dyn de::Expected) -> Self {
        Mistake::Width { columns, wanted: wanted.to_string() }
    }
}
