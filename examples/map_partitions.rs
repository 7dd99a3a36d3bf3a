//! Functions of your own over partitions and over groups: `cargo run --example map_partitions`
//!
//! ```text
//! 2005 of 4000 rows in 4 partitions
//! shape: (5, 2)
//! ┌─────────┬────────┐
//! │ name    │ spread │
//! │ str     │    i64 │
//! ╞═════════╪════════╡
//! │ Alice   │    499 │
//! │ Bob     │    499 │
//! │ Charlie │    497 │
//! │ Dora    │    499 │
//! │ Emil    │    499 │
//! └─────────┴────────┘
//! ```

use stratal::prelude::*;

/// The rows whose amount is above the mean of their partition.
#[task]
fn above_mean(part: Frame) -> stratal::Result<Frame> {
    let mean = part.lazy().agg(col("amount").mean()).collect()?.item::<Option<f64>>()?;
    part.lazy().filter(col("amount").gt(mean)).collect()
}

/// The spread of a group's amounts.
#[task]
fn spread(group: Frame) -> stratal::Result<Frame> {
    let amounts = group.column::<i64>("amount")?;
    let (least, most) = (amounts.iter().min().copied(), amounts.iter().max().copied());
    let spread = most.zip(least).map(|(most, least)| most - least);
    frame! { "name" => [group.value::<String>(0, "name")?], "spread" => [spread] }.collect()
}

fn main() -> stratal::Result<()> {
    let df = DFrame::read_csv("data/myfile.*.csv");
    let above = df.map_partitions(above_mean, SameSchema);
    println!("{} of {} rows in {} partitions", above.count()?, df.count()?, df.npartitions()?);
    // One call a group, wherever its rows were.
    df.group_by("name").apply(spread, [("name", "str"), ("spread", "i64")]).sort("name").show()
}
