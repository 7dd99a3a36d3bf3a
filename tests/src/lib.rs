//! Functions that the tests run on workers: linked into the tests and into `own-worker`, so that both know them by name.

use stratal::prelude::*;

/// `x * x`.
#[task]
pub fn square(x: i64) -> i64 {
    x * x
}

/// `x + 1`.
#[task]
pub fn inc(x: i64) -> i64 {
    x + 1
}

/// `x + 2`.
#[task]
pub fn double(x: i64) -> i64 {
    x + 2
}

/// `a + b`.
#[task]
pub fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Sleeps for so many milliseconds and gives them back.
#[task]
pub fn nap(ms: u64) -> u64 {
    std::thread::sleep(std::time::Duration::from_millis(ms));
    ms
}

/// So many bytes, all the same.
#[task]
pub fn bytes(n: u64, value: u8) -> Vec<u8> {
    vec![value; n as usize]
}

/// The sum of bytes.
#[task]
pub fn weigh(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| *byte as u64).sum()
}

/// Panics at 3.
#[task]
pub fn no_threes(x: i64) -> i64 {
    assert!(x != 3, "no threes");
    x
}

/// Ends the process that runs it when `x` is 0.
#[task]
pub fn poison(x: i64) -> i64 {
    if x == 0 {
        std::process::abort();
    }
    x
}

/// The process that runs it.
#[task(impure)]
pub fn whereabouts(_item: u64) -> u32 {
    std::process::id()
}

/// Reads a file.
#[task]
pub fn read_part(path: &str) -> stratal::Result<Frame> {
    DFrame::read_csv(path).collect()
}

/// Adds `n` to the amounts.
#[task]
pub fn add_n(part: Frame, n: i64) -> stratal::Result<Frame> {
    part.lazy().with_column("amount", col("amount") + n).collect()
}

/// Keeps the rows of one name.
#[task]
pub fn named(part: Frame, who: &str) -> stratal::Result<Frame> {
    part.lazy().filter(col("name").eq(who)).collect()
}

/// A Fibonacci number, by tasks that submit tasks and wait for them.
#[task]
pub fn fib(n: i64) -> stratal::Result<i64> {
    if n < 2 {
        return Ok(n);
    }
    let client = Client::current();
    let (a, b) = (client.submit(fib, n - 1), client.submit(fib, n - 2));
    Ok(a.result()? + b.result()?)
}

/// The rows of a frame that tasks make, counted by a query that a task runs.
#[task]
pub fn rows_of(path: &str) -> stratal::Result<u64> {
    DFrame::read_csv(path).count()
}

/// One item of a table.
#[task]
pub fn look_up(table: &[i64], at: u64) -> i64 {
    table[at as usize]
}

/// Leaves a file in a directory at every try, and fails at the first ones. Gives the number of the try.
#[task]
pub fn fails_at_first(dir: &str, times: u64) -> std::io::Result<u64> {
    let tries = std::fs::read_dir(dir)?.count() as u64;
    std::fs::File::create(format!("{dir}/{tries}"))?;
    if tries < times { Err(std::io::Error::other("not yet")) } else { Ok(tries) }
}

/// Leaves a file, after a while.
#[task]
pub fn leave_late(path: &str) -> std::io::Result<()> {
    std::thread::sleep(std::time::Duration::from_millis(100));
    std::fs::write(path, "done")
}

/// The sum of the squares below `n`, of values that a task scatters and of calls that it waits for together.
#[task]
pub fn gathered(n: i64) -> stratal::Result<i64> {
    let client = Client::current();
    let numbers = client.scatter_all(0..n);
    let squares: Vec<_> = numbers.iter().map(|number| client.submit(square, number)).collect();
    Ok(client.gather(&squares)?.iter().sum())
}
