//! [`Function`]: a scalar function of ours as DataFusion knows it.

use crate::error::to_datafusion;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::{
    common::{Result as DfResult, ScalarValue},
    logical_expr::{
        ColumnarValue, Expr as Logical, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
        expr::ScalarFunction,
    },
};
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};
use stratal_core::{Error, Result};

/// The type of what a function makes, from the type of its column and its parameters.
type Returns = fn(&DataType, &[ScalarValue]) -> Result<DataType>;

/// What a function makes of a column.
type Run = fn(&ArrayRef, &[ScalarValue]) -> Result<ArrayRef>;

/// A function of one column, and of parameters that are the same for every row. Known by its name.
#[derive(Debug)]
pub(super) struct Function {
    name: &'static str,
    returns: Returns,
    run: Run,
    signature: Signature,
}

impl Function {
    /// The function, ready to be registered and called.
    pub(super) fn udf(name: &'static str, returns: Returns, run: Run) -> Arc<ScalarUDF> {
        let signature = Signature::variadic_any(Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(Function { name, returns, run, signature }))
    }
}

/// A call of a function.
pub(super) fn call(function: Arc<ScalarUDF>, column: Logical, parameters: impl IntoIterator<Item = ScalarValue>) -> Logical {
    let parameters = parameters.into_iter().map(|value| Logical::Literal(value, None));
    Logical::ScalarFunction(ScalarFunction::new_udf(function, std::iter::once(column).chain(parameters).collect()))
}

/// A parameter that is a text.
pub(super) fn text(parameters: &[ScalarValue], at: usize) -> Result<&str> {
    let text = parameters.get(at).and_then(ScalarValue::try_as_str).flatten();
    text.ok_or_else(|| Error::internal("a parameter of a function is no text"))
}

/// A parameter that is a number.
pub(super) fn number(parameters: &[ScalarValue], at: usize) -> Result<i64> {
    match parameters.get(at) {
        Some(ScalarValue::Int64(Some(number))) => Ok(*number),
        _ => Err(Error::internal("a parameter of a function is no number")),
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

fn varies() -> Error {
    Error::internal("a parameter of a function is not the same for every row")
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Err(to_datafusion(Error::internal("the type of a function depends on its parameters")))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> DfResult<FieldRef> {
        let [column, ..] = args.arg_fields else { return Err(to_datafusion(Error::internal("a function without a column"))) };
        let parameters = args.scalar_arguments.iter().skip(1).map(|value| value.cloned().ok_or_else(varies));
        let parameters = parameters.collect::<Result<Vec<_>>>().map_err(to_datafusion)?;
        let data_type = (self.returns)(column.data_type(), &parameters).map_err(to_datafusion)?;
        Ok(Arc::new(Field::new(self.name, data_type, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        let Some((column, parameters)) = args.args.split_first() else {
            return Err(to_datafusion(Error::internal("a function without a column")));
        };
        let column = column.to_array(args.number_rows)?;
        let parameters = parameters.iter().map(|parameter| match parameter {
            ColumnarValue::Scalar(value) => Ok(value.clone()),
            ColumnarValue::Array(_) => Err(varies()),
        });
        let parameters = parameters.collect::<Result<Vec<_>>>().map_err(to_datafusion)?;
        let made = (self.run)(&column, &parameters).map_err(to_datafusion)?;
        debug_assert_eq!(made.len(), column.len());
        Ok(ColumnarValue::Array(made))
    }
}
