//! What a query does, and what it took, for people.

use super::graph::{drawn, graph, planned};
use crate::{
    lower::{Plan, show},
    run::{self, Target},
};
use arrow_array::cast::AsArray;
use datafusion_distributed::display_plan_ascii;
use std::time::Instant;
use stratal_core::{Client, Error, Result, value::Data};

/// The stages with their tasks, and what each does.
pub(crate) fn explain(plan: &Plan, target: &Target) -> Result<String> {
    let planned = planned(plan, target)?;
    let (summary, text) = (drawn(plan, &planned).summary(), display_plan_ascii(planned.as_ref(), false));
    Ok(format!("stages   {summary}\n\n{}", shown(&text)))
}

/// Runs a query, lets its rows go, and says what it took: the whole, and what its stages did.
pub(crate) fn analyze(client: &Client, plan: &Plan, target: &Target) -> Result<String> {
    let summary = drawn(plan, &planned(plan, target)?).summary();
    let started = Instant::now();
    let results = run::run(client, &graph(plan.clone(), true))?;
    let took = show(started.elapsed());
    let no_text = || Error::internal("a query did not say what it took");
    let Some(Data::Batches(rows)) = results.first() else { return Err(no_text()) };
    let text = rows.batches.first().map(|batch| batch.column(0).as_string::<i32>().value(0)).ok_or_else(no_text)?;
    Ok(format!("took {took}\nstages   {summary}\n\n{}", shown(text)))
}

/// The engine's text without the nodes that are there for its errors alone.
fn shown(text: &str) -> String {
    text.lines().filter(|line| !line.contains("StageExec")).map(|line| format!("{}\n", line.trim_end())).collect()
}
