//! The rows of one partition, batch by batch. A value that does not fit is named by file, line and column.

use super::{
    columns::Columns,
    head,
    options::{OnMismatch, RaggedRows},
    parse::{Rows, array},
    record::Field,
    records::{Next, Records, is_blank, ragged},
    table::{CsvTable, Layout},
};
use crate::{
    error::of_datafusion,
    source::{
        files::{BLOCK, shortened},
        origin::samples,
    },
    types::type_name,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat;
use datafusion::common::ScalarValue;
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};

/// One reading of one partition.
pub(super) struct Scan {
    table: Arc<CsvTable>,
    file: usize,
    layout: Layout,
    /// Values of the columns that do not stand in the file.
    extra: Vec<ScalarValue>,
    projection: Vec<usize>,
    schema: SchemaRef,
    records: Records,
    batch_rows: usize,
    fields: Vec<Field>,
    /// What is wrong behind the rows that were given out.
    failed: Option<Error>,
}

/// Where so many fields stand is kept at a time.
const FIELDS: usize = 1 << 13;

/// A batch ends with the rows in which so many bytes of the file were read, also where it has few rows: texts may be long.
const BYTES: u64 = 8 * BLOCK as u64;

/// A value that is not of its column's type.
struct Unfit {
    row: usize,
    column: usize,
    field: Field,
    text: String,
}

/// A column of its parts.
fn whole(parts: &[ArrayRef]) -> Result<ArrayRef> {
    match parts {
        [part] => Ok(part.clone()),
        parts => Ok(concat(&parts.iter().map(|part| &**part).collect::<Vec<_>>())?),
    }
}

impl Scan {
    /// Opens the partition's file, if it is still the one that was bound, and goes to where the part begins. None for a
    /// partition of nothing.
    pub(super) async fn open(
        table: Arc<CsvTable>,
        partition: usize,
        projection: Vec<usize>,
        schema: SchemaRef,
        batch_rows: usize,
    ) -> Result<Option<Self>> {
        let Some(part) = table.parts.get(partition).copied() else { return Ok(None) };
        let file = &table.files[part.file];
        let open = || Records::open(&file.listed, part.start..part.end, file.compression, table.dialect);
        let (mut records, mut layout) = (open()?, file.layout.clone());
        if part.start == 0 {
            let head = head::read(&mut records, table.preamble, table.dialect).await?;
            if layout.is_none() {
                let names: Vec<&str> = table.schema.fields()[..table.own()].iter().map(|field| field.name().as_str()).collect();
                let columns = Columns { file: &file.listed, names: head.names.as_deref(), width: head.width, blanks: head.blanks };
                layout = Some(columns.layout(&names, &table.reference, table.union_by_name, table.ragged)?);
            }
            if head.blanks && layout.as_ref().is_some_and(|layout| layout.width == 1) {
                records = open()?;
                head::start(&mut records, table.preamble).await?;
            }
        }
        let layout = layout.ok_or_else(|| Error::internal("a file that was not looked at was cut"))?;
        let extra = table.extra.values(&file.listed)?;
        Ok(Some(Scan { file: part.file, layout, extra, table, projection, schema, records, batch_rows, fields: Vec::new(), failed: None }))
    }

