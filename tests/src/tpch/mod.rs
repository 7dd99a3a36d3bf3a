//! TPC-H: its data, generated on the spot, and its 22 queries written with frames.
//!
//! - [`generate`]: the eight tables as files, in as many parts as asked for. [`rows`]: a part of one.
//! - [`Tables`]: those files as frames. [`query`]: a query over them.

mod generate;
mod queries;

pub use generate::{Format, generate, rows};
pub use queries::query;

use std::path::Path;
use stratal::prelude::*;

/// The tables' names.
pub const TABLES: [&str; 8] = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"];

/// The eight tables.
pub struct Tables {
    /// The scale factor: 1 is about a gigabyte of text.
    pub scale: f64,
    /// Customers.
    pub customer: DFrame,
    /// The lines of orders.
    pub lineitem: DFrame,
    /// Nations.
    pub nation: DFrame,
    /// Orders.
    pub orders: DFrame,
    /// Parts.
    pub part: DFrame,
    /// Which supplier has which part, and at what price.
    pub partsupp: DFrame,
    /// Regions.
    pub region: DFrame,
    /// Suppliers.
    pub supplier: DFrame,
}

impl Tables {
    /// The files that [`generate`] left in a directory.
    pub fn read(directory: &Path, format: Format, scale: f64) -> Self {
        Tables::of(scale, |name| {
            let files = directory.join(format!("{name}.*.{}", format.ending()));
            match format {
                Format::Csv => DFrame::read_csv(files),
                Format::Parquet => DFrame::read_parquet(files),
            }
        })
    }

    /// Each table as `table` gives it.
    pub fn of(scale: f64, table: impl Fn(&str) -> DFrame) -> Self {
        Tables {
            scale,
            customer: table("customer"),
            lineitem: table("lineitem"),
            nation: table("nation"),
            orders: table("orders"),
            part: table("part"),
            partsupp: table("partsupp"),
            region: table("region"),
            supplier: table("supplier"),
        }
    }
}
