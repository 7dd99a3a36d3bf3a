//! What stands in an expression until it is bound to columns: methods whose meaning depends on types, texts of SQL, and
//! selections of columns.
//!
//! Each stands there as a function of DataFusion's that is never run. The binder asks it what it means ([`Later::bind`]) and
//! puts that in its place: functions that DataFusion has, and those in `own`. Until then it is shown as it was written, and
//! its type is that of what it means.

use super::{
    Expr, Selector,
    show::{show, show_method, source},
    sql,
};
use crate::{
    bind::common_type,
    error::{of_datafusion, to_datafusion},
    types::{is_text, type_name},
};
use arrow_schema::{DataType, Field, FieldRef, Schema};
use datafusion::{
    common::{Column, DFSchema, Result as DfResult, ScalarValue},
    logical_expr::{
        Cast, ColumnarValue, Expr as Logical, ExprSchemable, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
        Volatility, expr::ScalarFunction,
    },
};
use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use stratal_core::{Error, ErrorKind, Result};

/// What stands in an expression until it is bound.
#[derive(Clone, Debug)]
pub(crate) enum Later {
    /// A method whose meaning depends on types.
    Method(Method),
    /// A text of SQL.
    Sql(String),
    /// One expression for each of these columns.
    Columns(Selector),
}

/// What a method means, given what it is called on and with.
type Bind = fn(&Given<'_>) -> Result<Logical>;

/// A method. A name that begins with a dot is shown behind what it is called on.
#[derive(Clone, Copy)]
pub(crate) struct Method {
    name: &'static str,
    bind: Bind,
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Expr {
    /// A method of this, with these arguments.
    pub(super) fn method(&self, name: &'static str, arguments: impl IntoIterator<Item = Expr>, bind: Bind) -> Expr {
        function(name, std::iter::once(self.clone()).chain(arguments), bind)
    }
}

/// A function of these, which is bound as a method is.
pub(super) fn function(name: &'static str, arguments: impl IntoIterator<Item = Expr>, bind: Bind) -> Expr {
    let arguments: Result<Vec<Logical>> = arguments.into_iter().map(|expr| expr.0).collect();
    Expr(arguments.map(|arguments| Later::Method(Method { name, bind }).stand(arguments)))
}

impl Later {
    /// It, in an expression.
    pub(super) fn stand(self, arguments: Vec<Logical>) -> Logical {
        let signature = match arguments.is_empty() {
            true => Signature::nullary(Volatility::Immutable),
            false => Signature::variadic_any(Volatility::Immutable),
        };
        let function = ScalarUDF::new_from_impl(Placeholder { what: self, signature });
        Logical::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), arguments))
    }

    /// What stands here until it is bound, if this is such a place.
    pub(crate) fn of(function: &ScalarFunction) -> Option<&Later> {
        function.func.inner().downcast_ref::<Placeholder>().map(|placeholder| &placeholder.what)
    }

    /// What it means over the columns of `schema`. The arguments are bound already.
    ///
    /// # Errors
    /// `TypeMismatch` for types that the method does not take; `BadValue`, `Sql` and `UnknownColumn` for what is in texts.
    pub(crate) fn bind(&self, arguments: Vec<Logical>, schema: &DFSchema) -> Result<Logical> {
        match self {
            Later::Method(method) => (method.bind)(&Given { name: method.name, arguments, schema }),
            Later::Sql(text) => sql::planned(text, schema),
            Later::Columns(selector) => {
                let message = format!("{selector} stands for several columns, and one value is wanted");
                Err(Error::new(ErrorKind::BadValue, message).with_help("name one column: col(\"..\")"))
            }
        }
    }

    /// It as errors print it.
    pub(super) fn show(&self, arguments: &[Logical]) -> String {
        match self {
            Later::Method(method) => show_method(method.name, arguments),
            Later::Sql(text) => format!("sql_expr({text:?})"),
            Later::Columns(selector) => selector.to_string(),
        }
    }
}

