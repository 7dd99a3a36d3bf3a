//! [`Obj`]: types of other crates as values.

use super::Whole;
use crate::{__private as private, Result, value::Value};
use serde::{Serialize, de::DeserializeOwned};

/// Makes a serde type of another crate a [`Value`]. Your own types are one by `#[derive(stratal::Value)]`.
///
/// ```
/// use stratal_core::{function::tasks::Obj, value::{Data, Value}};
/// let data = Obj(std::time::Duration::from_secs(2)).into_data();
/// assert_eq!(data.type_name(), "Obj<core::time::Duration>");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Obj<T>(pub T);

impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> Value for Obj<T> {
    fn type_name() -> String {
        format!("Obj<{}>", std::any::type_name::<T>())
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        private::encode(&self.0, out)
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        private::decode(input).map(Obj)
    }

    fn heap_bytes(&self) -> u64 {
        private::size(&self.0)
    }
}

impl<T> Whole for Obj<T> where Obj<T>: Value {}
