//! A shuffle by hand: what is written to channels, and readers that do not want all of it.

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use futures::StreamExt;
use std::sync::Arc;
use stratal_core::{
    Result,
    config::Config,
    executor::{Executor, LocalExecutor},
    graph::{EdgeMap, Emits, Layer, LayerSpec, LayeredGraph},
    kind::{Body, Running, TaskKind, Template},
    registry::Registry,
    runner::TaskContext,
    value::{Data, Object},
};

/// Writes two rows to each of three channels, or reads a channel as `Does` says.
struct Shuffle;

#[derive(Clone, Copy)]
enum Does {
    Write,
    CountRows,
    CountEvenChannels,
}

impl Body for Does {
    fn encode(&self) -> Result<bytes::Bytes> {
        Ok(bytes::Bytes::new())
    }

    fn describe(&self) -> String {
        "a shuffle".to_owned()
    }
}

impl TaskKind for Shuffle {
    fn name(&self) -> &'static str {
        "shuffle"
    }

    fn decode(&self, _: &[u8]) -> Result<Arc<dyn Body>> {
        Ok(Arc::new(Does::Write))
    }

    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let does = *body.downcast_ref::<Does>().unwrap();
        Ok(Running::Async(Box::pin(async move {
            for task in cx.tasks().collect::<Vec<_>>() {
                match does {
                    Does::Write => {
                        let schema = Arc::new(Schema::new(vec![Field::new("x", DataType::Int64, false)]));
                        let mut writer = cx.channels(task, 3, schema.clone());
                        for channel in 0..3 {
                            let rows = Arc::new(Int64Array::from(vec![0, 1]));
                            cx.append(&mut writer, channel, RecordBatch::try_new(schema.clone(), vec![rows])?)?;
                        }
                        cx.finish(writer);
                    }
                    Does::CountEvenChannels if task % 2 == 1 => cx.put(task, Data::Object(Object::new(0u64)))?,
                    Does::CountRows | Does::CountEvenChannels => {
                        let mut batches = cx.batches(0, task)?;
                        let mut rows = 0;
                        while let Some(batch) = batches.next().await {
                            rows += batch?.num_rows() as u64;
                        }
                        cx.put(task, Data::Object(Object::new(rows)))?;
                    }
                }
            }
            Ok(())
        })))
    }
}

fn rows_read(reads: Does) -> Vec<u64> {
    let template = |does: Does| Template { kind: "shuffle", body: Arc::new(does) };
    let registry = Registry::global().as_ref().clone().with_kind(Arc::new(Shuffle));
    let executor = LocalExecutor::new(Arc::new(Config::default()), Arc::new(registry));
    let mut graph = LayeredGraph::default();
    let mut spec = LayerSpec::new("write", 4);
    spec.emits = Emits::Channels(3);
    let write = graph.push(Layer::uniform(spec, template(Does::Write)));
    let read = graph.push(Layer::uniform(LayerSpec::new("read", 3).reads(write, EdgeMap::Channel), template(reads)));
    graph.want(read, "rows");
    let handle = executor.submit(graph, Default::default()).unwrap();
    handle.wait_all().unwrap();
    let rows = |task| {
        let place = handle.wait(read, task, None).unwrap().unwrap();
        let data = executor.env().store().get(place.result, place.attempt, stratal_core::store::Part::All);
        let Some(Data::Object(object)) = data else { panic!("a count is left") };
        *object.get::<u64>().unwrap()
    };
    (0..3).map(rows).collect()
}

#[test]
fn a_task_that_never_opens_its_channel_disagrees_with_nobody() {
    assert_eq!(rows_read(Does::CountRows), [8, 8, 8]);
    assert_eq!(rows_read(Does::CountEvenChannels), [8, 0, 8]);
}