/// What a method is called on and with. The first argument is what it is called on.
pub(crate) struct Given<'a> {
    name: &'static str,
    arguments: Vec<Logical>,
    schema: &'a DFSchema,
}

impl Given<'_> {
    /// An argument.
    pub(super) fn argument(&self, at: usize) -> Logical {
        self.arguments[at].clone()
    }

    /// All arguments.
    pub(super) fn arguments(&self) -> &[Logical] {
        &self.arguments
    }

    /// The type of an argument.
    pub(super) fn type_of(&self, at: usize) -> Result<DataType> {
        self.arguments[at].get_type(self.schema).map_err(of_datafusion)
    }

    /// The value of an argument that is a literal.
    pub(super) fn literal(&self, at: usize) -> Option<&ScalarValue> {
        match &self.arguments[at] {
            Logical::Literal(value, _) => Some(value),
            _ => None,
        }
    }

    /// An argument that was given as a text.
    pub(super) fn word(&self, at: usize) -> Result<&str> {
        self.literal(at).and_then(ScalarValue::try_as_str).flatten().ok_or_else(|| Error::internal("an argument is no text"))
    }

    /// An argument that was given as a whole number.
    pub(super) fn number(&self, at: usize) -> Result<i64> {
        match self.literal(at) {
            Some(ScalarValue::Int64(Some(number))) => Ok(*number),
            _ => Err(Error::internal("an argument is no number")),
        }
    }

    /// The call as errors print it.
    pub(super) fn shown(&self) -> String {
        show_method(self.name, &self.arguments)
    }

    /// The error of an argument of a type that is not taken.
    pub(super) fn refuse(&self, at: usize, wanted: &str, help: impl Into<String>) -> Error {
        let have = self.type_of(at).map_or_else(|_| "something else".to_owned(), |data_type| type_name(&data_type));
        let message = format!("{} takes {wanted}, and {} is {have}", self.shown(), show(&self.arguments[at]));
        Error::new(ErrorKind::TypeMismatch, message).with_help(help)
    }

    /// The help to cast an argument.
    pub(super) fn cast_it(&self, at: usize, to: &str) -> String {
        format!("cast it: {}.cast({to:?})", source(&self.arguments[at]))
    }

    /// An argument that is a text.
    pub(super) fn text(&self, at: usize) -> Result<Logical> {
        match self.type_of(at)? {
            data_type @ (DataType::Dictionary(..) | DataType::Null) if is_text(&data_type) || data_type.is_null() => {
                Ok(cast(self.argument(at), DataType::Utf8))
            }
            data_type if is_text(&data_type) => Ok(self.argument(at)),
            _ => Err(self.refuse(at, "str", self.cast_it(at, "str"))),
        }
    }

    /// An argument that is a number, and its type.
    pub(super) fn numeric(&self, at: usize) -> Result<(Logical, DataType)> {
        match self.type_of(at)? {
            DataType::Null => Ok((cast(self.argument(at), DataType::Float64), DataType::Float64)),
            data_type if data_type.is_numeric() => Ok((self.argument(at), data_type)),
            _ => Err(self.refuse(at, "a number", self.cast_it(at, "f64"))),
        }
    }

    /// An argument that is a number, as a float.
    pub(super) fn float(&self, at: usize) -> Result<Logical> {
        Ok(match self.numeric(at)? {
            (number, DataType::Float32 | DataType::Float64) => number,
            (number, _) => cast(number, DataType::Float64),
        })
    }

    /// An argument that is a whole number, as `Int64`.
    pub(super) fn integer(&self, at: usize) -> Result<Logical> {
        match self.type_of(at)? {
            DataType::Int64 => Ok(self.argument(at)),
            data_type if data_type.is_integer() || data_type.is_null() => Ok(cast(self.argument(at), DataType::Int64)),
            _ => Err(self.refuse(at, "a whole number", self.cast_it(at, "i64"))),
        }
    }

    /// An argument that is a list, and the type of its items.
    pub(super) fn list(&self, at: usize) -> Result<(Logical, DataType)> {
        match self.type_of(at)? {
            DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
                Ok((self.argument(at), item.data_type().clone()))
            }
            _ => Err(self.refuse(at, "a list", "make a list of it, as .str().split(..) and .collect_list() do")),
        }
    }

    /// Refuses an argument that cannot stand beside the first, as a text beside a number. The type of both.
    pub(super) fn beside(&self, at: usize) -> Result<DataType> {
        let (own, other) = (self.type_of(0)?, self.type_of(at)?);
        common_type(&own, &other).ok_or_else(|| {
            let message = format!("{} and {} do not go together in {}", type_name(&own), type_name(&other), self.shown());
            let help = format!("cast one side: {}.cast({:?})", source(&self.arguments[at]), type_name(&own));
            Error::new(ErrorKind::TypeMismatch, message).with_help(help)
        })
    }

    /// All arguments as one type: that of the first, where the others are literals that it can hold.
    pub(super) fn alike<const N: usize>(&self) -> Result<[Logical; N]> {
        let own = self.type_of(0)?;
        let mut common = own.clone();
        let held = |at: usize| self.literal(at).and_then(|value| held(value, &own));
        for at in 1..N {
            let beside = self.beside(at)?;
            if held(at).is_none() {
                common = common_type(&common, &beside).unwrap_or(beside);
            }
        }
        let mut all = Vec::with_capacity(N);
        for at in 0..N {
            all.push(match held(at) {
                Some(value) if common == own => Logical::Literal(value, None),
                _ if self.type_of(at)? == common => self.argument(at),
                _ => cast(self.argument(at), common.clone()),
            });
        }
        all.try_into().map_err(|_| Error::internal("a method without all of its arguments"))
    }
}

