//! [`Encoder`]: rows to the bytes of one file, which are taken from it as they are made.

use super::{
    compress::Compressor,
    format::{Codec, Format, ipc_compression, parquet_compression},
};
use crate::format::{csv, json};
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::{
    arrow::ArrowWriter,
    errors::ParquetError,
    file::properties::{EnabledStatistics, WriterProperties},
};
use std::{mem, sync::Arc};
use stratal_core::{Error, Result};

/// Bytes of text that go through a codec at once.
const BLOCK: usize = 256 << 10;

/// One file in the making.
pub(super) struct Encoder(Kind);

enum Kind {
    Text(Text),
    Parquet(Box<ArrowWriter<Vec<u8>>>),
    Ipc(Box<FileWriter<Vec<u8>>>, SchemaRef),
}

struct Text {
    format: Format,
    /// What did not go through the codec yet.
    plain: Vec<u8>,
    codec: Option<Compressor>,
    packed: Vec<u8>,
    any_rows: bool,
}

impl Encoder {
    /// A file of these columns. `is_first` says that it is not a later part of one that others began.
    ///
    /// # Errors
    /// `TypeMismatch` and its like for columns that the format cannot hold.
    pub(super) fn new(format: &Format, schema: &SchemaRef, is_first: bool) -> Result<Self> {
        let text = |codec: Codec, plain: Vec<u8>| -> Result<Kind> {
            let codec = codec.packs().map(Compressor::new).transpose()?;
            Ok(Kind::Text(Text { format: format.clone(), plain, codec, packed: Vec::new(), any_rows: false }))
        };
        Ok(Encoder(match format {
            Format::Csv { header, delimiter, codec } => {
                let mut plain = Vec::new();
                if *header && is_first {
                    csv::header(schema, *delimiter, &mut plain);
                }
                text(*codec, plain)?
            }
            Format::Lines(codec) => text(*codec, Vec::new())?,
            Format::Array(codec) => text(*codec, json::ARRAY[0].to_vec())?,
            Format::Parquet { row_group_rows, compression } => {
                let properties = WriterProperties::builder()
                    .set_compression(parquet_compression(compression)?)
                    .set_max_row_group_row_count(Some(*row_group_rows))
                    .set_statistics_enabled(EnabledStatistics::Page)
                    .set_created_by(concat!("stratal ", env!("CARGO_PKG_VERSION")).to_owned())
                    .build();
                Kind::Parquet(Box::new(ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties)).map_err(of_parquet)?))
            }
            Format::Ipc { compression } => {
                let schema = unpacked(schema);
                let options = IpcWriteOptions::default().try_with_compression(ipc_compression(compression)?)?;
                Kind::Ipc(Box::new(FileWriter::try_new_with_options(Vec::new(), &schema, options)?), schema)
            }
        }))
    }

    /// Takes rows in.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match &mut self.0 {
            Kind::Text(text) => text.write(batch),
            Kind::Parquet(writer) => writer.write(batch).map_err(of_parquet),
            Kind::Ipc(writer, schema) => Ok(writer.write(&unpack(batch, schema)?)?),
        }
    }

    /// The bytes that were made and not taken yet.
    pub(super) fn take(&mut self) -> Vec<u8> {
        match &mut self.0 {
            Kind::Text(Text { codec: None, plain, .. }) => {
                // The next rows will take about as much.
                let next = Vec::with_capacity(plain.len());
                mem::replace(plain, next)
            }
            Kind::Text(text) => mem::take(&mut text.packed),
            Kind::Parquet(writer) => mem::take(writer.inner_mut()),
            Kind::Ipc(writer, _) => mem::take(writer.get_mut()),
        }
    }

    /// Bytes of memory that it holds.
    pub(super) fn held(&self) -> usize {
        match &self.0 {
            Kind::Text(text) => text.plain.len() + text.packed.len(),
            Kind::Parquet(writer) => writer.memory_size() + writer.inner().len(),
            Kind::Ipc(writer, _) => writer.get_ref().len(),
        }
    }

    /// Bytes that the file will have on account of rows that were not taken yet, as far as that is known.
    pub(super) fn ahead(&self) -> u64 {
        match &self.0 {
            Kind::Text(Text { codec: None, plain, .. }) => plain.len() as u64,
            Kind::Text(text) => text.packed.len() as u64,
            Kind::Parquet(writer) => (writer.in_progress_size() + writer.inner().len()) as u64,
            Kind::Ipc(writer, _) => writer.get_ref().len() as u64,
        }
    }

    /// Turns rows that it keeps into bytes, so that they can be taken.
    pub(super) fn flush(&mut self) -> Result<()> {
        match &mut self.0 {
            Kind::Text(text) => text.pack(1),
            Kind::Parquet(writer) => writer.flush().map_err(of_parquet),
            Kind::Ipc(..) => Ok(()),
        }
    }

    /// The bytes that were not taken, to the end of the file.
    pub(super) fn finish(self) -> Result<Vec<u8>> {
        match self.0 {
            Kind::Text(text) => text.finish(),
            Kind::Parquet(writer) => writer.into_inner().map_err(of_parquet),
            Kind::Ipc(writer, _) => Ok(writer.into_inner()?),
        }
    }
}

