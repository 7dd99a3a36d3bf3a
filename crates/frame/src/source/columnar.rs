//! What columnar formats have in common: their options, which say what files are read, and how their columns become a table's.

use super::{
    files::{Asked, Extra, IntoPaths, Listed},
    unify::{Columns, Unify},
};
use arrow_schema::{Schema, SchemaRef};
use std::sync::Arc;
use stratal_core::Result;

/// What is to be read.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) asked: Asked,
    pub(super) schema: Option<SchemaRef>,
    pub(super) union_by_name: bool,
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
        Wanted { asked: Asked::new(paths), schema: None, union_by_name: false }
    }

    /// The columns of all files. `schemas` are their own; `options` is what the user gave these by, for help.
    ///
    /// # Errors
    /// Those of [`Unify::schema`], [`Asked::extra`] and [`Extra::after`].
    pub(super) fn agree(&self, files: &[Listed], schemas: &[SchemaRef], options: &'static str) -> Result<Agreed> {
        let mut extra = self.asked.extra(files)?;
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

/// The options of a columnar format: the type, its constructors and its setters.
macro_rules! options {
    ($(#[$about:meta])* $type:ident, $ending:literal) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        #[must_use]
        pub struct $type(pub(super) $crate::source::columnar::Wanted);

        impl $type {
            /// Files whose columns have the same names, in any order.
            pub fn new(paths: impl $crate::source::files::IntoPaths) -> Self {
                $type($crate::source::columnar::Wanted::new(paths))
            }

            /// Names and types of the columns, in their order; what is in the files is cast.
            ///
            /// ```
            /// use std::sync::Arc;
            /// use arrow_schema::{DataType, Field, Schema};
            #[doc = concat!("use stratal_frame::", stringify!($type), ";")]
            /// let schema = Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("fare", DataType::Float64, true)]);
            #[doc = concat!("let options = ", stringify!($type), "::new(\"rides/\").schema(Arc::new(schema));")]
            /// # let _ = options;
            /// ```
            pub fn schema(mut self, schema: arrow_schema::SchemaRef) -> Self {
                self.0.schema = Some(schema);
                self
            }

            /// Whether files may have different columns; what one of them lacks is null there. An error that lists them unless
            /// told.
            ///
            /// ```
            #[doc = concat!("use stratal_frame::", stringify!($type), ";")]
            #[doc = concat!(
                "let options = ", stringify!($type), "::new([\"2023.", $ending, "\", \"2024.", $ending, "\"]).union_by_name(true);"
            )]
            /// # let _ = options;
            /// ```
            pub fn union_by_name(mut self, union_by_name: bool) -> Self {
                self.0.union_by_name = union_by_name;
                self
            }

            $crate::source::files::setters!($type, 0.asked);
        }

        impl<P: $crate::source::files::IntoPaths> From<P> for $type {
            fn from(paths: P) -> Self {
                $type::new(paths)
            }
        }
    };
}

pub(super) use options;
