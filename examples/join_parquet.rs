//! A join and a group-by over Parquet files: `cargo run --example join_parquet`
//!
//! ```text
//! 3 files, 9 rows
//! shape: (2, 3)
//! ┌──────┬───────┬─────┐
//! │ city │ sales │   n │
//! │ str  │   f64 │ i64 │
//! ╞══════╪═══════╪═════╡
//! │ Oslo │  30.5 │   6 │
//! │ Rome │  14.0 │   3 │
//! └──────┴───────┴─────┘
//! ```

use stratal::prelude::*;

fn main() -> stratal::Result<()> {
    let directory = std::env::temp_dir().join(format!("stratal-join-{}", std::process::id()));
    let shops = frame! { "shop" => ["a", "b", "c"], "city" => ["Oslo", "Rome", "Oslo"] };
    let sales = frame! {
        "shop" => ["a", "b", "c", "a", "b", "c", "a", "b", "c"],
        "amount" => [1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 7.0, 9.0],
    };
    // A path without an ending is a directory, with a file for each partition.
    let path = directory.join("sales").to_string_lossy().into_owned();
    let written = sales.repartition(3).write_parquet(path.as_str())?;
    println!("{} files, {} rows", written.files, written.rows);

    let per_city = DFrame::read_parquet(path.as_str())
        .join(&shops, on("shop"))
        .group_by("city")
        .agg([col("amount").sum().alias("sales"), count().alias("n")])
        .sort("city");
    per_city.show()?;
    std::fs::remove_dir_all(directory)?;
    Ok(())
}