impl Text {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match &self.format {
            Format::Csv { delimiter, .. } => csv::rows(batch, *delimiter, &mut self.plain),
            Format::Array(_) => json::elements(batch, !self.any_rows, &mut self.plain),
            _ => json::lines(batch, &mut self.plain),
        }
        self.any_rows |= batch.num_rows() > 0;
        self.pack(BLOCK)
    }

    /// Sends text through the codec if there is as much of it.
    fn pack(&mut self, least: usize) -> Result<()> {
        match &mut self.codec {
            Some(codec) if self.plain.len() >= least => codec.push(mem::take(&mut self.plain), &mut self.packed),
            _ => Ok(()),
        }
    }

    fn finish(mut self) -> Result<Vec<u8>> {
        if matches!(self.format, Format::Array(_)) {
            self.plain.extend_from_slice(if self.any_rows { json::ARRAY[2] } else { json::EMPTY });
        }
        self.pack(1)?;
        match self.codec {
            None => Ok(self.plain),
            Some(codec) => {
                codec.finish(&mut self.packed)?;
                Ok(self.packed)
            }
        }
    }
}

fn of_parquet(error: ParquetError) -> Error {
    ArrowError::from(error).into()
}

/// The columns without dictionaries: in a file of the format a column has one for all batches, and rows that come together
/// from many places have many.
fn unpacked(schema: &SchemaRef) -> SchemaRef {
    let plain = |field: &Arc<Field>| match field.data_type() {
        DataType::Dictionary(_, values) => Arc::new(field.as_ref().clone().with_data_type(values.as_ref().clone())),
        _ => field.clone(),
    };
    let fields: Vec<Arc<Field>> = schema.fields().iter().map(plain).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn unpack(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| match column.data_type() == field.data_type() {
        true => Ok(column.clone()),
        false => cast(column, field.data_type()),
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{CsvWrite, IpcWrite, JsonWrite, ParquetWrite, options::Job};
    use arrow_array::{ArrayRef, DictionaryArray, Int64Array, types::Int8Type};
    use arrow_ipc::reader::FileReader;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use std::io::Cursor;

    fn batch(numbers: &[i64]) -> RecordBatch {
        let texts: DictionaryArray<Int8Type> = numbers.iter().map(|number| if number % 2 == 0 { "even" } else { "odd" }).collect();
        let columns: [(&str, ArrayRef); 2] = [("x", Arc::new(Int64Array::from(numbers.to_vec()))), ("s", Arc::new(texts))];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    /// The bytes of a file, some of them taken before it was finished.
    fn file(job: Job, name: Option<&str>, batches: &[RecordBatch]) -> Vec<u8> {
        let format = Format::of(&job, name).unwrap();
        let mut encoder = Encoder::new(&format, &batch(&[]).schema(), true).unwrap();
        let mut bytes = Vec::new();
        for (nth, batch) in batches.iter().enumerate() {
            encoder.write(batch).unwrap();
            if nth % 2 == 0 {
                encoder.flush().unwrap();
            }
            bytes.extend(encoder.take());
        }
        bytes.extend(encoder.finish().unwrap());
        bytes
    }

    #[test]
    fn text_has_a_beginning_and_an_end() {
        let batches = [batch(&[1]), batch(&[2])];
        let text = |job: Job, name: &str, batches: &[RecordBatch]| String::from_utf8(file(job, Some(name), batches)).unwrap();
        assert_eq!(text(CsvWrite::new("x").into_job(), "x.csv", &batches), "x,s\n1,odd\n2,even\n");
        assert_eq!(text(CsvWrite::new("x").header(false).into_job(), "x.tsv", &batches), "1\todd\n2\teven\n");
        assert_eq!(text(CsvWrite::new("x").into_job(), "x.csv", &[]), "x,s\n");
        let json = || JsonWrite::new("x").into_job();
        assert_eq!(text(json(), "x.json", &batches), "[\n{\"x\":1,\"s\":\"odd\"},\n{\"x\":2,\"s\":\"even\"}\n]\n");
        assert_eq!(text(json(), "x.json", &[]), "[\n]\n");
        assert_eq!(text(json(), "x.ndjson", &batches), "{\"x\":1,\"s\":\"odd\"}\n{\"x\":2,\"s\":\"even\"}\n");
    }

    #[test]
    fn files_of_columns_read_back() {
        let batches = [batch(&[1, 2]), batch(&[3]), batch(&[4, 5, 6])];
        let bytes = file(ParquetWrite::new("x").row_group_rows(2).into_job(), None, &batches);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 6);
        assert!(reader.metadata().row_groups().iter().all(|group| group.num_rows() <= 2));
        let bytes = file(IpcWrite::new("x").compression("lz4").into_job(), None, &batches);
        let read: Vec<RecordBatch> = FileReader::try_new(Cursor::new(bytes), None).unwrap().map(Result::unwrap).collect();
        assert_eq!(read.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [2, 1, 3]);
        assert_eq!(*read[0].column(1).data_type(), DataType::Utf8);
    }
}
