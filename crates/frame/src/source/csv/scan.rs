//! The rows of one partition, batch by batch. A value that does not fit is named by file, line and column.

use super::{
    blocks::{Blocks, Next},
    options::OnMismatch,
    parse::{Rows, array},
    record::Field,
    sample::{is_blank, ragged, stamp},
    table::CsvTable,
};
use crate::types::type_name;
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result, Retry};

/// One reading of one partition.
pub(super) struct Scan {
    table: Arc<CsvTable>,
    file: usize,
    projection: Vec<usize>,
    schema: SchemaRef,
    blocks: Blocks,
    batch_rows: usize,
    fields: Vec<Field>,
}

impl Scan {
    /// Opens the partition's file, if it is still the one that was bound.
    pub(super) fn open(
        table: Arc<CsvTable>,
        partition: usize,
        projection: Vec<usize>,
        schema: SchemaRef,
        batch_rows: usize,
    ) -> Result<Self> {
        let part = table.parts[partition];
        let file = &table.files[part.file];
        let now = stamp(&file.absolute, &file.path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => error.with_retry(Retry::Elsewhere).with_help("every worker must see the file under this path"),
            _ => error,
        })?;
        if now != (file.size, file.modified) {
            let error = Error::new(ErrorKind::Io, "the file changed after its types were inferred").with_retry(Retry::Never);
            return Err(error.in_file(&*file.path, None, None).with_help("read it again: DFrame::read_csv(..)"));
        }
        let blocks = Blocks::open(&file.absolute, &file.path, part.start..part.end, table.dialect)?;
        Ok(Scan { file: part.file, table, projection, schema, blocks, batch_rows, fields: Vec::new() })
    }

    /// The next rows; none at the end.
    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let table = self.table.clone();
        let file = &table.files[self.file];
        let rows = self.split(file.width)?;
        if rows == 0 {
            return Ok(None);
        }
        let is_lenient = table.on_mismatch == OnMismatch::Null;
        let fields =
            Rows { buffer: self.blocks.buffer(), fields: &self.fields, width: file.width, dialect: table.dialect, nulls: &table.nulls };
        let mut columns = Vec::with_capacity(self.projection.len());
        for column in self.projection.iter().copied() {
            let at = file.order[column];
            match array(&fields, at, table.schema.field(column).data_type(), is_lenient) {
                Ok(array) => columns.push(array),
                Err(row) => {
                    let field = fields.field(row, at);
                    let text = fields.cell(field).unwrap_or_default();
                    let text = String::from_utf8_lossy(&text).into_owned();
                    return Err(self.unfit(&table, field, column, &text)?);
                }
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(Some(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?))
    }

    /// Splits records into `fields`, as many as a batch has and the buffer holds whole; says how many.
    fn split(&mut self, width: usize) -> Result<usize> {
        self.fields.clear();
        let mut rows = 0;
        while rows < self.batch_rows {
            let before = self.fields.len();
            match self.blocks.next(&mut self.fields)? {
                Next::Record => {
                    let record = &self.fields[before..];
                    if width > 1 && is_blank(record) {
                        self.fields.truncate(before);
                    } else if record.len() != width {
                        let (count, offset) = (record.len(), self.blocks.offset_of(record[0].start()));
                        let line = self.blocks.line_of(offset)?;
                        return Err(ragged(&self.table.files[self.file].path, line, count, width));
                    } else {
                        rows += 1;
                    }
                }
                // Reading on would move the records at hand.
                Next::Starved if rows > 0 => break,
                Next::Starved => {
                    self.fields.clear();
                    self.blocks.fill()?;
                }
                Next::End => break,
            }
        }
        Ok(rows)
    }

    /// The error of a value that is not of its column's type.
    fn unfit(&mut self, table: &CsvTable, field: Field, column: usize, text: &str) -> Result<Error> {
        let line = self.blocks.line_of(self.blocks.offset_of(field.start()))?;
        let (name, data_type) = (table.schema.field(column).name(), type_name(table.schema.field(column).data_type()));
        let files = table.files.len();
        let origin = match table.inferred[column] {
            true => format!("type from {} rows sampled in {files} {}", grouped(table.sampled), if files == 1 { "file" } else { "files" }),
            false => "type as given".to_owned(),
        };
        let shown: String = if text.chars().count() > 64 { text.chars().take(64).chain(['…']).collect() } else { text.to_owned() };
        let path = &table.files[self.file].path;
        Ok(Error::new(ErrorKind::BadValue, format!("{shown:?} is not {data_type} ({origin})"))
            .in_file(&**path, Some(line), Some(name))
            .with_help(format!("CsvOptions::dtype({name:?}, \"str\"), or on_mismatch(OnMismatch::Null)")))
    }
}

/// `12000` as `12,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_grouped() {
        assert_eq!([7, 999, 1000, 12_000, 1_234_567].map(super::grouped), ["7", "999", "1,000", "12,000", "1,234,567"]);
    }
}
