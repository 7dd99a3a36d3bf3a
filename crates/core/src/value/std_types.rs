//! [`Value`] for the types of std: numbers, text, and vectors, options, tuples and maps of values.

use super::{Data, Split, Value, decode_bytes, decode_length, encode_bytes, encode_length};
use crate::{Error, ErrorKind, Result};
use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

fn take<const N: usize>(input: &mut &[u8]) -> Result<[u8; N]> {
    let (head, rest) = input.split_first_chunk::<N>().ok_or_else(truncated)?;
    *input = rest;
    Ok(*head)
}

fn truncated() -> Error {
    Error::new(ErrorKind::BadValue, "the wire form of a value is cut short")
}

/// The most items of a type without size that are read: they take no bytes, so that no number of them is cut short.
const MOST_EMPTY: usize = 1 << 28;

/// How many items of a type follow.
fn count<T>(input: &mut &[u8]) -> Result<usize> {
    let empty = size_of::<T>() == 0;
    let items = decode_length(input, !empty as usize)?;
    match empty && items > MOST_EMPTY {
        true => Err(Error::new(ErrorKind::BadValue, format!("{items} items without size; at most {MOST_EMPTY} are read"))),
        false => Ok(items),
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Value for $number {
            fn type_name() -> String {
                stringify!($number).to_owned()
            }

            fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
                out.extend_from_slice(&self.to_le_bytes());
                Ok(())
            }

            fn decode(input: &mut &[u8]) -> Result<Self> {
                Ok(<$number>::from_le_bytes(take(input)?))
            }

            fn encode_all(items: &[Self], out: &mut Vec<u8>) -> Result<()> {
                out.reserve(size_of_val(items));
                items.iter().for_each(|item| out.extend_from_slice(&item.to_le_bytes()));
                Ok(())
            }

            fn decode_all(count: usize, input: &mut &[u8]) -> Result<Vec<Self>> {
                let (head, rest) = count.checked_mul(size_of::<Self>()).and_then(|bytes| input.split_at_checked(bytes)).ok_or_else(truncated)?;
                *input = rest;
                let (items, _) = head.as_chunks();
                Ok(items.iter().map(|bytes| <$number>::from_le_bytes(*bytes)).collect())
            }

            fn heap_bytes_all(_: &[Self]) -> u64 {
                0
            }
        }
    )*};
}

numbers!(i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64);

impl Value for usize {
    fn type_name() -> String {
        "usize".to_owned()
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        (*self as u64).encode(out)
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        usize::try_from(u64::decode(input)?).map_err(|_| Error::new(ErrorKind::BadValue, "a usize does not fit this machine's"))
    }
}

impl Value for bool {
    fn type_name() -> String {
        "bool".to_owned()
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        out.push(*self as u8);
        Ok(())
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        Ok(take::<1>(input)?[0] != 0)
    }
}

impl Value for char {
    fn type_name() -> String {
        "char".to_owned()
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        (*self as u32).encode(out)
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        char::from_u32(u32::decode(input)?).ok_or_else(|| Error::new(ErrorKind::BadValue, "not a character"))
    }
}

impl Value for () {
    fn type_name() -> String {
        "()".to_owned()
    }

    fn encode(&self, _: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }

    fn decode(_: &mut &[u8]) -> Result<Self> {
        Ok(())
    }
}

impl Value for String {
    fn type_name() -> String {
        "String".to_owned()
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        encode_bytes(self.as_bytes(), out);
        Ok(())
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        String::from_utf8(decode_bytes(input)?.to_vec()).map_err(|error| Error::new(ErrorKind::BadValue, error.to_string()))
    }

    fn heap_bytes(&self) -> u64 {
        self.capacity() as u64
    }
}

impl<T: Value> Value for Vec<T> {
    fn type_name() -> String {
        format!("Vec<{}>", T::type_name())
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        encode_length(self.len(), out);
        T::encode_all(self, out)
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        T::decode_all(count::<T>(input)?, input)
    }

    fn heap_bytes(&self) -> u64 {
        (self.capacity() * size_of::<T>()) as u64 + T::heap_bytes_all(self)
    }
}

