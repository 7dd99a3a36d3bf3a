//! The wire form of calls: made in blocks of rows when they leave the process.
//!
//! A block is a table of type names, the first task, the number of rows, and the rows. Numbers are LEB128. Nesting is
//! bounded where it is read, so that no bytes from outside overflow the stack.

use super::{ArgSpec, Call, Calls};
use crate::{
    Error, ErrorKind, Index, Result,
    value::{Batches, Chunk, Data, Object, Value},
};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use bytes::Bytes;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// How deep lists and calls may nest in what is read.
const DEPTH: u32 = 512;

mod tag {
    pub(super) const UNIT: u8 = 0;
    pub(super) const OBJECT: u8 = 1;
    pub(super) const BATCHES: u8 = 2;
    pub(super) const INPUT: u8 = 3;
    pub(super) const INPUTS: u8 = 4;
    pub(super) const SPAN: u8 = 5;
    pub(super) const LIST: u8 = 6;
    pub(super) const CALL: u8 = 7;
    pub(super) const CHUNK: u8 = 8;
}

impl Calls {
    /// The wire form of the calls of some tasks.
    ///
    /// # Errors
    /// Those of encoding a value.
    pub fn encode_rows(&self, tasks: Range<Index>) -> Result<Bytes> {
        let mut writer = Writer::default();
        for task in tasks.clone() {
            writer.call(self.get(task)?)?;
        }
        let mut out = Vec::with_capacity(writer.out.len() + 64);
        number(&mut out, writer.order.len() as u64);
        for name in &writer.order {
            bytes(&mut out, name.as_bytes());
        }
        number(&mut out, tasks.start as u64);
        number(&mut out, tasks.len() as u64);
        out.extend_from_slice(&writer.out);
        Ok(out.into())
    }

    /// The calls of a block.
    ///
    /// # Errors
    /// `BadValue` when the bytes are not what [`encode_rows`](Self::encode_rows) makes.
    pub fn decode(block: &[u8]) -> Result<Calls> {
        let mut reader = Reader { input: block, names: Vec::new() };
        for _ in 0..reader.count()? {
            let name = std::str::from_utf8(reader.bytes()?).map_err(|_| damaged())?.to_owned();
            reader.names.push(name);
        }
        let first = reader.index()?;
        let rows = (0..reader.count()?).map(|_| reader.call(0)).collect::<Result<_>>()?;
        if reader.input.is_empty() { Ok(Calls { first, rows }) } else { Err(damaged()) }
    }
}

/// The wire form of one value, which says what type it is.
///
/// # Errors
/// Those of encoding it.
pub(crate) fn encode_data(data: &Data) -> Result<Bytes> {
    Calls::new(vec![Call::new(0, vec![ArgSpec::Literal(data.clone())])]).encode_rows(0..1)
}

/// The value of a wire form.
///
/// # Errors
/// `BadValue` when the bytes are not what [`encode_data`] makes.
pub(crate) fn decode_data(wire: &[u8]) -> Result<Data> {
    let mut calls = Calls::decode(wire)?;
    match calls.rows.pop().map(|mut call| call.args.pop()) {
        Some(Some(ArgSpec::Literal(data))) => Ok(data),
        _ => Err(damaged()),
    }
}

fn damaged() -> Error {
    Error::new(ErrorKind::BadValue, "the wire form of calls is damaged")
}

fn number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Record batches as an Arrow stream.
pub(crate) fn encode_batches(batches: &Batches) -> Result<Vec<u8>> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches.schema)?;
    batches.batches.iter().try_for_each(|batch| writer.write(batch))?;
    Ok(writer.into_inner()?)
}

/// Record batches of an Arrow stream.
pub(crate) fn decode_batches(stream: &[u8]) -> Result<Batches> {
    let reader = StreamReader::try_new(stream, None)?;
    Ok(Batches { schema: reader.schema(), batches: reader.collect::<std::result::Result<Vec<_>, _>>()?.into() })
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    names: FxHashMap<String, u64>,
    order: Vec<String>,
}

