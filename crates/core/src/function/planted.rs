//! Subgraphs among calls: where their layers stand, and what their sources become.
//!
//! A source stands for results of calls. Where these are the first tasks of one layer, in order, what reads the source reads
//! that layer. Else the source becomes a layer that hands each result on.

use super::{
    Function,
    lower::{Class, Link, Place, Places, Planned, Read, Rows, Slot, each_read},
};
use crate::{
    Error, Index, LayerId, Result,
    delayed::Subgraph,
    graph::{EdgeMap, Layer, LayeredGraph},
};
use std::sync::Arc;

/// A subgraph among the calls.
pub(super) struct Planted {
    pub(super) of: Arc<Subgraph>,
    /// For each source, the results that it stands for.
    pub(super) sources: Vec<Vec<Link>>,
    /// How many calls were planned before it.
    pub(super) before: usize,
}

/// A layer, before it has a number.
#[derive(Clone, Copy, PartialEq)]
enum Home {
    Held,
    Calls(Slot),
    Part(u32),
}

impl Planted {
    /// The first rank at which calls may read it, from those of the calls and subgraphs before it.
    pub(super) fn first_reader(&self, calls: &[u32], planted: &[u32]) -> u32 {
        let mut first = 0;
        for link in self.sources.iter().flatten() {
            each_read(link, &mut |read| {
                first = first.max(match read {
                    Read::Call(call) => calls[call as usize] + 1,
                    Read::Part(part) => planted[part as usize],
                });
            });
        }
        first
    }

    /// For each source, the layer whose first tasks are what it stands for.
    fn homes(&self, spots: &[(Slot, Index)]) -> Vec<Option<Home>> {
        let one = |links: &Vec<Link>| {
            let spots = links.iter().map(|link| match link {
                Link::Call(call) => {
                    let (slot, index) = spots[*call as usize];
                    Some((Home::Calls(slot), index))
                }
                Link::Held(index) => Some((Home::Held, *index)),
                Link::Part(part, index) => Some((Home::Part(*part), *index)),
                Link::Literal(_) | Link::HeldList(_) | Link::List(_) | Link::Inner(_) => None,
            });
            let spots: Vec<(Home, Index)> = spots.collect::<Option<_>>()?;
            let (home, _) = *spots.first()?;
            spots.iter().zip(0..).all(|((other, index), at)| *other == home && *index == at).then_some(home)
        };
        self.sources.iter().map(one).collect()
    }

    /// Where its layers will stand, the first of them at `next`; gives the number after the last. What a source becomes is
    /// where its results are, or a layer of its own.
    pub(super) fn lay_out(
        &self,
        next: u32,
        spots: &[(Slot, Index)],
        held: Option<LayerId>,
        layer_of: impl Fn(Slot) -> LayerId,
        laid_out: &[Option<LaidOut>],
    ) -> Result<(LaidOut, u32)> {
        let homes = self.homes(spots);
        let early = || Error::internal("a subgraph stands before what it reads");
        let (mut moved, mut next) = (Vec::new(), next);
        for layer in 0..self.of.graph().layers.len() as u32 {
            let source = self.of.sources().iter().position(|source| source.layer.0 == layer);
            let home = match source.and_then(|source| homes[source]) {
                None => None,
                Some(Home::Held) => Some(held.ok_or_else(early)?),
                Some(Home::Calls(slot)) => Some(layer_of(slot)),
                Some(Home::Part(part)) => Some(laid_out[part as usize].as_ref().ok_or_else(early)?.output),
            };
            moved.push(Moved { to: home.unwrap_or(LayerId(next)), is_there: home.is_some(), source });
            next += u32::from(home.is_none());
        }
        let output = moved[self.of.output().layer.0 as usize].to;
        Ok((LaidOut { moved, output }, next))
    }

    /// Adds its layers.
    pub(super) fn push(self, laid_out: &LaidOut, graph: &mut LayeredGraph, places: &Places) -> Result<()> {
        let mut sources: Vec<Option<Vec<Link>>> = self.sources.into_iter().map(Some).collect();
        for (layer, moved) in self.of.graph().layers.iter().zip(&laid_out.moved) {
            if moved.is_there {
                continue;
            }
            let layer = match moved.source.and_then(|source| sources[source].take()) {
                Some(links) => hand_on(&layer.spec.name, moved.to, links, graph, places)?,
                None => renumbered(layer, &laid_out.moved, graph),
            };
            graph.push(layer);
        }
        Ok(())
    }
}

/// Where the layers of a subgraph stand.
pub(super) struct LaidOut {
    moved: Vec<Moved>,
    /// The layer that can be read.
    pub(super) output: LayerId,
}

/// Where one of its layers stands.
struct Moved {
    to: LayerId,
    /// Whether it is a source of which nothing is left, since its results are a layer already.
    is_there: bool,
    /// Which source it is, if it is one.
    source: Option<usize>,
}

/// A layer of which each task hands a result on.
fn hand_on(name: &str, own: LayerId, links: Vec<Link>, graph: &LayeredGraph, places: &Places) -> Result<Layer> {
    let mut rows = Rows::new(own);
    let function: Arc<Function> = super::given_back();
    for link in links {
        rows.push(Planned { function: function.clone(), args: vec![link], class: 0, token: None }, places)?;
    }
    let mut layer = rows.layer(name, &Class::default(), graph);
    layer.spec.parts = vec![name.to_owned()];
    name.clone_into(&mut layer.spec.name);
    Ok(layer)
}

/// The layer with the numbers of the new graph in its inputs.
fn renumbered(layer: &Layer, moved: &[Moved], graph: &LayeredGraph) -> Layer {
    let mut layer = layer.clone();
    let tasks = layer.spec.tasks;
    for input in &mut layer.spec.inputs {
        let to = &moved[input.from.0 as usize];
        if to.is_there && graph.layer(to.to).spec.tasks != input.sources {
            // The layer that took the place of the source has other tasks too.
            input.map = up_to(&input.map, input.sources, tasks);
        }
        input.from = to.to;
    }
    layer
}

/// The same edge to a layer that has more tasks: none of them is read.
fn up_to(map: &EdgeMap, sources: u32, readers: u32) -> EdgeMap {
    match map {
        EdgeMap::All => EdgeMap::Ranges(vec![0..sources; readers as usize].into()),
        EdgeMap::Tree { .. } => EdgeMap::explicit((0..readers).map(|reader| map.sources(reader, sources))),
        map => map.clone(),
    }
}

impl Places {
    /// Where the nth result of a subgraph is.
    pub(super) fn part(&self, part: u32, index: Index) -> Result<Place> {
        let layer = self.parts.get(part as usize).copied().flatten();
        let layer = layer.ok_or_else(|| Error::internal("a subgraph is read before it has a place"))?;
        Ok(Place { layer, index })
    }
}
