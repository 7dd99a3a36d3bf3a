//! Functions that the tests run on workers: linked into the tests and into `own-worker`, so that both know them by name.

pub mod tpch;

use stratal::{
    array::{
        Chunk, ChunkArray,
        ndarray::{ArrayD, ArrayViewD},
    },
    prelude::*,
};

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

/// Leaves a file of its own in a directory, and gives `x`.
#[task]
pub fn leaves_trace(dir: &str, x: i64) -> std::io::Result<i64> {
    trace(dir)?;
    Ok(x)
}

/// As [`leaves_trace`], and says that it does.
#[task(impure)]
pub fn says_it_leaves_trace(dir: &str, x: i64) -> std::io::Result<i64> {
    trace(dir)?;
    Ok(x)
}

fn trace(dir: &str) -> std::io::Result<()> {
    for number in 0u64.. {
        match std::fs::File::create_new(format!("{dir}/{number}")) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            created => return created.map(drop),
        }
    }
    Ok(())
}

/// The number in a file.
#[task]
pub fn number_in(path: &str) -> stratal::Result<i64> {
    std::fs::read_to_string(path)?.trim().parse().map_err(|_| stratal::Error::new(stratal::ErrorKind::BadValue, "it is no number"))
}

/// Quotient and rest, and both as text.
#[task]
pub fn divided(a: i64, b: i64) -> ((i64, i64), String) {
    ((a / b, a % b), format!("{} {}", a / b, a % b))
}

/// Adds one to a variable under a lock, in two steps between which others could come.
#[task(impure)]
pub fn count_up(_item: u64) -> stratal::Result<()> {
    let client = Client::current();
    let (lock, count) = (client.lock("counting"), client.variable::<i64>("count"));
    let _guard = lock.acquire()?;
    let seen = count.get()?;
    std::thread::sleep(std::time::Duration::from_millis(2));
    count.set(seen + 1)
}

/// Takes numbers out of one queue and puts their squares into another, until it finds a zero.
#[task(impure)]
pub fn squares_from(queue: &str, into: &str) -> stratal::Result<u64> {
    let client = Client::current();
    let (numbers, squares) = (client.queue::<i64>(queue, 2), client.queue::<i64>(into, 2));
    for taken in 0.. {
        match numbers.get()? {
            0 => return Ok(taken),
            number => squares.put(number * number)?,
        }
    }
    Ok(0)
}

/// Says that it is here, and waits until it may go on.
#[task(impure)]
pub fn meets(here: &str, go: &str) -> stratal::Result<u32> {
    let client = Client::current();
    client.event(here).set()?;
    client.event(go).wait_timeout("60s")?;
    Ok(std::process::id())
}

/// Takes a lock and two permits, says so, and never lets go.
#[task(impure)]
pub fn keeps_for_ever(here: &str) -> stratal::Result<u32> {
    let client = Client::current();
    let _lock = client.lock("kept").acquire()?;
    let _permits = client.semaphore("kept", 2).acquire_many(2)?;
    client.queue::<u32>(here, 0).put(std::process::id())?;
    loop {
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
}

/// How an isolated function ends: it aborts at 0, leaves at 1, panics at 2, fails at 3, else gives `x`.
#[task(isolated)]
pub fn ends_somehow(x: i64) -> Result<i64, String> {
    match x {
        0 => std::process::abort(),
        1 => std::process::exit(7),
        2 => panic!("two is too much"),
        3 => Err("three is no number".to_owned()),
        x => Ok(x),
    }
}

/// The process that runs it, which is no worker's.
#[task(isolated, impure)]
pub fn own_process(_item: u64) -> u32 {
    std::process::id()
}

/// Weighs bytes and gives them back, elsewhere, after a pause.
#[task(isolated)]
pub async fn weighed_apart(bytes: std::sync::Arc<Vec<u8>>, more: Vec<u64>) -> (u64, Vec<u8>) {
    let weight = bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>() + more.iter().sum::<u64>();
    (weight, bytes.to_vec())
}

/// Writes its process into a file and sleeps for a minute.
#[task(isolated)]
pub fn sleeps_apart(path: &str) -> std::io::Result<()> {
    std::fs::write(format!("{path}.new"), std::process::id().to_string())?;
    std::fs::rename(format!("{path}.new"), path)?;
    std::thread::sleep(std::time::Duration::from_secs(60));
    Ok(())
}

/// Leaves a file at every try in a directory, and ends its process at the first ones.
#[task(isolated)]
pub fn dies_at_first(dir: &str, times: u64) -> std::io::Result<u64> {
    let tries = std::fs::read_dir(dir)?.count() as u64;
    std::fs::File::create(format!("{dir}/{tries}"))?;
    if tries < times {
        std::process::abort();
    }
    Ok(tries)
}

/// Ends the worker that runs it, unless a file is there.
#[task]
pub fn dies_without(path: &str) -> i64 {
    if !std::path::Path::new(path).exists() {
        std::process::abort();
    }
    1
}

/// A partition with the number of its rows.
#[task]
pub fn counted(part: Frame) -> stratal::Result<Frame> {
    part.lazy().with_column("n", lit(part.len() as i64)).collect()
}

/// The process that is given a partition.
#[task]
pub fn located(_part: Frame) -> stratal::Result<Frame> {
    frame! { "process" => [std::process::id() as i64] }.collect()
}

/// The first row of a batch.
#[task]
pub fn first_row(batch: arrow_array::RecordBatch) -> stratal::Result<arrow_array::RecordBatch> {
    Ok(batch.slice(0, 1))
}

/// The name, the number of rows and the sum of the amounts of rows of one name.
#[task]
pub fn told(group: Frame) -> stratal::Result<Frame> {
    let (names, amounts) = (group.column::<String>("name")?, group.column::<i64>("amount")?);
    assert!(names.iter().all(|name| *name == names[0]), "rows of several names");
    frame! { "name" => [names[0].clone()], "n" => [names.len() as i64], "sum" => [amounts.iter().sum::<i64>()] }.collect()
}

/// A number as often as it says.
#[task]
pub fn repeated(n: i64) -> stratal::Result<Frame> {
    frame! { "x" => vec![n; n as usize] }.collect()
}

/// The number of rows of all partitions.
#[task]
pub fn all_rows(parts: &[Frame]) -> u64 {
    parts.iter().map(|part| part.len() as u64).sum()
}

/// Half of every element of a chunk.
#[task]
pub fn halved(block: ArrayViewD<'_, f64>) -> ArrayD<f64> {
    block.mapv(|x| x / 2.0)
}

/// A chunk as it is, after a while.
#[task]
pub fn slowly(block: ArrayViewD<'_, f64>) -> ArrayD<f64> {
    std::thread::sleep(std::time::Duration::from_millis(20));
    block.to_owned()
}

/// A row of three numbers from `n` on.
#[task]
pub fn row_from(n: i64) -> ArrayD<i64> {
    ArrayD::from_shape_fn(vec![1, 3], |at| n + at[1] as i64)
}

/// The sum of a chunk of integers.
#[task]
pub fn sum_of(chunk: &Chunk) -> stratal::Result<i64> {
    Ok(chunk.to_ndarray::<i64>()?.sum())
}
