//! What makes work happen. Every verb blocks, works anywhere (inside a runtime, inside a task), and has an async twin.

use super::DFrame;
use crate::{
    bind::bind,
    engine::{Choice, choose},
    expr::count,
    frame::Frame,
    lower::{analyzed, describe, lower, must_be_cut, show, written},
    run::{self, Target},
    session::{physical_plan, schema_of},
    source::{ColumnOrigin, Persisted},
    steps::Op,
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::{
    logical_expr::LogicalPlan,
    physical_plan::{ExecutionPlan, ExecutionPlanProperties, displayable},
};
use std::{io::Write, panic::Location, path::Path, sync::Arc};
use stratal_core::{Error, Result, graph::LayeredGraph, value::Data};

/// Rows that `show` prints.
const SHOWN: usize = 10;

impl DFrame {
    /// The plan of its steps.
    pub(crate) fn bound(&self) -> Result<LogicalPlan> {
        bind(&self.steps, self.client.config()?)
    }

    pub(super) fn plan(&self, target: &Target) -> Result<Arc<dyn ExecutionPlan>> {
        let bound = bind(&self.steps, &target.config)?;
        physical_plan(&target.config, &bound, target.partitions, target.is_cut)
    }

    /// What will run, and the schema of its rows.
    pub(super) fn lowered(&self) -> Result<(LayeredGraph, SchemaRef)> {
        let target = run::target(&self.client)?;
        let plan = self.plan(&target)?;
        let schema = plan.schema();
        Ok((lower(plan, target.is_cut)?, schema))
    }

    pub(super) async fn lowered_async(&self) -> Result<(LayeredGraph, SchemaRef)> {
        let frame = self.clone();
        run::off_thread(move || frame.lowered()).await
    }

    /// The plan, and the engine that runs it where all rows are wanted at once.
    fn chosen(&self, target: &Target) -> Result<(Arc<dyn ExecutionPlan>, Choice)> {
        let plan = self.plan(target)?;
        let choice = choose(&plan, target);
        Ok((plan, choice))
    }

    /// What will run where all rows are wanted at once, and the schema of these.
    fn whole(&self) -> Result<(LayeredGraph, SchemaRef)> {
        let target = run::target(&self.client)?;
        let (plan, choice) = self.chosen(&target)?;
        let schema = plan.schema();
        Ok((choice.graph(plan, &target)?, schema))
    }

    async fn whole_async(&self) -> Result<(LayeredGraph, SchemaRef)> {
        let frame = self.clone();
        run::off_thread(move || frame.whole()).await
    }

    /// Runs everything and gives all rows.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let all = frame! { "x" => [1i64, 2, 3] }.filter(col("x").gt(1)).collect()?;
    /// assert_eq!(all.column::<i64>("x")?, [2, 3]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first step that is wrong, by number, name and line; what went wrong while it ran.
    pub fn collect(&self) -> Result<Frame> {
        let (graph, schema) = self.whole()?;
        together(schema, run::run(&self.client, &graph)?)
    }

    /// [`collect`](Self::collect), async.
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    pub async fn collect_async(&self) -> Result<Frame> {
        let (graph, schema) = self.whole_async().await?;
        together(schema, run::run_async(&self.client, &graph).await?)
    }

    /// The number of rows.
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    #[track_caller]
    pub fn count(&self) -> Result<u64> {
        rows_of(&self.agg(count()).collect()?)
    }

    /// [`count`](Self::count), async.
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    pub async fn count_async(&self) -> Result<u64> {
        rows_of(&self.agg(count()).collect_async().await?)
    }

    /// Prints the first ten rows.
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    #[track_caller]
    pub fn show(&self) -> Result<()> {
        print(&self.head(SHOWN).collect()?)
    }

    /// [`show`](Self::show), async.
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    pub async fn show_async(&self) -> Result<()> {
        print(&self.head(SHOWN).collect_async().await?)
    }

    /// Runs everything and leaves the rows where they are; the frame that is given back goes on from there, and keeps them
    /// while it, or one made from it, lives.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let x = frame! { "x" => [1i64, 2, 3] }.with_column("x", col("x") * 10).persist()?;
    /// assert_eq!(x.agg(col("x").sum()).collect()?.item::<i64>()?, 60);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    #[track_caller]
    pub fn persist(&self) -> Result<DFrame> {
        let at = Location::caller();
        let (graph, schema) = self.lowered()?;
        let kept = run::keep(&self.client, &graph)?;
        Ok(self.over_held(Persisted::new(schema, &graph, kept), at))
    }

    /// [`persist`](Self::persist), async.
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    pub async fn persist_async(&self) -> Result<DFrame> {
        let at = Location::caller();
        let (graph, schema) = self.lowered_async().await?;
        let kept = run::keep_async(&self.client, &graph).await?;
        Ok(self.over_held(Persisted::new(schema, &graph, kept), at))
    }

    /// Names and types of the columns. Lists files and samples them, and reads no more.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub fn schema(&self) -> Result<SchemaRef> {
        Ok(schema_of(&self.bound()?))
    }

    /// [`schema`](Self::schema), async.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub async fn schema_async(&self) -> Result<SchemaRef> {
        let frame = self.clone();
        run::off_thread(move || frame.schema()).await
    }

    /// The names of the columns.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub fn columns(&self) -> Result<Vec<String>> {
        Ok(names(&self.schema()?))
    }

    /// [`columns`](Self::columns), async.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub async fn columns_async(&self) -> Result<Vec<String>> {
        Ok(names(&self.schema_async().await?))
    }

    /// The columns of the files that the frame begins with, and what decided their types. Reads no more than types need.
    ///
    /// # Errors
    /// What is wrong with the files.
    pub fn origins(&self) -> Result<Vec<ColumnOrigin>> {
        let first = self.steps.first().ok_or_else(|| Error::internal("a frame without steps"))?;
        match first.op() {
            Op::Source(source) => source.origins(self.client.config()?).map_err(|error| first.blame(error, 0)),
            _ => Err(Error::internal("a frame that does not begin with a source")),
        }
    }

    /// Finds the first step that is wrong, without reading rows.
    ///
    /// # Errors
    /// That step's mistake.
    pub fn check(&self) -> Result<&DFrame> {
        self.schema().map(|_| self)
    }

    /// [`check`](Self::check), async.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub async fn check_async(&self) -> Result<&DFrame> {
        self.schema_async().await.map(|_| self)
    }

    /// The number of partitions of the result.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub fn npartitions(&self) -> Result<usize> {
        let plan = self.plan(&run::target(&self.client)?)?;
        Ok(plan.output_partitioning().partition_count())
    }

    /// [`npartitions`](Self::npartitions), async.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub async fn npartitions_async(&self) -> Result<usize> {
        let frame = self.clone();
        run::off_thread(move || frame.npartitions()).await
    }

    /// What will run, and how: where, by which engine and why; with which exchange, in which layers or stages, by which operators.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub fn explain(&self) -> Result<String> {
        let target = run::target(&self.client)?;
        let (plan, choice) = self.chosen(&target)?;
        let (place, engine) = (target.place, choice.line(&target));
        if let Some(stages) = choice.explained(&plan, &target)? {
            return Ok(format!("runs in {place}\n{engine}{stages}"));
        }
        let operators = displayable(plan.as_ref()).indent(false).to_string();
        let exchange = match (target.is_cut, must_be_cut(&plan)) {
            (true, _) => "store: the plan is cut where rows change partitions",
            (false, true) => "store: functions and partitions that were asked for are layers of their own",
            (false, false) => "pipe: the plan runs as one layer",
        };
        let layers = lower(plan, target.is_cut)?.summary();
        Ok(format!("runs in {place}\n{engine}exchange {exchange}\nlayers   {layers}\n\n{operators}"))
    }

    /// [`explain`](Self::explain), async.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub async fn explain_async(&self) -> Result<String> {
        let frame = self.clone();
        run::off_thread(move || frame.explain()).await
    }

    /// Runs everything, lets the rows go, and says what it took: the time of the whole; for every layer its tasks, how often some of
    /// them ran together, and their time; for every operator that DataFusion measures, the rows that it gave and the time that it
    /// computed. Of layers that ran in other processes only the tasks are known; of a query, what all of its stages measured.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let text = frame! { "x" => [1i64, 2, 3] }.filter(col("x").gt(1)).explain_analyze()?;
    /// assert!(text.contains("FilterExec: x@0 > 1") && text.contains("rows=2"), "{text}");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    pub fn explain_analyze(&self) -> Result<String> {
        let target = run::target(&self.client)?;
        let (plan, choice) = self.chosen(&target)?;
        let (place, engine) = (target.place, choice.line(&target));
        if let Some(took) = choice.analyzed(&self.client, &plan, &target)? {
            return Ok(format!("ran in {place}\n{engine}{took}"));
        }
        let operators = displayable(plan.as_ref()).indent(false).to_string();
        let mut graph = lower(plan, target.is_cut)?;
        let analyses = analyzed(&mut graph);
        let took = show(run::measure(&self.client, &graph)?);
        let layers = describe(&graph, &analyses);
        let operators = if target.is_here { String::new() } else { format!("\n{operators}") };
        Ok(format!("ran in {place}\n{engine}took {took}\n\n{layers}{operators}"))
    }

    /// [`explain_analyze`](Self::explain_analyze), async.
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    pub async fn explain_analyze_async(&self) -> Result<String> {
        let frame = self.clone();
        run::off_thread(move || frame.explain_analyze()).await
    }

    /// The steps as they were written, one layer a step. It runs as it is, unoptimized: slow, and an oracle for tests.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub fn graph(&self) -> Result<LayeredGraph> {
        written(&self.steps, self.client.config()?)
    }

    /// [`graph`](Self::graph), async.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub async fn graph_async(&self) -> Result<LayeredGraph> {
        let frame = self.clone();
        run::off_thread(move || frame.graph()).await
    }

    /// What will run. The stages of a query are layers too, the last of which is the query itself.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub fn graph_optimized(&self) -> Result<LayeredGraph> {
        let target = run::target(&self.client)?;
        let (plan, choice) = self.chosen(&target)?;
        choice.stages(plan, &target)
    }

    /// [`graph_optimized`](Self::graph_optimized), async.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub async fn graph_optimized_async(&self) -> Result<LayeredGraph> {
        let frame = self.clone();
        run::off_thread(move || frame.graph_optimized()).await
    }

    /// Draws what will run to a file, in the format of its ending: `.svg`, `.dot`, `.mmd`, `.txt`, `.png`.
    ///
    /// # Errors
    /// The first step that is wrong; an unknown ending; a file that cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        self.graph_optimized()?.visualize(path)
    }

    /// [`visualize`](Self::visualize), async.
    ///
    /// # Errors
    /// As [`visualize`](Self::visualize).
    pub async fn visualize_async(&self, path: impl AsRef<Path>) -> Result<()> {
        let (frame, path) = (self.clone(), path.as_ref().to_owned());
        run::off_thread(move || frame.visualize(path)).await
    }
}

/// The results of all partitions, in order.
pub(super) fn together(schema: SchemaRef, results: Vec<Data>) -> Result<Frame> {
    let mut batches = Vec::new();
    for data in results {
        batches.extend(rows_of_partition(data)?);
    }
    Frame::new(schema, batches)
}

/// The rows of one partition.
pub(super) fn rows_of_partition(result: Data) -> Result<Vec<RecordBatch>> {
    match result {
        Data::Batches(rows) => Ok(rows.batches.to_vec()),
        other => Err(Error::internal(format!("a partition is {}", other.type_name()))),
    }
}

fn rows_of(counted: &Frame) -> Result<u64> {
    let rows: i64 = counted.item()?;
    u64::try_from(rows).map_err(|_| Error::internal("a negative number of rows"))
}

fn names(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// A reader that has seen enough, as in `| head`, is no failure.
fn print(frame: &Frame) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{frame}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
