//! SQL over files and over frames, between other steps: `cargo run --example sql`
//!
//! ```text
//! shape: (2, 3)
//! ┌──────┬────────┬──────────┐
//! │ name │  total │ count(*) │
//! │ str  │    i64 │      i64 │
//! ╞══════╪════════╪══════════╡
//! │ Bob  │ 208599 │      827 │
//! │ Dora │ 204619 │      793 │
//! └──────┴────────┴──────────┘
//! shape: (1, 3)
//! ┌───────┬─────┬───────┐
//! │ name  │   n │ twice │
//! │ str   │ i64 │   i64 │
//! ╞═══════╪═════╪═══════╡
//! │ Alice │ 147 │   294 │
//! └───────┴─────┴───────┘
//! ```

use stratal::prelude::*;

fn main() -> stratal::Result<()> {
    // Files stand in quotes.
    let query = "SELECT name, sum(amount) AS total, count(*) FROM 'data/myfile.*.csv' GROUP BY name ORDER BY total DESC LIMIT 2";
    DFrame::sql(query, ()).show()?;

    // Frames are given by name, and what comes out is a frame like any other.
    let sales = DFrame::read_csv("data/myfile.*.csv");
    let limits = frame! { "name" => ["Alice", "Bob"], "least" => [400i64, 600] };
    let query = "SELECT name, count(*) AS n FROM sales JOIN limits USING (name) WHERE amount >= least GROUP BY name";
    DFrame::sql(query, [("sales", &sales), ("limits", &limits)]).with_column("twice", col("n") * 2).sort("name").show()
}
