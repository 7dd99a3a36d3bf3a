//! Windows: running sums, the row before, ranks, and a mean over seven days: `cargo run --example windows`

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
