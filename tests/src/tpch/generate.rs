//! The tables as files, the same for the same scale wherever they are made.

use arrow_array::RecordBatchReader;
use arrow_csv::Writer as CsvWriter;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};
use std::{
    error::Error,
    fs::{self, File},
    path::Path,
};
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator, PartSuppGenerator, RegionGenerator,
    SupplierGenerator,
};
use tpchgen_arrow::{CustomerArrow, LineItemArrow, NationArrow, OrderArrow, PartArrow, PartSuppArrow, RegionArrow, SupplierArrow};

/// What kind of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with a header.
    Csv,
    /// Columns, compressed.
    Parquet,
}

impl Format {
    /// The ending of the files' names.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
        }
    }
}

type Rows = Box<dyn RecordBatchReader>;

/// One part of a table, from 1 to `parts`.
pub fn rows(table: &str, scale: f64, part: i32, parts: i32) -> Rows {
    match table {
        "customer" => Box::new(CustomerArrow::new(CustomerGenerator::new(scale, part, parts))),
        "lineitem" => Box::new(LineItemArrow::new(LineItemGenerator::new(scale, part, parts))),
        "nation" => Box::new(NationArrow::new(NationGenerator::new(scale, part, parts))),
        "orders" => Box::new(OrderArrow::new(OrderGenerator::new(scale, part, parts))),
        "part" => Box::new(PartArrow::new(PartGenerator::new(scale, part, parts))),
        "partsupp" => Box::new(PartSuppArrow::new(PartSuppGenerator::new(scale, part, parts))),
        "region" => Box::new(RegionArrow::new(RegionGenerator::new(scale, part, parts))),
        _ => Box::new(SupplierArrow::new(SupplierGenerator::new(scale, part, parts))),
    }
}

/// Writes all tables into a directory: `lineitem.0.parquet`, `lineitem.1.parquet`, … Nations and regions are one file each.
///
/// # Errors
/// What the file system refuses.
pub fn generate(directory: &Path, format: Format, scale: f64, parts: usize) -> Result<(), Box<dyn Error + Send + Sync>> {
    fs::create_dir_all(directory)?;
    for table in super::TABLES {
        let parts = if matches!(table, "nation" | "region") { 1 } else { parts };
        for part in 0..parts {
            let rows = rows(table, scale, part as i32 + 1, parts as i32);
            let file = File::create(directory.join(format!("{table}.{part}.{}", format.ending())))?;
            match format {
                Format::Csv => write_csv(rows, file)?,
                Format::Parquet => write_parquet(rows, file)?,
            }
        }
    }
    Ok(())
}

fn write_csv(rows: Rows, file: File) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut writer = CsvWriter::new(file);
    for batch in rows {
        writer.write(&batch?)?;
    }
    Ok(())
}

fn write_parquet(rows: Rows, file: File) -> Result<(), Box<dyn Error + Send + Sync>> {
    let compression = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties))?;
    for batch in rows {
        writer.write(&batch?)?;
    }
    writer.close()?;
    Ok(())
}
