//! What tasks share beside results: a variable, a queue, an event, a lock and a semaphore, each known to the scheduler by its
//! name. On a cluster the same program is its workers: `coordination worker HOST:PORT`.
//!
//! ```text
//! cargo run --example coordination
//! ```

use stratal::prelude::*;

#[task]
fn produce(from: i64, to: i64) -> stratal::Result<()> {
    let client = Client::current();
    let numbers = client.queue::<i64>("numbers", 4); // at most 4 wait in it
    (from..to).try_for_each(|number| numbers.put(number))
}

#[task(impure)]
fn consume(_item: u64) -> stratal::Result<u64> {
    let client = Client::current();
    client.event("go").wait()?; // gives the slot back meanwhile
    let (numbers, factor) = (client.queue::<i64>("numbers", 4), client.variable::<i64>("factor").get()?);
    let (lock, total, database) = (client.lock("total"), client.variable::<i64>("sum"), client.semaphore("database", 2));
    let mut taken = 0;
    while let Ok(number) = numbers.get_timeout("2s") {
        let connection = database.acquire()?; // two at a time
        let scaled = number * factor;
        drop(connection);
        let _guard = lock.acquire()?; // one at a time
        total.set(total.get()? + scaled)?;
        taken += 1;
    }
    Ok(taken)
}

fn app() -> stratal::Result<()> {
    let client = Client::current();
    client.variable::<i64>("factor").set(10)?;
    client.variable::<i64>("sum").set(0)?;
    let consumers = client.map(consume, 0..3u64);
    let producers = client.map(produce, [(1, 51), (51, 101)]);
    client.event("go").set()?;
    producers.gather()?;
    let taken: u64 = consumers.gather()?.iter().sum();
    println!("{taken} numbers, {} together", client.variable::<i64>("sum").get()?); // 100 numbers, 50500 together
    client.publish("scale", &client.scatter(10i64))?; // kept for other clients, by name
    println!("{:?}", client.published()?); // ["scale"]
    Ok(())
}

fn main() -> std::process::ExitCode {
    stratal::cli::main_or(app)
}
