//! What Stratal takes beside what it promised before it ran.
//!
//! A process makes the inputs of a case, and does the case once: what it then had in use at most, less what it had when the inputs were
//! there, is taken. Promised is what the tasks that run at once were going to take, chunks that they read included though these are
//! there already, and the result where it stays.

use crate::{
    measure::Case,
    report::{Cell, Row, Table, memory},
    settings::Settings,
    sides::{Process, Reply, Request, Side},
};
use std::{thread, time::Duration};

/// How long memory is given to settle.
const SETTLING: Duration = Duration::from_millis(100);
/// How often it may have changed when that is over.
const PATIENCE: usize = 20;

pub(super) fn table(side: &Side, cases: &[Case], settings: &Settings) -> Table {
    let mut table = Table::new(format!("memory, scale {}", settings.scale), vec![side.name.clone()]);
    table.more = ["promised", "taken", "taken / promised"].map(str::to_owned).to_vec();
    for case in cases.iter().filter(|case| settings.wants(&case.name)) {
        let row = measured(side, case, settings.threads);
        eprintln!("  {} ({})", table.line(&row), row.more.join(", "));
        table.rows.push(row);
    }
    table
}

fn measured(side: &Side, case: &Case, threads: usize) -> Row {
    let (cell, more) = match once(side, &case.request, threads) {
        Ok(Once { seconds, peak, promised, taken }) => {
            let ratio = promised.zip(taken).map(|(promised, taken)| format!("{:.2}", taken as f64 / promised.max(1) as f64));
            let more = vec![promised.map(memory), taken.map(memory), ratio];
            (Cell::Measured { seconds: vec![seconds], peak }, more)
        }
        Err(reason) => (Cell::Failed { reason }, vec![None; 3]),
    };
    Row { case: case.name.clone(), cells: vec![cell], more: more.into_iter().map(Option::unwrap_or_default).collect() }
}

/// A case that was done once, in bytes where it is no time.
struct Once {
    seconds: f64,
    peak: Option<u64>,
    promised: Option<u64>,
    taken: Option<u64>,
}

fn once(side: &Side, request: &Request, threads: usize) -> Result<Once, String> {
    let mut process = Process::start(side, threads)?;
    process.ask(&Request { only_ready: true, ..request.clone() })?;
    let before = settled(&process);
    process.forget_peak();
    let Reply::Done { seconds, promised, .. } = process.ask(request)? else { return Err("nothing was done".to_owned()) };
    let peak = process.peak();
    Ok(Once { seconds, peak, promised, taken: peak.zip(before).map(|(peak, before)| peak.saturating_sub(before)) })
}

/// What is in use when nothing is let go any more.
fn settled(process: &Process) -> Option<u64> {
    let mut before = process.resident()?;
    for _ in 0..PATIENCE {
        thread::sleep(SETTLING);
        let now = process.resident()?;
        if now >= before {
            return Some(now);
        }
        before = now;
    }
    Some(before)
}