/// The value as this type, if it is the same value there.
fn held(value: &ScalarValue, as_type: &DataType) -> Option<ScalarValue> {
    let cast = value.cast_to(as_type).ok()?;
    (cast.cast_to(&value.data_type()).ok()? == *value).then_some(cast)
}

/// The expression as another type.
pub(super) fn cast(expr: Logical, to: DataType) -> Logical {
    Logical::Cast(Cast::new(Box::new(expr), to))
}

/// The function that DataFusion sees.
#[derive(Debug)]
struct Placeholder {
    what: Later,
    signature: Signature,
}

impl Placeholder {
    fn identity(&self) -> String {
        format!("{:?}", self.what)
    }
}

impl PartialEq for Placeholder {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Placeholder {}

impl Hash for Placeholder {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl ScalarUDFImpl for Placeholder {
    fn name(&self) -> &str {
        match &self.what {
            Later::Method(method) => method.name,
            Later::Sql(_) => "sql_expr",
            Later::Columns(_) => "cols",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Err(to_datafusion(Error::internal("the type of a method depends on its arguments")))
    }

    /// That of what it means, over columns of the arguments' types.
    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> DfResult<FieldRef> {
        let fields = args.arg_fields.iter().enumerate().map(|(at, field)| field.as_ref().clone().with_name(at.to_string()));
        let schema = DFSchema::try_from(Schema::new(fields.collect::<Vec<Field>>()))?;
        let arguments = args.scalar_arguments.iter().enumerate().map(|(at, value)| match value {
            Some(value) => Logical::Literal((*value).clone(), None),
            None => Logical::Column(Column::from_name(at.to_string())),
        });
        let bound = self.what.bind(arguments.collect(), &schema).map_err(to_datafusion)?;
        bound.to_field(&schema).map(|(_, field)| field)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        Err(to_datafusion(Error::internal(format!("{} was not bound before it was run", self.name()))))
    }
}
