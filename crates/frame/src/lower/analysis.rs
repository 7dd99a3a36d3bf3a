//! What a run took: by layer, and, where tasks ran in this process, by operator.
//!
//! Every attempt runs a copy of its layer's plan, and DataFusion counts in these copies. They are kept here until the run is
//! over. What runs elsewhere tells nothing.

use super::{Plan, call_kind::CallBody, plan_kind::PlanBody};
use datafusion::physical_plan::displayable;
use std::{
    collections::HashSet,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use stratal_core::graph::{LayeredGraph, Work};

/// What the tasks of one layer took.
#[derive(Default)]
pub(crate) struct Analysis(Mutex<Ran>);

#[derive(Default)]
struct Ran {
    slices: usize,
    time: Duration,
    /// The plans that ran.
    plans: Vec<Plan>,
}

impl Analysis {
    /// The beginning of a slice.
    pub(super) fn start() -> Instant {
        Instant::now()
    }

    /// A slice ran to its end, with this copy of the plan.
    pub(super) fn ran(&self, started: Instant, plan: Option<Plan>) {
        let mut ran = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ran.slices += 1;
        ran.time += started.elapsed();
        ran.plans.extend(plan);
    }

    /// As text: the slices and their time, then the operators.
    fn describe(&self, out: &mut String) {
        let ran = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a string cannot fail.
        let _ = match ran.slices {
            0 => writeln!(out),
            slices => writeln!(out, ": {slices} slices, {}", show(ran.time)),
        };
        let plans: Vec<&Plan> = ran.plans.iter().collect();
        if !plans.is_empty() {
            operator(&plans, 1, out);
        }
    }
}

/// An operator over all copies that ran, and its inputs.
fn operator(copies: &[&Plan], depth: usize, out: &mut String) {
    // A node that several copies share counted for all of them.
    let mut seen: HashSet<*const ()> = HashSet::new();
    let (mut rows, mut time): (Option<usize>, Option<usize>) = (None, None);
    for copy in copies.iter().filter(|copy| seen.insert(Arc::as_ptr(copy).cast())) {
        let Some(metrics) = copy.metrics() else { continue };
        rows = add(rows, metrics.output_rows());
        time = add(time, metrics.elapsed_compute());
    }
    let line = displayable(copies[0].as_ref()).one_line().to_string();
    let rows = rows.map(|rows| format!("  rows={rows}")).unwrap_or_default();
    let time = time.map(|nanos| format!("  time={}", show(Duration::from_nanos(nanos as u64)))).unwrap_or_default();
    let _ = writeln!(out, "{:indent$}{}{rows}{time}", "", line.trim_end(), indent = 2 * depth);
    for child in 0..copies[0].children().len() {
        let children: Vec<&Plan> = copies.iter().filter_map(|copy| copy.children().into_iter().nth(child)).collect();
        operator(&children, depth + 1, out);
    }
}

fn add(sum: Option<usize>, more: Option<usize>) -> Option<usize> {
    match (sum, more) {
        (Some(sum), Some(more)) => Some(sum + more),
        (sum, more) => sum.or(more),
    }
}

/// A time for people: `1.234 ms`.
pub(crate) fn show(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.3} s"),
        seconds => format!("{:.3} ms", seconds * 1e3),
    }
}

/// Lets the layers of a graph note what their tasks take, each in one of what is given.
pub(crate) fn analyzed(graph: &mut LayeredGraph) -> Vec<Arc<Analysis>> {
    let note = |work: &mut Work| {
        let analysis: Arc<Analysis> = Arc::default();
        if let Work::Uniform(template) = work {
            if let Some(body) = template.body.downcast_ref::<PlanBody>() {
                *template = body.noting(analysis.clone()).template();
            } else if let Some(body) = template.body.downcast_ref::<CallBody>() {
                *template = body.noting(analysis.clone()).template();
            }
        }
        analysis
    };
    graph.layers.iter_mut().map(|layer| note(&mut layer.work)).collect()
}

/// What the layers of a graph took, as text.
pub(crate) fn describe(graph: &LayeredGraph, analyses: &[Arc<Analysis>]) -> String {
    let mut text = String::new();
    for (layer, analysis) in graph.layers.iter().zip(analyses) {
        let _ = write!(text, "{}[{}]", layer.spec.name, layer.spec.selected.len());
        analysis.describe(&mut text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_with_their_unit() {
        assert_eq!(show(Duration::from_micros(1234)), "1.234 ms");
        assert_eq!(show(Duration::from_millis(12_345)), "12.345 s");
    }

    #[test]
    fn what_is_not_known_does_not_count() {
        assert_eq!((add(None, None), add(Some(1), None), add(None, Some(2)), add(Some(1), Some(2))), (None, Some(1), Some(2), Some(3)));
    }
}
