//! [`PartitionWriter`]: the rows of one partition to files, in one attempt: rolled by size, apart by keys.

use super::{
    encode::Encoder,
    hive::Keys,
    output::Output,
    piece::Piece,
    target::{Layout, Target, joined},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::execution::memory_pool::MemoryReservation;
use std::{collections::HashMap, mem, sync::Arc};
use stratal_core::Result;

/// Files that are open at once; of more directories, the one that was written to longest ago is closed.
const OPEN: usize = 64;

/// Writes the rows of a partition.
pub(super) struct PartitionWriter {
    target: Arc<Target>,
    partition: u32,
    /// Tells its files from those of other attempts.
    attempt: String,
    /// The columns that stand in files.
    schema: SchemaRef,
    keys: Option<Keys>,
    memory: MemoryReservation,
    open: HashMap<String, FileWriter>,
    /// How many files were begun, in each directory and in all.
    begun: HashMap<String, u32>,
    serial: u32,
    /// Counts batches, to know which file was written to longest ago.
    clock: u64,
    done: Vec<Piece>,
}

/// One file in the making.
struct FileWriter {
    encoder: Encoder,
    output: Output,
    nth: u32,
    rows: u64,
    last: u64,
}

impl FileWriter {
    fn held(&self) -> usize {
        self.encoder.held() + self.output.held()
    }

    async fn pass_on(&mut self) -> Result<()> {
        match self.encoder.take() {
            bytes if bytes.is_empty() => Ok(()),
            bytes => self.output.push(bytes).await,
        }
    }
}

impl PartitionWriter {
    /// A writer of rows of these columns.
    pub(super) fn new(target: Target, partition: u32, attempt: String, schema: SchemaRef, memory: MemoryReservation) -> Result<Self> {
        let keys = if target.keys.is_empty() { None } else { Some(Keys::new(&target.keys, &schema)?) };
        let schema = keys.as_ref().map_or(schema, |keys| keys.schema().clone());
        let (open, begun, serial, clock, done) = Default::default();
        let target = Arc::new(target);
        Ok(PartitionWriter { target, partition, attempt, schema, keys, memory, open, begun, serial, clock, done })
    }

    /// Takes rows in.
    pub(super) async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let parts = match &self.keys {
            None => vec![(String::new(), batch.clone())],
            Some(keys) => keys.split(batch)?,
        };
        for (directory, rows) in parts {
            self.write_to(directory, &rows).await?;
        }
        self.fit().await
    }

    async fn write_to(&mut self, directory: String, rows: &RecordBatch) -> Result<()> {
        self.clock += 1;
        let is_open = self.open.contains_key(&directory);
        if !is_open {
            if self.open.len() >= OPEN {
                let oldest = self.open.iter().min_by_key(|(_, file)| file.last).map(|(directory, _)| directory.clone());
                self.close(oldest, false).await?;
            }
            let file = self.begin(&directory)?;
            self.open.insert(directory.clone(), file);
        }
        let (clock, most) = (self.clock, self.target.file_bytes);
        if let Some(file) = self.open.get_mut(&directory) {
            file.encoder.write(rows)?;
            file.rows += rows.num_rows() as u64;
            file.last = clock;
            file.pass_on().await?;
            if most.is_some_and(|most| file.output.bytes() + file.encoder.ahead() >= most) {
                self.close(Some(directory), false).await?;
            }
        }
        Ok(())
    }

    /// Begins the next file of a directory.
    fn begin(&mut self, directory: &str) -> Result<FileWriter> {
        let begun = self.begun.entry(directory.to_owned()).or_default();
        let nth = *begun;
        *begun += 1;
        self.serial += 1;
        let path = match self.target.layout {
            Layout::File => self.target.location()?,
            Layout::Directory => self.target.object(&joined(directory, &self.target.names.name(self.partition, nth)))?,
        };
        let serial = format!("{}-{}-{}", self.partition, self.attempt, self.serial);
        // Of a file that is put together from those of all partitions, the first has the header.
        let is_first = self.target.layout == Layout::Directory || self.partition == 0;
        let encoder = Encoder::new(&self.target.format, &self.schema, is_first)?;
        Ok(FileWriter { encoder, output: Output::new(&self.target, path, &serial)?, nth, rows: 0, last: self.clock })
    }

    /// Closes the file of a directory.
    async fn close(&mut self, directory: Option<String>, is_spare: bool) -> Result<()> {
        let Some((directory, file)) = directory.and_then(|directory| self.open.remove_entry(&directory)) else { return Ok(()) };
        let FileWriter { encoder, mut output, nth, rows, .. } = file;
        output.push(encoder.finish()?).await?;
        let bytes = output.bytes();
        let place = output.finish().await?;
        self.done.push(Piece { partition: self.partition, nth, directory, rows, bytes, is_spare, place });
        Ok(())
    }

    /// Accounts for what is held. Where there is not enough memory, files are closed, the largest first; the last one only
    /// turns its rows into bytes.
    async fn fit(&mut self) -> Result<()> {
        loop {
            let held = self.open.values().map(FileWriter::held).sum();
            if self.memory.try_resize(held).is_ok() {
                return Ok(());
            }
            let largest = self.open.iter().max_by_key(|(_, file)| file.held()).map(|(directory, _)| directory.clone());
            if self.open.len() > 1 {
                self.close(largest, false).await?;
                continue;
            }
            for file in self.open.values_mut() {
                file.encoder.flush()?;
                file.pass_on().await?;
            }
            self.memory.resize(self.open.values().map(FileWriter::held).sum());
            return Ok(());
        }
    }

    /// Closes all files and says what was written. A partition without rows leaves a file without rows, where partitions
    /// are files.
    pub(super) async fn finish(mut self) -> Result<Vec<Piece>> {
        let is_empty = self.open.is_empty() && self.done.is_empty();
        let nowhere = match &self.keys {
            None => Some(String::new()),
            Some(keys) if self.partition == 0 => Some(keys.of_nulls()),
            Some(_) => None,
        };
        if let Some(directory) = nowhere.filter(|_| is_empty) {
            let file = self.begin(&directory)?;
            self.open.insert(directory.clone(), file);
            let is_spare = self.keys.is_some();
            self.close(Some(directory), is_spare).await?;
        }
        let mut left: Vec<String> = self.open.keys().cloned().collect();
        left.sort_unstable();
        for directory in left {
            self.close(Some(directory), false).await?;
        }
        Ok(mem::take(&mut self.done))
    }
}