impl Writer {
    fn name(&mut self, name: &str) {
        let at = match self.names.get(name) {
            Some(at) => *at,
            None => {
                let at = self.order.len() as u64;
                self.names.insert(name.to_owned(), at);
                self.order.push(name.to_owned());
                at
            }
        };
        number(&mut self.out, at);
    }

    fn call(&mut self, call: &Call) -> Result<()> {
        number(&mut self.out, call.function as u64);
        number(&mut self.out, call.args.len() as u64);
        call.args.iter().try_for_each(|arg| self.arg(arg))
    }

    fn arg(&mut self, arg: &ArgSpec) -> Result<()> {
        match arg {
            ArgSpec::Literal(Data::Unit) => self.out.push(tag::UNIT),
            ArgSpec::Literal(Data::Object(object)) => {
                self.out.push(tag::OBJECT);
                self.name(object.type_name());
                bytes(&mut self.out, &object.wire()?);
            }
            ArgSpec::Literal(Data::Batches(batches)) => {
                self.out.push(tag::BATCHES);
                bytes(&mut self.out, &encode_batches(batches)?);
            }
            ArgSpec::Literal(Data::Chunk(chunk)) => {
                self.out.push(tag::CHUNK);
                let mut wire = Vec::new();
                chunk.encode(&mut wire)?;
                bytes(&mut self.out, &wire);
            }
            ArgSpec::Input { edge, nth } => self.numbers(tag::INPUT, &[*edge as u64, *nth as u64]),
            ArgSpec::Inputs { edge } => self.numbers(tag::INPUTS, &[*edge as u64]),
            ArgSpec::Span { edge, start, len } => self.numbers(tag::SPAN, &[*edge as u64, *start as u64, *len as u64]),
            ArgSpec::List(items) => {
                self.numbers(tag::LIST, &[items.len() as u64]);
                items.iter().try_for_each(|item| self.arg(item))?;
            }
            ArgSpec::Call(call) => {
                self.out.push(tag::CALL);
                self.call(call)?;
            }
        }
        Ok(())
    }

    fn numbers(&mut self, tag: u8, numbers: &[u64]) {
        self.out.push(tag);
        numbers.iter().for_each(|n| number(&mut self.out, *n));
    }
}

