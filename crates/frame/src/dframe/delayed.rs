//! Frames as lazy values, and lazy values as frames: both stand in one graph, and nothing is brought to the client between.

use super::{DFrame, functions::function, verbs::together};
use crate::{declared::IntoSchema, frame::Frame, lower::subgraph, run, source::FromDelayed, steps::Op};
use arrow_schema::SchemaRef;
use std::{panic::Location, sync::Arc};
use stratal_core::{
    Result,
    client::{Compute, Submitted},
    delayed::{Delayed, Node, Subgraph},
    function::{Arg, Argument, Assemble, Recorded},
};

/// A frame as layers of which each partition can be read.
#[derive(Clone)]
pub(super) struct Parts {
    of: Arc<Subgraph>,
    schema: SchemaRef,
}

impl Parts {
    fn delayed(&self) -> Vec<Delayed<Frame>> {
        self.of.parts()
    }
}

impl DFrame {
    /// Its layers, planned at the first call: whatever reads partitions of this frame reads the same ones.
    fn parts(&self) -> Result<Parts> {
        if let Some(parts) = self.parts.get() {
            return Ok(parts.clone());
        }
        let target = run::target(&self.client)?;
        let plan = self.plan(&target)?;
        let schema = plan.schema();
        let of = subgraph(plan, target.is_cut)?;
        Ok(self.parts.get_or_init(|| Parts { of, schema }).clone())
    }

    /// The partitions as lazy values, in order. What reads them stands in one graph with the frame, which runs once in it; nothing
    /// runs before their verb. The plan is made now, and stays as it is for this frame.
    ///
    /// A frame may also be passed as it is: `delayed(f, &df)` and `client.submit(f, &df)` give a function `Vec<Frame>`, its
    /// partitions, and `compute((&df, x))` gives a [`Frame`] beside the value of `x`.
    ///
    /// ```
    /// use stratal_core::{client::compute, delayed::delayed};
    /// use stratal_frame::{Frame, frame};
    /// let df = frame! { "x" => [1i64, 2, 3, 4, 5] }.repartition(2);
    /// let lengths: Vec<_> = df.to_delayed()?.iter().map(|part| delayed(|part: &Frame| part.len(), part)).collect();
    /// let parts = delayed(|parts: &[Frame]| parts.len(), &df);
    /// assert_eq!(compute((lengths, parts))?, (vec![2, 3], 2));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first step that is wrong.
    pub fn to_delayed(&self) -> Result<Vec<Delayed<Frame>>> {
        Ok(self.parts()?.delayed())
    }

    /// [`to_delayed`](Self::to_delayed), async.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub async fn to_delayed_async(&self) -> Result<Vec<Delayed<Frame>>> {
        let frame = self.clone();
        run::off_thread(move || frame.to_delayed()).await
    }

    /// Results of lazy values, each a partition, with the columns that they are said to have. Nothing of them is brought to the
    /// client: what is made of the frame reads them where they were made.
    ///
    /// ```
    /// use stratal_core::delayed::delayed;
    /// use stratal_frame::{DFrame, col, frame};
    /// let part = |k: i64| frame! { "k" => [k, k], "x" => [1i64, k] }.collect();
    /// let parts = (1..4).map(|k| delayed(part, k)).collect::<Vec<_>>();
    /// let df = DFrame::from_delayed(parts, [("k", "i64"), ("x", "i64")]);
    /// let sums = df.group_by("k").agg(col("x").sum()).sort("k").collect()?;
    /// assert_eq!(sums.column::<i64>("x")?, [2, 3, 4]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn from_delayed(parts: impl IntoIterator<Item = Delayed<Frame>>, schema: impl IntoSchema) -> Self {
        let calls = parts.into_iter().map(|part| part.node().clone()).collect();
        DFrame::begin(Op::Source(Arc::new(FromDelayed { name: "from_delayed", calls, schema: schema.into_schema() })), Location::caller())
    }

    /// One partition for each input: what the function gives for it, with the columns that it is said to give. A closure runs
    /// in this process alone, a function of `#[stratal::task]` on every worker of a program that links it.
    ///
    /// ```
    /// use stratal_frame::{DFrame, frame};
    /// let df = DFrame::from_map(|n: i64| frame! { "x" => vec![n; n as usize] }.collect(), 1..=3, [("x", "i64")]);
    /// assert_eq!((df.npartitions()?, df.collect()?.column::<i64>("x")?), (3, vec![1, 2, 2, 3, 3, 3]));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn from_map<X: Assemble>(
        f: impl Fn(X) -> Result<Frame> + Send + Sync + 'static,
        inputs: impl IntoIterator<Item = X>,
        schema: impl IntoSchema,
    ) -> Self {
        let function = function(f);
        let call = |input: X| Arc::new(Node::new(function.clone(), vec![Recorded::Literal(input.into_data())]));
        let calls = inputs.into_iter().map(call).collect();
        DFrame::begin(Op::Source(Arc::new(FromDelayed { name: "from_map", calls, schema: schema.into_schema() })), Location::caller())
    }
}

/// The partitions of a frame, where a function takes a list of frames.
impl Arg<Vec<Frame>> for &DFrame {
    fn record(self) -> Argument<Vec<Frame>> {
        Argument::Link(match self.parts() {
            Ok(parts) => Recorded::List(parts.delayed().iter().map(|part| Recorded::Delayed(part.node().clone())).collect()),
            Err(error) => Recorded::Failed(error),
        })
    }
}

/// As a reference to it.
impl Arg<Vec<Frame>> for DFrame {
    fn record(self) -> Argument<Vec<Frame>> {
        Arg::record(&self)
    }
}

/// Its rows, as `collect` gives them.
impl Compute for DFrame {
    type Output = Frame;

    fn roots(&self, roots: &mut Vec<Arc<Node>>) {
        match self.parts() {
            Ok(parts) => roots.extend(parts.delayed().iter().map(|part| part.node().clone())),
            // A call that cannot be planned is the error of the verb.
            Err(error) => roots.push(Arc::new(Node::new(function(Ok::<Frame, _>), vec![Recorded::Failed(error)]))),
        }
    }

    fn take(&self, submitted: &Submitted, next: &mut usize) -> Result<Frame> {
        let parts = self.parts()?;
        let first = *next;
        *next += parts.delayed().len();
        let results = (first..*next).map(|output| submitted.data(output, 0)).collect::<Result<Vec<_>>>()?;
        together(parts.schema, results)
    }
}
