//! Small graphs, and how often their tasks were started.

use super::world::World;
use std::{collections::BTreeMap, sync::Arc};
use stratal_core::{
    LayerId, RunId,
    graph::{EdgeMap, Emits, Input, LayerSpec, Outline, Output, Slicing, Token},
};

pub(super) fn reads(mut spec: LayerSpec, from: u32, sources: u32, map: EdgeMap) -> LayerSpec {
    spec.inputs.push(Input { from: LayerId(from), sources, map });
    spec
}

pub(super) fn graph(layers: Vec<LayerSpec>) -> Outline {
    let last = layers.len() as u32 - 1;
    let tasks = layers[last as usize].selected.clone();
    let outputs = vec![Output { layer: LayerId(last), tasks, key: "out".into() }];
    Outline { layers: layers.into_iter().map(Arc::new).collect(), outputs }
}

pub(super) fn shuffle(n: u32) -> Outline {
    let mut map = LayerSpec::new("map", n);
    map.emits = Emits::Channels(n);
    graph(vec![map, reads(LayerSpec::new("reduce", n), 0, n, EdgeMap::Channel)])
}

/// How often each task of a layer was started.
pub(super) fn starts(world: &World, run: u64, layer: u32) -> BTreeMap<u32, u32> {
    let mut starts = BTreeMap::new();
    for (_, slice) in world.ran.iter().filter(|(_, slice)| (slice.run, slice.layer) == (RunId(run), LayerId(layer))) {
        (slice.start..slice.start + slice.len).for_each(|task| *starts.entry(task).or_default() += 1);
    }
    starts
}

/// One layer, each of its tasks a slice of its own.
pub(super) fn singles(name: &str, n: u32) -> LayerSpec {
    let mut spec = LayerSpec::new(name, n);
    spec.slicing = Slicing::AtMost(1);
    spec
}

/// A layer of one task with a token.
pub(super) fn pure(name: &str, token: u128) -> LayerSpec {
    let mut spec = LayerSpec::new(name, 1);
    spec.token = Some(Token(token));
    spec
}
