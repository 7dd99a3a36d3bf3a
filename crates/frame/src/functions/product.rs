//! Products. Of integers they are integers and wrap where they are too large, as sums do; of decimals they are floats.

use crate::error::to_datafusion;
use arrow_array::{
    ArrayRef,
    cast::AsArray,
    types::{Float64Type, Int64Type, UInt64Type},
};
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::{
    common::{Result as DfResult, ScalarValue},
    error::DataFusionError,
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
        function::{AccumulatorArgs, StateFieldsArgs},
        utils::{AggregateOrderSensitivity, format_state_name},
    },
};
use std::{
    mem::size_of_val,
    sync::{Arc, LazyLock},
};
use stratal_core::{Error, ErrorKind};

/// `product(values)`; null where there is nothing to be multiplied.
pub(crate) fn product() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| Arc::new(AggregateUDF::new_from_impl(Product { signature: Signature::user_defined(Volatility::Immutable) })));
    FUNCTION.clone()
}

/// The type that values are multiplied in.
pub(crate) fn product_type(of: &DataType) -> DataType {
    match of {
        unsigned if unsigned.is_unsigned_integer() => DataType::UInt64,
        signed if signed.is_integer() => DataType::Int64,
        _ => DataType::Float64,
    }
}

fn refused() -> DataFusionError {
    to_datafusion(Error::new(ErrorKind::TypeMismatch, "a product is taken of numbers"))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Product {
    signature: Signature,
}

impl AggregateUDFImpl for Product {
    fn name(&self) -> &str {
        "stratal_product"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> DfResult<Vec<DataType>> {
        match types {
            [values] if values.is_numeric() || values.is_null() => Ok(vec![product_type(values)]),
            _ => Err(refused()),
        }
    }

    fn return_type(&self, types: &[DataType]) -> DfResult<DataType> {
        types.first().cloned().ok_or_else(refused)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> DfResult<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "product"), args.return_type().clone(), true))])
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> DfResult<Box<dyn Accumulator>> {
        ScalarValue::try_from(args.return_type()).map(|product| Box::new(Multiplied { product }) as Box<dyn Accumulator>)
    }
}

/// The product so far, null before the first value.
#[derive(Debug)]
struct Multiplied {
    product: ScalarValue,
}

impl Accumulator for Multiplied {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DfResult<()> {
        let values = &values[0];
        match &mut self.product {
            ScalarValue::Int64(product) => {
                let all = values.as_primitive::<Int64Type>().iter().flatten();
                *product = product.iter().copied().chain(all).reduce(i64::wrapping_mul);
            }
            ScalarValue::UInt64(product) => {
                let all = values.as_primitive::<UInt64Type>().iter().flatten();
                *product = product.iter().copied().chain(all).reduce(u64::wrapping_mul);
            }
            ScalarValue::Float64(product) => {
                let all = values.as_primitive::<Float64Type>().iter().flatten();
                *product = product.iter().copied().chain(all).reduce(|one, two| one * two);
            }
            _ => return Err(refused()),
        }
        Ok(())
    }

    /// The products of partitions are multiplied as values are.
    fn merge_batch(&mut self, states: &[ArrayRef]) -> DfResult<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> DfResult<Vec<ScalarValue>> {
        Ok(vec![self.product.clone()])
    }

    fn evaluate(&mut self) -> DfResult<ScalarValue> {
        Ok(self.product.clone())
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Float64Array, Int64Array};

    #[test]
    fn a_product_of_nothing_is_null_and_integers_wrap() {
        let mut product = Multiplied { product: ScalarValue::Int64(None) };
        product.update_batch(&[Arc::new(Int64Array::from(vec![None, None]))]).unwrap();
        assert_eq!(product.evaluate().unwrap(), ScalarValue::Int64(None));
        product.update_batch(&[Arc::new(Int64Array::from(vec![Some(6), None]))]).unwrap();
        product.merge_batch(&[Arc::new(Int64Array::from(vec![Some(7), None]))]).unwrap();
        assert_eq!(product.evaluate().unwrap(), ScalarValue::Int64(Some(42)));
        product.update_batch(&[Arc::new(Int64Array::from(vec![i64::MAX]))]).unwrap();
        assert_eq!(product.evaluate().unwrap(), ScalarValue::Int64(Some(-42)));
        let mut halves = Multiplied { product: ScalarValue::Float64(None) };
        halves.update_batch(&[Arc::new(Float64Array::from(vec![0.5, 0.5]))]).unwrap();
        assert_eq!(halves.evaluate().unwrap(), ScalarValue::Float64(Some(0.25)));
    }

    #[test]
    fn products_have_the_type_of_their_values_at_its_widest() {
        use DataType::*;
        for (of, to) in [(Int8, Int64), (UInt8, UInt64), (Float32, Float64), (Decimal128(10, 2), Float64), (Null, Float64)] {
            assert_eq!(product_type(&of), to, "{of}");
        }
    }
}
