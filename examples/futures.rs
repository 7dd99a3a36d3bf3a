//! Plain functions: `map` starts one for each item, a future is an argument like any other, the same program runs on a
//! cluster when `STRATAL_SCHEDULER=host:8786` is set and the workers are this program: `futures worker host:8786`.
//!
//! ```text
//! cargo run --example futures
//! ```

use stratal::{prelude::*, tasks::sum};

#[task]
fn square(x: i64) -> i64 {
    x * x
}

fn app() -> stratal::Result<()> {
    let client = Client::current();
    let squares = client.map(square, 0..10_000);
    let total = client.submit(sum, squares);
    println!("{}", total.result()?); // 333283335000
    Ok(())
}

fn main() -> std::process::ExitCode {
    stratal::cli::main_or(app)
}
