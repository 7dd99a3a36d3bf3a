//! `ndarray`'s arrays of any number of axes as values, and complex numbers.

use crate::{
    Error, ErrorKind, Result,
    function::Whole,
    value::{Value, decode_length, encode_length},
};
use ndarray::{ArrayD, IxDyn};
use num_complex::Complex;

impl<T: Value> Value for ArrayD<T> {
    fn type_name() -> String {
        format!("ArrayD<{}>", T::type_name())
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        encode_length(self.ndim(), out);
        self.shape().iter().for_each(|len| encode_length(*len, out));
        match self.as_slice() {
            Some(items) => items.to_vec().encode(out),
            None => self.iter().cloned().collect::<Vec<T>>().encode(out),
        }
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        let shape = (0..decode_length(input, 8)?).map(|_| decode_length(input, 0)).collect::<Result<Vec<usize>>>()?;
        let items = Vec::<T>::decode(input)?;
        ArrayD::from_shape_vec(IxDyn(&shape), items).map_err(|error| Error::new(ErrorKind::BadValue, error.to_string()))
    }

    fn heap_bytes(&self) -> u64 {
        (self.len() * size_of::<T>()) as u64 + self.iter().map(Value::heap_bytes).sum::<u64>()
    }
}

impl<T: Value> Whole for ArrayD<T> {}

macro_rules! complex {
    ($($float:ty)*) => {$(
        impl Value for Complex<$float> {
            fn type_name() -> String {
                concat!("Complex<", stringify!($float), ">").to_owned()
            }

            fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
                self.re.encode(out)?;
                self.im.encode(out)
            }

            fn decode(input: &mut &[u8]) -> Result<Self> {
                Ok(Complex::new(<$float>::decode(input)?, <$float>::decode(input)?))
            }
        }

        impl Whole for Complex<$float> {}
    )*};
}

complex!(f32 f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_survives_the_wire_in_any_layout() {
        let array = ArrayD::from_shape_vec(IxDyn(&[2, 3]), vec![1i64, 2, 3, 4, 5, 6]).unwrap();
        for array in [array.clone(), array.reversed_axes()] {
            let mut bytes = Vec::new();
            array.encode(&mut bytes).unwrap();
            assert_eq!(ArrayD::<i64>::decode(&mut &bytes[..]).unwrap(), array);
        }
    }
}