impl<T: Value> Value for Option<T> {
    fn type_name() -> String {
        format!("Option<{}>", T::type_name())
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        self.is_some().encode(out)?;
        self.as_ref().map_or(Ok(()), |value| value.encode(out))
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        bool::decode(input)?.then(|| T::decode(input)).transpose()
    }

    fn heap_bytes(&self) -> u64 {
        self.as_ref().map_or(0, Value::heap_bytes)
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: Value),+> Value for ($($name,)+) {
            fn type_name() -> String {
                format!("({})", [$($name::type_name()),+].join(", "))
            }

            #[allow(non_snake_case, reason = "the type parameters name the fields")]
            fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
                let ($($name,)+) = self;
                $($name.encode(out)?;)+
                Ok(())
            }

            fn decode(input: &mut &[u8]) -> Result<Self> {
                Ok(($($name::decode(input)?,)+))
            }

            #[allow(non_snake_case, reason = "the type parameters name the fields")]
            fn heap_bytes(&self) -> u64 {
                let ($($name,)+) = self;
                0 $(+ $name.heap_bytes())+
            }

            #[allow(non_snake_case, reason = "the type parameters name the fields")]
            fn nth_field(&self, number: usize) -> Option<Data> {
                let ($($name,)+) = self;
                let mut at = 0..;
                $(if at.next() == Some(number) {
                    return Some($name.clone().into_data());
                })+
                None
            }

            fn splits() -> Vec<Split> {
                let mut splits = vec![Split::of::<Self>()];
                $(splits.append(&mut $name::splits());)+
                splits
            }
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }

macro_rules! maps {
    ($($map:ident: $($bound:path),+;)*) => {$(
        impl<K: Value $(+ $bound)+, V: Value> Value for $map<K, V> {
            fn type_name() -> String {
                format!(concat!(stringify!($map), "<{}, {}>"), K::type_name(), V::type_name())
            }

            fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
                encode_length(self.len(), out);
                self.iter().try_for_each(|(key, value)| {
                    key.encode(out)?;
                    value.encode(out)
                })
            }

            fn decode(input: &mut &[u8]) -> Result<Self> {
                (0..count::<(K, V)>(input)?).map(|_| Ok((K::decode(input)?, V::decode(input)?))).collect()
            }

            fn heap_bytes(&self) -> u64 {
                (self.len() * size_of::<(K, V)>()) as u64 + self.iter().map(|(k, v)| k.heap_bytes() + v.heap_bytes()).sum::<u64>()
            }
        }
    )*};
}

maps! {
    BTreeMap: Ord;
    HashMap: Eq, Hash;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Object;

    fn there_and_back<T: Value + PartialEq + std::fmt::Debug>(value: T) {
        let object = Object::new(value.clone());
        let arrived = Object::from_wire(object.type_name().to_owned(), object.wire().unwrap());
        assert_eq!(*arrived.get::<T>().unwrap(), value);
    }

    #[test]
    fn values_survive_the_wire() {
        there_and_back(-7i64);
        there_and_back(vec![Some("a".to_owned()), None]);
        there_and_back((1u8, 2.5f64, 'ß', vec![(); 3], true));
        there_and_back(BTreeMap::from([("k".to_owned(), vec![1u32, 2])]));
    }

    #[test]
    fn a_wrong_type_is_named_with_the_right_one() {
        let error = String::from_data(&Data::Object(Object::new(1i64))).unwrap_err();
        assert_eq!(error.message(), "the result is i64, and String was asked for");
    }

    #[test]
    fn garbage_is_an_error_and_asks_for_no_memory() {
        for bytes in [&[255u8; 8][..], &[1, 0, 0], &[9, 0, 0, 0, 0, 0, 0, 0, 1]] {
            let object = Object::from_wire(Vec::<String>::type_name(), bytes.to_vec().into());
            assert!(object.get::<Vec<String>>().is_err());
        }
    }

    #[test]
    fn a_number_of_empty_items_that_nobody_wrote_is_an_error_at_once() {
        let bytes = [255; 8];
        assert!(Vec::<()>::decode(&mut &bytes[..]).is_err());
        assert!(BTreeMap::<(), ()>::decode(&mut &bytes[..]).is_err());
        assert!(HashMap::<u8, ()>::decode(&mut &bytes[..]).is_err());
    }
}