    /// The next rows; none at the end. What cannot be read is told after the rows before it.
    pub(super) async fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let (mut rows, mut parts) = (0, vec![Vec::new(); self.projection.len()]);
        let start = self.records.offset();
        while rows < self.batch_rows && self.records.offset() - start < BYTES && self.failed.is_none() {
            match self.next_rows(self.batch_rows - rows).await {
                Ok((0, _)) => break,
                Ok((more, columns)) => {
                    rows += more;
                    parts.iter_mut().zip(columns).for_each(|(parts, column)| parts.push(column));
                }
                Err(error) => self.failed = Some(error),
            }
        }
        if rows == 0 {
            return self.failed.take().map_or(Ok(None), Err);
        }
        let columns = parts.iter().map(|parts| whole(parts)).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(Some(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?))
    }

    /// The wanted columns of a few rows, so few that where their fields stand fits in the cache; none at the end, and before a row
    /// that cannot be read.
    async fn next_rows(&mut self, most: usize) -> Result<(usize, Vec<ArrayRef>)> {
        let mut rows = self.split(most.min((FIELDS / self.layout.width.max(1)).max(1))).await?;
        let (mut columns, mut first) = (Vec::new(), None);
        while rows > 0 {
            match self.arrays(rows)? {
                (all, None) => {
                    columns = all;
                    break;
                }
                // Another column may have one before it.
                (_, Some(unfit)) => {
                    rows = unfit.row;
                    self.fields.truncate(rows * self.layout.width);
                    first = Some(unfit);
                }
            }
        }
        if let Some(unfit) = first {
            self.failed = Some(self.unfit(unfit).await?);
        }
        Ok((rows, columns))
    }

    /// The wanted columns of the rows at hand, or a value that does not fit: the first of its column.
    fn arrays(&self, rows: usize) -> Result<(Vec<ArrayRef>, Option<Unfit>)> {
        let table = &self.table;
        let is_lenient = table.on_mismatch == OnMismatch::Null;
        let fields = Rows {
            buffer: self.records.buffer(),
            fields: &self.fields,
            width: self.layout.width,
            dialect: table.dialect,
            nulls: &table.nulls,
        };
        let mut columns = Vec::with_capacity(self.projection.len());
        for column in self.projection.iter().copied() {
            let data_type = table.schema.field(column).data_type();
            if column >= table.own() {
                columns.push(self.extra[column - table.own()].to_array_of_size(rows).map_err(of_datafusion)?);
                continue;
            }
            let Some(at) = self.layout.order[column] else {
                columns.push(new_null_array(data_type, rows));
                continue;
            };
            match array(&fields, at, data_type, is_lenient) {
                Ok(array) => columns.push(array),
                Err(row) => {
                    let field = fields.field(row, at);
                    let text = String::from_utf8_lossy(&fields.cell(field).unwrap_or_default()).into_owned();
                    return Ok((columns, Some(Unfit { row, column, field, text })));
                }
            }
        }
        Ok((columns, None))
    }

    /// Splits records into `fields`, `most` at most and as many as the buffer holds whole, up to one that cannot be read; says how
    /// many.
    async fn split(&mut self, most: usize) -> Result<usize> {
        self.fields.clear();
        let (width, mut rows) = (self.layout.width, 0);
        while rows < most {
            rows += self.records.next_many(width, most - rows, &mut self.fields);
            if rows == most {
                break;
            }
            let before = self.fields.len();
            match self.records.next(&mut self.fields) {
                Next::Record => {
                    let record = &self.fields[before..];
                    let count = record.len();
                    if width > 1 && is_blank(record) {
                        self.fields.truncate(before);
                    } else if count == width {
                        rows += 1;
                    } else if self.table.ragged == RaggedRows::FillNull && record.iter().skip(width).all(|field| field.is_blank()) {
                        self.fields.resize(before + width, Field::MISSING);
                        rows += 1;
                    } else {
                        let offset = self.records.offset_of(record[0].start());
                        let line = self.records.line_of(offset).await?;
                        self.failed = Some(ragged(&self.table.files[self.file].listed.shown, line, count, width));
                        self.fields.truncate(before);
                        break;
                    }
                }
                // Reading on would move the records at hand.
                Next::Starved if rows > 0 => break,
                Next::Starved => {
                    self.fields.clear();
                    self.records.fill().await?;
                }
                // What is wrong is told once the rows before it were given out.
                Next::Broken(_) if rows > 0 => break,
                Next::Broken(broken) => return Err(self.records.blame(broken).await?),
                Next::End => break,
            }
        }
        Ok(rows)
    }

    /// The error of a value that is not of its column's type.
    async fn unfit(&mut self, Unfit { column, field, text, .. }: Unfit) -> Result<Error> {
        let offset = self.records.offset_of(field.start());
        let line = self.records.line_of(offset).await?;
        let table = &self.table;
        let (name, data_type) = (table.schema.field(column).name(), type_name(table.schema.field(column).data_type()));
        let origin = match table.inferred[column] {
            true => format!("type from {}", samples(table.sampled)),
            false => "type as given".to_owned(),
        };
        Ok(Error::new(ErrorKind::BadValue, format!("{:?} is not {data_type} ({origin})", shortened(&text)))
            .in_file(&*table.files[self.file].listed.shown, Some(line), Some(name))
            .with_help(format!("CsvOptions::dtype({name:?}, \"str\"), or on_mismatch(OnMismatch::Null)")))
    }
}
