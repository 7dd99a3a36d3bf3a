//! [`Fixed`]: values of at most eight bytes as numbers, equal where the values are, and back.

use arrow_array::{Array, ArrayRef, make_array, new_empty_array};
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, IntervalUnit};
use datafusion::common::Result as DfResult;

/// A type whose values are so many bytes each.
#[derive(Clone)]
pub(super) struct Fixed {
    data_type: DataType,
    width: usize,
    float: Option<Float>,
}

/// What the bits of a float mean.
#[derive(Clone, Copy)]
struct Float {
    /// All but the sign.
    magnitude: u64,
    infinity: u64,
    nan: u64,
}

impl Float {
    /// One zero, and one NaN.
    fn canonical(self, bits: u64) -> u64 {
        match bits & self.magnitude {
            0 => 0,
            magnitude if magnitude > self.infinity => self.nan,
            _ => bits,
        }
    }
}

impl Fixed {
    /// None for types of another kind.
    pub(super) fn of(data_type: &DataType) -> Option<Self> {
        // Eight bytes, which need not lie where numbers of eight bytes may.
        if *data_type == DataType::Interval(IntervalUnit::DayTime) {
            return None;
        }
        let float = match data_type {
            DataType::Float16 => Some(Float { magnitude: 0x7FFF, infinity: 0x7C00, nan: 0x7E00 }),
            DataType::Float32 => Some(Float { magnitude: 0x7FFF_FFFF, infinity: 0x7F80_0000, nan: 0x7FC0_0000 }),
            DataType::Float64 => {
                Some(Float { magnitude: 0x7FFF_FFFF_FFFF_FFFF, infinity: 0x7FF0_0000_0000_0000, nan: 0x7FF8_0000_0000_0000 })
            }
            _ => None,
        };
        let width = data_type.primitive_width().filter(|width| *width <= 8)?;
        Some(Fixed { data_type: data_type.clone(), width, float })
    }

    pub(super) fn is_float(&self) -> bool {
        self.float.is_some()
    }

    /// Puts the values of a column in place of what was there. What it gives for a null means nothing.
    pub(super) fn read(&self, column: &ArrayRef, into: &mut Vec<u64>) {
        let data = column.to_data();
        let (values, at, rows) = (data.buffers()[0].clone(), data.offset(), data.len());
        into.clear();
        match self.width {
            1 => into.extend(ScalarBuffer::<u8>::new(values, at, rows).iter().map(|bits| u64::from(*bits))),
            2 => into.extend(ScalarBuffer::<u16>::new(values, at, rows).iter().map(|bits| u64::from(*bits))),
            4 => into.extend(ScalarBuffer::<u32>::new(values, at, rows).iter().map(|bits| u64::from(*bits))),
            _ => into.extend_from_slice(&ScalarBuffer::<u64>::new(values, at, rows)),
        }
        if let Some(float) = self.float {
            into.iter_mut().for_each(|bits| *bits = float.canonical(*bits));
        }
    }

    /// Numbers as a column of values.
    pub(super) fn column(&self, numbers: &[u64], nulls: Option<NullBuffer>) -> DfResult<ArrayRef> {
        let values = match self.width {
            1 => Buffer::from_vec(numbers.iter().map(|bits| *bits as u8).collect::<Vec<u8>>()),
            2 => Buffer::from_vec(numbers.iter().map(|bits| *bits as u16).collect::<Vec<u16>>()),
            4 => Buffer::from_vec(numbers.iter().map(|bits| *bits as u32).collect::<Vec<u32>>()),
            _ => Buffer::from_vec(numbers.to_vec()),
        };
        let none = new_empty_array(&self.data_type).to_data();
        Ok(make_array(none.into_builder().len(numbers.len()).nulls(nulls).buffers(vec![values]).build()?))
    }

    /// The column with one zero and one NaN.
    pub(super) fn canonical(&self, column: &ArrayRef) -> DfResult<ArrayRef> {
        let mut numbers = Vec::new();
        self.read(column, &mut numbers);
        self.column(&numbers, column.nulls().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Date32Array, Decimal64Array, Float32Array, Float64Array, Int8Array, Int64Array, TimestampSecondArray, UInt16Array};
    use std::sync::Arc;

    #[test]
    fn values_come_back_from_their_numbers() {
        let columns: [ArrayRef; 6] = [
            Arc::new(Int8Array::from(vec![Some(-1), None, Some(i8::MIN)])),
            Arc::new(UInt16Array::from(vec![Some(7), None, Some(u16::MAX)])),
            Arc::new(Date32Array::from(vec![Some(-9), Some(9), None])),
            Arc::new(Int64Array::from(vec![i64::MIN, -1, i64::MAX])),
            Arc::new(TimestampSecondArray::from(vec![Some(1), None, Some(-1)]).with_timezone("Europe/Rome")),
            Arc::new(Decimal64Array::from(vec![Some(150), None, Some(-1)]).with_precision_and_scale(10, 2).unwrap()),
        ];
        for column in &columns {
            let fixed = Fixed::of(column.data_type()).unwrap();
            for part in [column.clone(), column.slice(1, 2)] {
                assert_eq!(&fixed.canonical(&part).unwrap(), &part);
            }
        }
        assert!(Fixed::of(&DataType::Utf8).is_none() && Fixed::of(&DataType::Boolean).is_none());
        assert!(Fixed::of(&DataType::Decimal128(20, 2)).is_none());
        assert!(Fixed::of(&DataType::Interval(IntervalUnit::DayTime)).is_none());
    }

    #[test]
    fn there_is_one_zero_and_one_nan() {
        let numbers = |column: ArrayRef| {
            let mut numbers = Vec::new();
            Fixed::of(column.data_type()).unwrap().read(&column, &mut numbers);
            numbers
        };
        let other_nan = f64::from_bits(f64::NAN.to_bits() ^ (1 << 63) ^ 5);
        let wide = numbers(Arc::new(Float64Array::from(vec![0.0, -0.0, f64::NAN, other_nan, f64::INFINITY, -1.0, 1.0])));
        assert!(other_nan.is_nan() && wide[0] == wide[1] && wide[2] == wide[3]);
        assert_eq!(wide.iter().collect::<std::collections::HashSet<_>>().len(), 5);
        let narrow = numbers(Arc::new(Float32Array::from(vec![0.0, -0.0, f32::NAN, -f32::NAN, f32::NEG_INFINITY, f32::INFINITY])));
        assert!(narrow[0] == narrow[1] && narrow[2] == narrow[3] && narrow[4] != narrow[5] && narrow[2] != narrow[5]);
    }
}
