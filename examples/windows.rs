//! Windows: running sums, the row before, ranks, and a mean over seven days: `cargo run --example windows`
//!
//! ```text
//! shape: (5, 7)
//! ┌──────┬────────────┬───────┬────────┬────────┬─────────┬─────────┐
//! │ user │ day        │ spent │ so_far │ before │ mean_7d │ percent │
//! │ str  │ date       │   i64 │    i64 │    i64 │     f64 │     i64 │
//! ╞══════╪════════════╪═══════╪════════╪════════╪═════════╪═════════╡
//! │ ann  │ 2024-01-01 │    10 │     10 │   null │    10.0 │      16 │
//! │ ann  │ 2024-01-05 │    20 │     30 │     10 │    15.0 │      33 │
//! │ ann  │ 2024-01-20 │    30 │     60 │     20 │    30.0 │      50 │
//! │ bob  │ 2024-01-02 │     5 │      5 │   null │     5.0 │      41 │
//! │ bob  │ 2024-01-03 │     7 │     12 │      5 │     6.0 │      58 │
//! └──────┴────────────┴───────┴────────┴────────┴─────────┴─────────┘
//! shape: (2, 3)
//! ┌──────┬────────────┬───────┐
//! │ user │ day        │ spent │
//! │ str  │ date       │   i64 │
//! ╞══════╪════════════╪═══════╡
//! │ ann  │ 2024-01-20 │    30 │
//! │ bob  │ 2024-01-03 │     7 │
//! └──────┴────────────┴───────┘
//! ```

use stratal::prelude::*;

fn main() -> stratal::Result<()> {
    let visits = frame! {
        "user" => ["ann", "bob", "ann", "ann", "bob"],
        "day" => ["2024-01-01", "2024-01-02", "2024-01-05", "2024-01-20", "2024-01-03"],
        "spent" => [10i64, 5, 20, 30, 7],
    }
    .with_column("day", col("day").cast("date"));

    let of_user = Window::by("user").order_by("day");
    let shown = visits
        .with_columns([
            col("spent").cum_sum().over(&of_user).alias("so_far"),
            col("spent").lag(1).over(&of_user).alias("before"),
            col("spent").mean().over(of_user.trailing("7d")).alias("mean_7d"),
            (col("spent") * 100 / col("spent").sum().over("user")).alias("percent"),
        ])
        .sort(("user", "day"));
    shown.show()?;

    // The largest visit of each user: a window may stand in a filter.
    let largest = visits.filter(row_number().over(Window::by("user").order_by(col("spent").desc())).eq(1)).sort("user");
    largest.show()
}
