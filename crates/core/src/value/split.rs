//! Taking tuples apart where their types are not at hand: a worker that is asked for a field of a result knows the result's
//! type by name only.
//!
//! What functions of a program return is known from the start; what a program unzips, from then on.

use super::{Data, Value};
use crate::{Error, ErrorKind, Result, error::Retry};
use parking_lot::RwLock;
use std::collections::BTreeMap;

type Take = fn(&Data, usize) -> Result<Option<Data>>;

static KNOWN: RwLock<BTreeMap<String, Take>> = RwLock::new(BTreeMap::new());

/// How values of one type are taken apart.
pub struct Split {
    type_name: String,
    take: Take,
}

impl Split {
    /// That of `T`.
    pub fn of<T: Value>() -> Self {
        Split { type_name: T::type_name(), take: |data, number| Ok(T::from_data(data)?.nth_field(number)) }
    }
}

/// From now on, values of these types can be taken apart in this process.
pub(crate) fn learn(splits: Vec<Split>) {
    if splits.is_empty() {
        return;
    }
    let mut known = KNOWN.write();
    for Split { type_name, take } in splits {
        known.entry(type_name).or_insert(take);
    }
}

/// A field of a tuple.
///
/// # Errors
/// `Unregistered` for a type that this process does not know; `TypeMismatch` for one that has no such field.
pub(crate) fn field(data: &Data, number: usize) -> Result<Data> {
    let name = data.type_name();
    let take = KNOWN.read().get(&name).copied().ok_or_else(|| {
        Error::new(ErrorKind::Unregistered, format!("this process does not know how a {name} is taken apart"))
            .with_retry(Retry::Never)
            .with_help("return it from a function with #[stratal::task], and start the workers from the program that has it")
    })?;
    take(data, number)?.ok_or_else(|| Error::new(ErrorKind::TypeMismatch, format!("a {name} has no field {number}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Object;

    #[test]
    fn a_tuple_is_taken_apart_live_and_from_the_wire_and_so_are_the_tuples_in_it() {
        type Pair = ((i8, String), Vec<u16>);
        learn(Pair::splits());
        let pair: Pair = ((7, "x".to_owned()), vec![1, 2]);
        let live = Object::new(pair);
        let wire = Object::from_wire(live.type_name().to_owned(), live.wire().unwrap());
        for pair in [Data::Object(live), Data::Object(wire)] {
            assert_eq!(*Vec::<u16>::from_data(&field(&pair, 1).unwrap()).unwrap(), [1, 2]);
            let inner = field(&pair, 0).unwrap();
            assert_eq!(*String::from_data(&field(&inner, 1).unwrap()).unwrap(), "x");
            assert_eq!(field(&pair, 2).unwrap_err().message(), "a ((i8, String), Vec<u16>) has no field 2");
        }
    }

    #[test]
    fn what_nobody_taught_is_an_error() {
        let error = field(&(1u128, 'x', 2u128).into_data(), 0).unwrap_err();
        assert_eq!(error.message(), "this process does not know how a (u128, char, u128) is taken apart");
        assert!(!error.is_retryable());
    }
}
