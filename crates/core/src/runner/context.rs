//! [`TaskContext`]: everything that one attempt at one slice may touch. It is made for the attempt and dies with it.

use super::{CancelToken, Environment, Fetch, FetchError, Neighbour, Wanted, read::SourceReader};
use crate::{
    Attempt, Error, ErrorKind, Index, Result, ResultId, WorkerId,
    function::Calls,
    graph::{EdgeMap, Input, LayerSpec},
    progress::{News, Report},
    sched::{Located, RowsRead, Slice, TaskStats},
    store::{ChannelWriter, Part},
    value::{Batches, Data},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::{StreamExt, stream::BoxStream};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// Where the sources of each input are, ascending by source task.
pub type Inputs = Vec<Arc<[Located]>>;

/// What one attempt at one slice sees. Cheap to clone; owned, so that it can move into streams and threads.
#[derive(Clone)]
pub struct TaskContext(Arc<Attempted>);

struct Attempted {
    env: Arc<Environment>,
    spec: Arc<LayerSpec>,
    calls: Option<Arc<Calls>>,
    slice: Slice,
    inputs: Inputs,
    here: WorkerId,
    fetch: Arc<dyn Fetch>,
    cancel: CancelToken,
    /// Parts of results that the inputs are whole, fetched before the task took a slot: each once, however many inputs read it.
    ready: OnceLock<FxHashMap<(Wanted, Part), Data>>,
    left: Mutex<BTreeMap<Index, TaskStats>>,
    /// For each channel input, what each task read of it to the end.
    read: Mutex<Vec<FxHashMap<Index, ReadCount>>>,
    missing: Mutex<Option<(Wanted, WorkerId)>>,
    /// Results of others of which copies were left here.
    copies: Mutex<Vec<Wanted>>,
}

#[derive(Clone, Copy, Default)]
struct ReadCount {
    sources: usize,
    rows: u64,
}

impl TaskContext {
    /// A context for one attempt at a slice.
    #[expect(clippy::too_many_arguments, reason = "called by the runner and the synchronous executor alone")]
    pub(crate) fn new(
        env: Arc<Environment>,
        spec: Arc<LayerSpec>,
        calls: Option<Arc<Calls>>,
        slice: Slice,
        inputs: Inputs,
        here: WorkerId,
        fetch: Arc<dyn Fetch>,
        cancel: CancelToken,
    ) -> Self {
        let read = Mutex::new(vec![FxHashMap::default(); spec.inputs.len()]);
        let (ready, left, missing, copies) = Default::default();
        TaskContext(Arc::new(Attempted { env, spec, calls, slice, inputs, here, fetch, cancel, ready, left, read, missing, copies }))
    }

    /// The slice and the attempt at it.
    pub fn slice(&self) -> Slice {
        self.0.slice
    }

    /// The tasks to be done, ascending.
    pub fn tasks(&self) -> impl Iterator<Item = Index> + '_ {
        let slice = self.0.slice;
        (slice.start..slice.start + slice.len).filter(|index| self.0.spec.selected.contains(*index))
    }

    /// The layer.
    pub fn spec(&self) -> &LayerSpec {
        &self.0.spec
    }

    /// What the process shares.
    pub fn env(&self) -> &Arc<Environment> {
        &self.0.env
    }

    /// The calls of the layer, one a task.
    ///
    /// # Errors
    /// `Internal` for a layer without calls.
    pub fn calls(&self) -> Result<&Arc<Calls>> {
        self.0.calls.as_ref().ok_or_else(|| Error::internal(format!("layer {} has no calls", self.0.spec.name)))
    }

    /// Fails when the slice was cancelled. Long-running bodies call it often.
    pub fn checkpoint(&self) -> Result<()> {
        if self.0.cancel.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
    }

    /// The flag that [`checkpoint`](Self::checkpoint) reads.
    pub fn cancel_token(&self) -> &CancelToken {
        &self.0.cancel
    }

    /// Says how far a task is, to whoever watches. Never blocks, and may be lost.
    pub fn report(&self, task: Index, news: News) {
        self.0.env.report(Report { result: self.result_id(task), attempt: self.attempt(), news });
    }

    /// The other workers that live now, by name, for kinds whose tasks work with them.
    pub fn neighbours(&self) -> Vec<Neighbour> {
        self.0.fetch.neighbours()
    }

    fn result_id(&self, task: Index) -> ResultId {
        ResultId { run: self.0.slice.run, layer: self.0.slice.layer, index: task }
    }

    /// The source tasks that `task` reads over an input, in reading order.
    pub fn sources(&self, input: usize, task: Index) -> Result<Vec<Index>> {
        let input =
            self.0.spec.inputs.get(input).ok_or_else(|| Error::internal(format!("layer {} has no input {input}", self.0.spec.name)))?;
        Ok(input.map.sources(task, input.sources))
    }

    /// Which part of a source's result `task` reads over an input.
    pub(super) fn part(&self, input: usize, task: Index) -> Part {
        match self.0.spec.inputs[input].map {
            EdgeMap::Channel => Part::Channel(task),
            _ => Part::All,
        }
    }

    /// Where the result of a source task is.
    pub(super) fn locate(&self, input: usize, source: Index) -> Result<(Wanted, WorkerId)> {
        let located = &self.0.inputs[input];
        let at = located.partition_point(|place| place.start + place.len <= source);
        let place = located
            .get(at)
            .filter(|place| place.start <= source)
            .ok_or_else(|| Error::internal(format!("the place of task {source} of input {input} of {} is not known", self.0.spec.name)))?;
        let result = ResultId { index: place.result.index + (source - place.start), ..place.result };
        Ok((Wanted { result, attempt: place.attempt }, place.worker))
    }

    pub(super) fn is_here(&self, holder: WorkerId) -> bool {
        holder == self.0.here
    }

    pub(super) fn fetch(&self) -> &Arc<dyn Fetch> {
        &self.0.fetch
    }

    /// A part of a result that is held in this process.
    pub(super) fn local(&self, wanted: Wanted, part: Part) -> Result<Data> {
        self.0.env.store().get(wanted.result, wanted.attempt, part).ok_or_else(|| {
            let error = Error::new(ErrorKind::NotFound, format!("result {} is no longer here", wanted.result));
            self.lost(FetchError::Missing(wanted, error), self.0.here)
        })
    }

    /// Remembers that an input was not there, so that the failure is not blamed on the task.
    pub(super) fn lost(&self, error: FetchError, holder: WorkerId) -> Error {
        match error {
            FetchError::Missing(wanted, error) => {
                self.0.missing.lock().get_or_insert((wanted, holder));
                error
            }
            FetchError::Other(error) => error,
        }
    }

    pub(super) fn missing(&self) -> Option<(Wanted, WorkerId)> {
        *self.0.missing.lock()
    }

    /// Counts what `task` read to the end over a channel input.
    fn count_read(&self, input: usize, task: Index, sources: usize, rows: u64) {
        // Nobody asks for the others.
        if !matches!(self.0.spec.inputs[input].map, EdgeMap::Channel) {
            return;
        }
        let mut read = self.0.read.lock();
        let count = read[input].entry(task).or_default();
        count.sources += sources;
        count.rows += rows;
    }

    /// The rows that `task` reads over an input, source after source, whoever holds them.
    ///
    /// # Errors
    /// The stream breaks off when an input is not there, when a holder's count of rows is not met, and on cancel.
    pub fn batches(&self, input: usize, task: Index) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let sources = self.sources(input, task)?;
        self.batches_from(input, task, &sources)
    }

    /// As [`batches`](Self::batches), of some of the sources.
    pub fn batches_from(&self, input: usize, task: Index, sources: &[Index]) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let reader = SourceReader::new(self.clone(), input, task, sources)?;
        let (cx, sources) = (self.clone(), sources.len());
        Ok(futures::stream::unfold(Some(reader), move |reader| {
            let cx = cx.clone();
            async move {
                let mut reader = reader?;
                match reader.next_batch().await {
                    Ok(Some(batch)) => Some((Ok(batch), Some(reader))),
                    Ok(None) => {
                        cx.count_read(input, task, sources, reader.rows());
                        None
                    }
                    Err(error) => Some((Err(error), None)),
                }
            }
        })
        .boxed())
    }

    /// One source's whole result.
    pub async fn value(&self, input: usize, task: Index, source: Index) -> Result<Data> {
        let data = SourceReader::new(self.clone(), input, task, &[source])?.next_data().await?;
        let data = data.ok_or_else(|| Error::internal("a source without a result"))?;
        self.count_read(input, task, 1, data.rows());
        Ok(data)
    }

    /// Fetches every input of every task, for kinds that want them whole.
    pub(super) async fn gather(&self) -> Result<()> {
        let mut ready: FxHashMap<(Wanted, Part), Data> = FxHashMap::default();
        for input in 0..self.0.spec.inputs.len() {
            // Tasks that read the same part of a source share it.
            let mut by_part: FxHashMap<Part, (Index, Vec<Index>)> = FxHashMap::default();
            for task in self.tasks() {
                let (_, wanted) = by_part.entry(self.part(input, task)).or_insert_with(|| (task, Vec::new()));
                wanted.extend(self.sources(input, task)?);
            }
            for (part, (task, mut sources)) in by_part {
                sources.sort_unstable();
                sources.dedup();
                let (mut missing, mut wanted) = (Vec::with_capacity(sources.len()), Vec::with_capacity(sources.len()));
                for source in sources {
                    let (of, _) = self.locate(input, source)?;
                    if !ready.contains_key(&(of, part)) {
                        missing.push(source);
                        wanted.push(of);
                    }
                }
                let mut reader = SourceReader::new(self.clone(), input, task, &missing)?;
                for of in wanted {
                    let data = reader.next_data().await?.ok_or_else(|| Error::internal("a source without a result"))?;
                    ready.insert((of, part), data);
                }
            }
        }
        let _ = self.0.ready.set(ready);
        Ok(())
    }

    /// Whether every input is held in this process.
    pub(super) fn all_here(&self) -> bool {
        self.0.inputs.iter().all(|located| located.iter().all(|place| self.is_here(place.worker)))
    }

    /// The results that `task` reads over an input, in reading order, for kinds that want their inputs whole.
    pub fn ready(&self, input: usize, task: Index) -> Result<Vec<Data>> {
        let part = self.part(input, task);
        let one = |source: Index| {
            let (wanted, _) = self.locate(input, source)?;
            match self.0.ready.get() {
                Some(ready) => ready.get(&(wanted, part)).cloned().ok_or_else(|| Error::internal("an input was not fetched")),
                None => self.local(wanted, part),
            }
        };
        let ready: Vec<Data> = self.sources(input, task)?.into_iter().map(one).collect::<Result<_>>()?;
        self.count_read(input, task, ready.len(), ready.iter().map(Data::rows).sum());
        Ok(ready)
    }

    /// Leaves copies here of what `task` reads over an input and others hold, under their own names.
    ///
    /// # Errors
    /// As [`ready`](Self::ready); `Memory` when the budget has no room for them.
    pub(super) fn copy(&self, input: usize, task: Index) -> Result<()> {
        for (source, data) in self.sources(input, task)?.into_iter().zip(self.ready(input, task)?) {
            let (wanted, holder) = self.locate(input, source)?;
            if !self.is_here(holder) {
                let kept = self.0.env.store().put(wanted.result, wanted.attempt, data);
                kept.map_err(|shortage| shortage.into_error(&self.0.spec.name, "a copy"))?;
                self.0.copies.lock().push(wanted);
            }
        }
        Ok(())
    }

    /// The results of others of which this attempt left copies.
    pub(super) fn copies(&self) -> Vec<Wanted> {
        self.0.copies.lock().clone()
    }

    /// Leaves a task's result.
    ///
    /// # Errors
    /// `Memory` when the budget has no room for it; `Cancelled`.
    pub fn put(&self, task: Index, data: Data) -> Result<()> {
        self.checkpoint()?;
        let rows = data.rows();
        let bytes = self
            .0
            .env
            .store()
            .put(self.result_id(task), self.0.slice.attempt, data)
            .map_err(|shortage| shortage.into_error(&self.0.spec.name, "its result"))?;
        self.0.left.lock().insert(task, TaskStats { bytes, rows });
        Ok(())
    }

    /// Leaves rows as a task's result.
    pub fn put_batches(&self, task: Index, schema: SchemaRef, batches: Vec<RecordBatch>) -> Result<()> {
        self.put(task, Data::Batches(Batches { schema, batches: batches.into() }))
    }

    /// Starts a task's result in `channels` channels.
    pub fn channels(&self, task: Index, channels: u32, schema: SchemaRef) -> ChannelWriter {
        self.0.env.store().writer(self.result_id(task), self.0.slice.attempt, channels, schema)
    }

    /// Adds rows to a channel.
    ///
    /// # Errors
    /// `Memory` when the budget has no room for them; `Cancelled`.
    pub fn append(&self, writer: &mut ChannelWriter, channel: u32, batch: RecordBatch) -> Result<()> {
        self.checkpoint()?;
        writer.append(channel, batch).map_err(|shortage| shortage.into_error(&self.0.spec.name, "its result"))
    }

    /// Leaves what a writer collected as its task's result; of a cancelled attempt nothing.
    pub fn finish(&self, writer: ChannelWriter) {
        if self.0.cancel.is_cancelled() {
            return;
        }
        let (task, rows) = (writer.id().index, writer.rows());
        let bytes = self.0.env.store().finish(writer);
        self.0.left.lock().insert(task, TaskStats { bytes, rows });
    }

    /// What each task left, in order, up to the first that left nothing.
    pub(super) fn left(&self) -> Vec<TaskStats> {
        let left = self.0.left.lock();
        self.tasks().map_while(|task| left.get(&task).copied()).collect()
    }

    /// Drops what this attempt left for these tasks.
    pub(super) fn discard(&self, tasks: impl Iterator<Item = Index>) {
        tasks.for_each(|task| self.0.env.store().discard(self.result_id(task), self.attempt()));
    }

    fn attempt(&self) -> Attempt {
        self.0.slice.attempt
    }

    /// Rows read over each channel input, where every task of the slice read its channel of every source, once.
    pub(super) fn rows_read(&self) -> Vec<RowsRead> {
        let read = self.0.read.lock();
        let counted = |(input, read): (&Input, &FxHashMap<Index, ReadCount>)| {
            let all = |task: Index| read.get(&task).is_some_and(|count| count.sources == input.sources as usize);
            match matches!(input.map, EdgeMap::Channel) && self.tasks().all(all) {
                true => RowsRead::All(read.values().map(|count| count.rows).sum()),
                false => RowsRead::Some,
            }
        };
        self.0.spec.inputs.iter().zip(&*read).map(counted).collect()
    }
}
