//! [`Value`]: types that tasks take and give; [`Object`]: one of them, live, encoded, or both.
//!
//! In one process a value is never serialised. It is encoded when it first leaves the process, and decoded when a typed
//! reader first asks for it; both forms are kept from then on.

use super::{Data, Split};
use crate::{Error, ErrorKind, Result};
use bytes::Bytes;
use std::{
    any::Any,
    fmt,
    sync::{Arc, OnceLock},
};

/// A type that tasks take and give: std types, vectors, options, tuples and maps of them, frames, and your own by
/// `#[derive(stratal::Value)]`.
///
/// The wire form is self-delimiting, so that values can stand one after another.
pub trait Value: Clone + Send + Sync + Sized + 'static {
    /// The type's name, as errors print it and as the wire form is checked by.
    fn type_name() -> String;

    /// Appends the wire form.
    fn encode(&self, out: &mut Vec<u8>) -> Result<()>;

    /// Takes the wire form from the front of `input`.
    fn decode(input: &mut &[u8]) -> Result<Self>;

    /// Bytes on the heap, for accounting.
    fn heap_bytes(&self) -> u64 {
        0
    }

    /// Appends the wire forms of several, one after another. Numbers do it in one piece.
    fn encode_all(items: &[Self], out: &mut Vec<u8>) -> Result<()> {
        items.iter().try_for_each(|item| item.encode(out))
    }

    /// Takes the wire forms of so many from the front of `input`. Numbers do it in one piece.
    fn decode_all(count: usize, input: &mut &[u8]) -> Result<Vec<Self>> {
        (0..count).map(|_| Self::decode(input)).collect()
    }

    /// Bytes on the heap of several, without the list that holds them.
    fn heap_bytes_all(items: &[Self]) -> u64 {
        items.iter().map(Self::heap_bytes).sum()
    }

    /// A field, counted from 0, as a value of its own; none for what is no tuple.
    fn nth_field(&self, _number: usize) -> Option<Data> {
        None
    }

    /// How values of this type, and of its fields, are taken apart; nothing for what is no tuple.
    fn splits() -> Vec<Split> {
        Vec::new()
    }

    /// The value as a task's result.
    fn into_data(self) -> Data {
        Data::Object(Object::new(self))
    }

    /// The value of a task's result, shared and not copied where it is live.
    ///
    /// # Errors
    /// `TypeMismatch` when the result is of another type, with both names.
    fn from_data(data: &Data) -> Result<Arc<Self>> {
        match data {
            Data::Object(object) => object.get(),
            Data::Unit if Self::type_name() == "()" => Self::decode(&mut &[][..]).map(Arc::new),
            other => Err(mismatch(&other.type_name(), &Self::type_name())),
        }
    }
}

fn mismatch(have: &str, want: &str) -> Error {
    Error::new(ErrorKind::TypeMismatch, format!("the result is {have}, and {want} was asked for")).with_help(format!("ask for {have}"))
}

/// Appends a length as the wire form of containers has it.
pub fn encode_length(length: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&(length as u64).to_le_bytes());
}

/// Takes a length from the front of `input`. `least` is the least number of bytes that an element takes: a length that
/// cannot fit what is there is an error, so that garbage does not ask for memory.
pub fn decode_length(input: &mut &[u8], least: usize) -> Result<usize> {
    let truncated = || Error::new(ErrorKind::BadValue, "the wire form of a value is cut short");
    let (head, rest) = input.split_first_chunk::<8>().ok_or_else(truncated)?;
    let length = u64::from_le_bytes(*head);
    if length.checked_mul(least as u64).is_none_or(|bytes| bytes > rest.len() as u64) {
        return Err(truncated());
    }
    *input = rest;
    Ok(length as usize)
}

/// Appends bytes behind their length.
pub fn encode_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    encode_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// Takes from the front of `input` what [`encode_bytes`] appended.
pub fn decode_bytes<'a>(input: &mut &'a [u8]) -> Result<&'a [u8]> {
    let length = decode_length(input, 1)?;
    let (bytes, rest) = input.split_at(length);
    *input = rest;
    Ok(bytes)
}

type Live = Arc<dyn Any + Send + Sync>;

/// A value of some type: live where it was made, bytes where it came from. Cheap to clone.
#[derive(Clone)]
pub struct Object(Arc<Inner>);

struct Inner {
    type_name: String,
    live: OnceLock<Live>,
    wire: OnceLock<Bytes>,
    bytes: u64,
    encode: Option<fn(&(dyn Any + Send + Sync)) -> Result<Bytes>>,
}

impl Object {
    /// Wraps a live value.
    pub fn new<T: Value>(value: T) -> Self {
        let bytes = size_of::<T>() as u64 + value.heap_bytes();
        let live: Live = Arc::new(value);
        Object(Arc::new(Inner {
            type_name: T::type_name(),
            live: OnceLock::from(live),
            wire: OnceLock::new(),
            bytes,
            encode: Some(|live| {
                let value =
                    live.downcast_ref::<T>().ok_or_else(|| Error::internal("an object holds another type than it was made with"))?;
                let mut out = Vec::new();
                value.encode(&mut out)?;
                Ok(out.into())
            }),
        }))
    }

    /// Wraps a wire form that came from elsewhere.
    pub fn from_wire(type_name: String, wire: Bytes) -> Self {
        Object(Arc::new(Inner { type_name, live: OnceLock::new(), bytes: wire.len() as u64, wire: OnceLock::from(wire), encode: None }))
    }

    /// The name of the value's type.
    pub fn type_name(&self) -> &str {
        &self.0.type_name
    }

    /// Bytes of memory, by the value's own account.
    pub fn bytes(&self) -> u64 {
        self.0.bytes
    }

    /// The wire form, made at the first call.
    pub fn wire(&self) -> Result<Bytes> {
        if let Some(wire) = self.0.wire.get() {
            return Ok(wire.clone());
        }
        let (Some(live), Some(encode)) = (self.0.live.get(), self.0.encode) else {
            return Err(Error::internal("an object is neither live nor encoded"));
        };
        let wire = encode(&**live)?;
        Ok(self.0.wire.get_or_init(|| wire).clone())
    }

    /// The live value, decoded at the first call.
    ///
    /// # Errors
    /// `TypeMismatch` when it is of another type; `BadValue` when its wire form is damaged.
    pub fn get<T: Value>(&self) -> Result<Arc<T>> {
        if let Some(live) = self.0.live.get() {
            return live.clone().downcast::<T>().map_err(|_| mismatch(&self.0.type_name, &T::type_name()));
        }
        if self.0.type_name != T::type_name() {
            return Err(mismatch(&self.0.type_name, &T::type_name()));
        }
        let wire = self.wire()?;
        let mut input = &wire[..];
        let live: Live = Arc::new(T::decode(&mut input)?);
        if !input.is_empty() {
            return Err(Error::new(ErrorKind::BadValue, format!("{} bytes are left over after a {}", input.len(), T::type_name())));
        }
        self.0.live.get_or_init(|| live).clone().downcast::<T>().map_err(|_| mismatch(&self.0.type_name, &T::type_name()))
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object<{}>({} bytes)", self.0.type_name, self.0.bytes)
    }
}
