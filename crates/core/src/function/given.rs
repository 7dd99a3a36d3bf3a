//! What a parameter is given, and how its value is put together from it.
//!
//! One piece of data is taken as it is; a list of pieces (results of other tasks among them) becomes the vector or tuple
//! that the parameter asks for. The types are known here and nowhere else, so nothing is serialised on the way.

use crate::{
    Error, ErrorKind, Result,
    value::{Data, Value},
};
use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::Arc,
};

/// What one parameter of a call is given.
#[derive(Clone, Debug)]
pub enum Given {
    /// One piece.
    One(Data),
    /// The items of a vector or the fields of a tuple.
    Many(Vec<Given>),
}

/// A [`Value`] that is always given in one piece. Vectors and tuples are the values that are not.
///
/// `#[derive(stratal::Value)]` implements it; next to a hand-written `Value` it is one line:
///
/// ```
/// use stratal_core::{Result, function::Whole, value::Value};
///
/// #[derive(Clone)]
/// struct Celsius(f64);
///
/// impl Value for Celsius {
///     fn type_name() -> String {
///         "weather::Celsius".to_owned()
///     }
///
///     fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
///         self.0.encode(out)
///     }
///
///     fn decode(input: &mut &[u8]) -> Result<Self> {
///         f64::decode(input).map(Celsius)
///     }
/// }
///
/// impl Whole for Celsius {}
/// ```
pub trait Whole: Value {}

/// A [`Value`] that a parameter can be: every [`Whole`] one, and vectors and tuples of them.
#[diagnostic::on_unimplemented(
    message = "a task cannot take a `{Self}`",
    note = "parameters are values: std types, vectors, options, tuples and maps of them, frames, and types with #[derive(stratal::Value)]"
)]
pub trait Assemble: Value {
    /// Puts the value together. Shared, not copied, where it was given in one piece.
    ///
    /// # Errors
    /// `TypeMismatch` when something else was given.
    fn assemble(given: Given) -> Result<Arc<Self>>;
}

impl<T: Whole> Assemble for T {
    fn assemble(given: Given) -> Result<Arc<Self>> {
        match given {
            Given::One(data) => T::from_data(&data),
            Given::Many(items) => Err(mismatch(format!("a list of {} where {} is taken", items.len(), T::type_name()))),
        }
    }
}

fn mismatch(message: String) -> Error {
    Error::new(ErrorKind::TypeMismatch, message)
}

fn owned<T: Assemble>(given: Given) -> Result<T> {
    T::assemble(given).map(Arc::unwrap_or_clone)
}

impl<T: Assemble> Assemble for Vec<T> {
    fn assemble(given: Given) -> Result<Arc<Self>> {
        match given {
            Given::One(data) => Self::from_data(&data),
            Given::Many(items) => items.into_iter().map(owned).collect::<Result<_>>().map(Arc::new),
        }
    }
}

macro_rules! tuples {
    ($(($n:literal: $($name:ident)+))*) => {$(
        impl<$($name: Assemble),+> Assemble for ($($name,)+) {
            fn assemble(given: Given) -> Result<Arc<Self>> {
                match given {
                    Given::One(data) => Self::from_data(&data),
                    Given::Many(items) => {
                        let fields: [Given; $n] = items.try_into().map_err(|items: Vec<Given>| {
                            mismatch(format!("a list of {} where {} is taken", items.len(), Self::type_name()))
                        })?;
                        let mut fields = fields.into_iter();
                        Ok(Arc::new(($(owned::<$name>(fields.next().expect("there are as many as the pattern has"))?,)+)))
                    }
                }
            }
        }
    )*};
}

tuples! { (1: A) (2: A B) (3: A B C) (4: A B C D) (5: A B C D E) (6: A B C D E F) (7: A B C D E F G) (8: A B C D E F G H) }

macro_rules! whole {
    ($($type:ty)*) => { $(impl Whole for $type {})* };
}

whole!(i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 usize bool char String);

impl Whole for () {}
impl<T: Value> Whole for Option<T> {}
impl<K: Value + Ord, V: Value> Whole for BTreeMap<K, V> {}
impl<K: Value + Eq + Hash, V: Value> Whole for HashMap<K, V> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: impl Value) -> Given {
        Given::One(value.into_data())
    }

    #[test]
    fn a_list_becomes_a_vector_and_a_tuple() {
        let given = Given::Many(vec![one(1i64), one(2i64)]);
        assert_eq!(*Vec::<i64>::assemble(given.clone()).unwrap(), [1, 2]);
        assert_eq!(*<(i64, i64)>::assemble(given.clone()).unwrap(), (1, 2));
        let nested = Given::Many(vec![given, one(vec![3i64])]);
        assert_eq!(*Vec::<Vec<i64>>::assemble(nested).unwrap(), [vec![1, 2], vec![3]]);
    }

    #[test]
    fn one_piece_is_shared_and_not_copied() {
        let data = vec![1i64, 2].into_data();
        let (one, two) = (Vec::<i64>::assemble(Given::One(data.clone())).unwrap(), Vec::<i64>::assemble(Given::One(data)).unwrap());
        assert!(Arc::ptr_eq(&one, &two));
    }

    #[test]
    fn a_list_where_one_value_is_taken_is_an_error() {
        let error = i64::assemble(Given::Many(vec![one(1i64), one(2i64)])).unwrap_err();
        assert_eq!(error.message(), "a list of 2 where i64 is taken");
        assert!(<(i64, i64)>::assemble(Given::Many(vec![one(1i64)])).is_err());
    }
}
