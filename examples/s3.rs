//! Reading from an object store: `cargo run --example s3 -- s3://bucket/taxi/*.parquet eu-west-1`
//!
//! Without arguments it reads the same way from the file system, so that it runs anywhere. Keys are taken from the
//! environment (`AWS_ACCESS_KEY_ID`, …), or given: `.storage([("access_key_id", ..), ("secret_access_key", ..)])`.
//!
//! ```text
//! data/myfile.*.csv: 4000 rows
//! ```

use stratal::prelude::*;

fn main() -> stratal::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "data/myfile.*.csv".to_owned());
    let settings: Vec<(String, String)> = arguments.next().map(|region| ("region".to_owned(), region)).into_iter().collect();
    let df = match path.ends_with(".parquet") {
        true => DFrame::read_parquet(ParquetOptions::new(&path).storage(settings)),
        false => DFrame::read_csv(CsvOptions::new(&path).storage(settings)),
    };
    println!("{path}: {} rows", df.count()?);
    Ok(())
}