struct Reader<'a> {
    input: &'a [u8],
    names: Vec<String>,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.input.split_first().ok_or_else(damaged)?;
        self.input = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= ((byte & 0x7f) as u64) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(damaged())
    }

    fn index(&mut self) -> Result<u32> {
        self.number()?.try_into().map_err(|_| damaged())
    }

    /// A number of things that take at least a byte each, so that garbage asks for no memory.
    fn count(&mut self) -> Result<usize> {
        let count = self.number()?;
        if count > self.input.len() as u64 { Err(damaged()) } else { Ok(count as usize) }
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.count()?;
        let (head, rest) = self.input.split_at(length);
        self.input = rest;
        Ok(head)
    }

    fn call(&mut self, depth: u32) -> Result<Call> {
        let function = self.index()?;
        let args = (0..self.count()?).map(|_| self.arg(depth)).collect::<Result<_>>()?;
        Ok(Call { function, args })
    }

    fn arg(&mut self, depth: u32) -> Result<ArgSpec> {
        if depth > DEPTH {
            return Err(Error::new(ErrorKind::BadValue, format!("calls nest deeper than {DEPTH}")));
        }
        Ok(match self.byte()? {
            tag::UNIT => ArgSpec::Literal(Data::Unit),
            tag::OBJECT => {
                let name = self.number()? as usize;
                let name = self.names.get(name).ok_or_else(damaged)?.clone();
                ArgSpec::Literal(Data::Object(Object::from_wire(name, Bytes::copy_from_slice(self.bytes()?))))
            }
            tag::BATCHES => ArgSpec::Literal(Data::Batches(decode_batches(self.bytes()?)?)),
            tag::CHUNK => ArgSpec::Literal(Data::Chunk(Chunk::decode(&mut self.bytes()?)?)),
            tag::INPUT => ArgSpec::Input { edge: self.edge()?, nth: self.index()? },
            tag::INPUTS => ArgSpec::Inputs { edge: self.edge()? },
            tag::SPAN => ArgSpec::Span { edge: self.edge()?, start: self.index()?, len: self.index()? },
            tag::LIST => ArgSpec::List((0..self.count()?).map(|_| self.arg(depth + 1)).collect::<Result<_>>()?),
            tag::CALL => ArgSpec::Call(Box::new(self.call(depth + 1)?)),
            _ => return Err(damaged()),
        })
    }

    fn edge(&mut self) -> Result<u16> {
        self.number()?.try_into().map_err(|_| damaged())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, RecordBatch};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn args() -> impl Strategy<Value = ArgSpec> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(|value| ArgSpec::Literal(value.into_data())),
            ".{0,8}".prop_map(|value| ArgSpec::Literal(value.into_data())),
            Just(ArgSpec::Literal(Data::Unit)),
            (any::<u16>(), any::<u32>()).prop_map(|(edge, nth)| ArgSpec::Input { edge, nth }),
            any::<u16>().prop_map(|edge| ArgSpec::Inputs { edge }),
            (any::<u16>(), any::<u32>(), any::<u32>()).prop_map(|(edge, start, len)| ArgSpec::Span { edge, start, len }),
        ];
        leaf.prop_recursive(4, 20, 4, |inner| {
            let items = prop::collection::vec(inner, 0..4);
            prop_oneof![
                items.clone().prop_map(ArgSpec::List),
                (any::<u32>(), items).prop_map(|(function, args)| ArgSpec::Call(Box::new(Call { function, args }))),
            ]
        })
    }

    fn calls() -> impl Strategy<Value = Calls> {
        let call = (0u32..9, prop::collection::vec(args(), 0..4)).prop_map(|(function, args)| Call { function, args });
        prop::collection::vec(call, 0..6).prop_map(Calls::new)
    }

    fn texts(calls: &Calls, tasks: Range<Index>) -> Vec<String> {
        tasks.map(|task| format!("{:?}", calls.get(task).unwrap().describe(&[], &[]))).collect()
    }

    proptest! {
        #[test]
        fn calls_survive_the_wire_in_blocks(calls in calls(), cut in 0u32..6) {
            let n = calls.rows.len() as u32;
            let cut = cut.min(n);
            for block in [0..cut, cut..n, 0..n] {
                let arrived = Calls::decode(&calls.encode_rows(block.clone()).unwrap()).unwrap();
                prop_assert_eq!(texts(&arrived, block.clone()), texts(&calls, block.clone()));
                prop_assert_eq!(arrived.encode_rows(block.clone()).unwrap(), calls.encode_rows(block).unwrap());
            }
        }

        #[test]
        fn garbage_is_an_error(calls in calls(), cut in any::<prop::sample::Index>(), noise in prop::collection::vec(any::<u8>(), 0..64)) {
            let whole = calls.encode_rows(0..calls.rows.len() as u32).unwrap();
            prop_assert!(Calls::decode(&whole[..cut.index(whole.len())]).is_err());
            let _ = Calls::decode(&noise);
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_an_overflow() {
        let mut block = vec![0, 0, 1, 0, 1];
        block.extend(std::iter::repeat_n([tag::LIST, 1], 100_000).flatten());
        assert!(Calls::decode(&block).unwrap_err().message().contains("nest deeper"));
    }

    #[test]
    fn rows_survive_the_wire() {
        let column: arrow_array::ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
        let data = Data::Batches(Batches { schema: batch.schema(), batches: vec![batch.clone()].into() });
        let calls = Calls::new(vec![Call::new(0, vec![ArgSpec::Literal(data)])]);
        let arrived = Calls::decode(&calls.encode_rows(0..1).unwrap()).unwrap();
        let ArgSpec::Literal(Data::Batches(arrived)) = &arrived.rows[0].args[0] else { panic!("they were rows") };
        assert_eq!(arrived.batches[..], [batch]);
    }
}
