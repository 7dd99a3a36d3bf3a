//! [`Data`]: the result of a task, as the store keeps it.

use super::{Chunk, Object};
use arrow_array::{Array, RecordBatch};
use arrow_schema::SchemaRef;
use rustc_hash::FxHashSet;
use std::{fmt, sync::Arc};

/// The result of one task. Cheap to clone.
#[derive(Clone)]
pub enum Data {
    /// Rows.
    Batches(Batches),
    /// A box of an array.
    Chunk(Chunk),
    /// A value of a user's function.
    Object(Object),
    /// Nothing but the fact that the task is done.
    Unit,
}

/// Record batches of one schema, which stands even where there are no batches.
#[derive(Clone)]
pub struct Batches {
    /// The schema of all batches.
    pub schema: SchemaRef,
    /// The rows, in order.
    pub batches: Arc<[RecordBatch]>,
}

impl Batches {
    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.batches.iter().map(|batch| batch.num_rows() as u64).sum()
    }

    /// Bytes of memory that the batches keep alive, every buffer counted once however many slices share it.
    pub fn bytes(&self) -> u64 {
        let mut seen = FxHashSet::default();
        self.batches.iter().flat_map(RecordBatch::columns).map(|column| buffer_bytes(&column.to_data(), &mut seen)).sum()
    }
}

fn buffer_bytes(data: &arrow_data::ArrayData, seen: &mut FxHashSet<usize>) -> u64 {
    let nulls = data.nulls().map(|nulls| nulls.buffer());
    let own: u64 = data
        .buffers()
        .iter()
        .chain(nulls)
        .filter(|buffer| seen.insert(buffer.data_ptr().as_ptr() as usize))
        .map(|buffer| buffer.capacity() as u64)
        .sum();
    own + data.child_data().iter().map(|child| buffer_bytes(child, seen)).sum::<u64>()
}

impl Data {
    /// The number of rows; 1 for what is not rows.
    pub fn rows(&self) -> u64 {
        match self {
            Data::Batches(batches) => batches.rows(),
            Data::Chunk(_) | Data::Object(_) | Data::Unit => 1,
        }
    }

    /// Bytes of memory it keeps alive.
    pub fn bytes(&self) -> u64 {
        match self {
            Data::Batches(batches) => batches.bytes(),
            Data::Chunk(chunk) => chunk.bytes(),
            Data::Object(object) => object.bytes(),
            Data::Unit => 0,
        }
    }

    /// What it is, for errors.
    pub fn type_name(&self) -> String {
        match self {
            Data::Batches(_) => "Frame".to_owned(),
            Data::Chunk(_) => "Chunk".to_owned(),
            Data::Object(object) => object.type_name().to_owned(),
            Data::Unit => "()".to_owned(),
        }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({} rows, {} bytes)", self.type_name(), self.rows(), self.bytes())
    }
}
