//! Lowering calls to layers: calls in topological order become, as a rule, one layer whose tasks read one another.
//!
//! All tasks of a layer have the same needs and are all pure or all not, so calls that differ in these stand in different
//! layers. A layer reads only earlier ones, so where calls alternate between needs there is one layer for each change on
//! the way: a call's rank. With equal needs everywhere, rank is 0 and there is one layer. Subgraphs stand between: see
//! [`planted`](super::planted).

use super::{
    ArgSpec, Call, Calls, FnBody, Function,
    planted::{LaidOut, Planted},
};
use crate::{
    Error, ErrorKind, Index, Key, LayerId, Result, RunId,
    delayed::Subgraph,
    graph::{EdgeMap, HeldRange, Layer, LayerSpec, LayeredGraph, Lists, Needs, Output, Ranges, Repeat, Token, Tokenizer},
    value::Data,
};
use rustc_hash::FxHashMap;
use std::{any::TypeId, collections::BTreeMap, ops::Range, sync::Arc};

/// What tells layers apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Class {
    /// What a task needs.
    pub(crate) needs: Needs,
    /// Whether equal calls give unequal results.
    pub(crate) impure: bool,
    /// Whether the calls are to stand in one layer of their own, after all others.
    pub(crate) last: bool,
}

/// What a call passes for one parameter.
pub(crate) enum Link {
    /// A value.
    Literal(Data),
    /// The result of an earlier call.
    Call(u32),
    /// A result of an earlier subgraph: its number, and which.
    Part(u32, Index),
    /// A result of another run.
    Held(Index),
    /// Several of them, as a list.
    HeldList(Range<Index>),
    /// A list or tuple.
    List(Vec<Link>),
    /// The result of a call that nothing else reads, made inside this one.
    Inner(Box<Planned>),
}

/// One call that is to become a task.
pub(crate) struct Planned {
    pub(crate) function: Arc<Function>,
    pub(crate) args: Vec<Link>,
    pub(crate) class: u32,
    /// Equal tokens mean equal results; none where they do not.
    pub(crate) token: Option<Token>,
}

/// Results that are wanted.
pub(crate) enum Wanted {
    /// Of consecutive calls of one layer.
    Calls(Range<u32>),
    /// Of another run.
    Held(Range<Index>),
    /// Of a subgraph: its number, and which.
    Parts(u32, Ranges),
}

/// Calls in topological order, the subgraphs among them, and results of other runs that they read.
#[derive(Default)]
pub(crate) struct CallPlan {
    pub(super) calls: Vec<Planned>,
    classes: Vec<Class>,
    pub(super) planted: Vec<Planted>,
    held: Vec<HeldRange>,
    held_len: u32,
    held_at: FxHashMap<(RunId, LayerId, Index, u32), Index>,
}

impl CallPlan {
    /// The number of a class.
    pub(crate) fn class(&mut self, class: Class) -> u32 {
        let at = self.classes.iter().position(|other| *other == class).unwrap_or_else(|| {
            self.classes.push(class);
            self.classes.len() - 1
        });
        at as u32
    }

    /// Adds a call that reads earlier ones only, and gives its number.
    pub(crate) fn push(&mut self, call: Planned) -> Result<u32> {
        let number = u32::try_from(self.calls.len()).map_err(|_| Error::new(ErrorKind::Graph, "a graph has at most 2^32 calls"))?;
        self.calls.push(call);
        Ok(number)
    }

    /// Adds a subgraph, with what each of its sources stands for, and gives its number.
    pub(crate) fn plant(&mut self, of: Arc<Subgraph>, sources: Vec<Vec<Link>>) -> u32 {
        self.planted.push(Planted { of, sources, before: self.calls.len() });
        self.planted.len() as u32 - 1
    }

    /// Where results of another run stand among all that are read. The same range is read once.
    pub(crate) fn hold(&mut self, range: &HeldRange) -> Range<Index> {
        let start = *self.held_at.entry((range.run, range.layer, range.start, range.len)).or_insert_with(|| {
            match self.held.last_mut() {
                Some(last) if (last.run, last.layer, last.start + last.len) == (range.run, range.layer, range.start) => {
                    last.len += range.len
                }
                _ => self.held.push(range.clone()),
            }
            self.held_len += range.len;
            self.held_len - range.len
        });
        start..start + range.len
    }

    /// The layers, and the results that are wanted, each under its key.
    pub(crate) fn lower(self, name: &str, wanted: impl IntoIterator<Item = (Wanted, Key)>) -> Result<LayeredGraph> {
        let CallPlan { calls, classes, planted, held, .. } = self;
        let mut graph = LayeredGraph::default();
        let held = (!held.is_empty()).then(|| graph.push(Layer::held("futures", held)));
        let (ranks, first_readers) = ranks(&calls, &classes, &planted);
        // The layers in their order, and for each call its layer and its place there.
        let mut layers: BTreeMap<Slot, LayerId> =
            first_readers.iter().zip(0..).map(|(rank, part)| (Slot::part(*rank, part), NOWHERE)).collect();
        let mut tasks: BTreeMap<Slot, Index> = BTreeMap::new();
        let mut spots: Vec<(Slot, Index)> = Vec::with_capacity(calls.len());
        for (call, rank) in calls.iter().zip(&ranks) {
            let slot = Slot::calls(*rank, call.class);
            let next = tasks.entry(slot).or_default();
            spots.push((slot, *next));
            *next += 1;
        }
        layers.extend(tasks.keys().map(|slot| (*slot, NOWHERE)));

        let mut laid_out: Vec<Option<LaidOut>> = planted.iter().map(|_| None).collect();
        let mut next = graph.layers.len() as u32;
        for slot in layers.keys().copied().collect::<Vec<_>>() {
            match slot.of {
                Of::Calls(_) => {
                    layers.insert(slot, LayerId(next));
                    next += 1;
                }
                Of::Part(part) => {
                    let (place, after) = planted[part as usize].lay_out(next, &spots, held, |slot| layers[&slot], &laid_out)?;
                    laid_out[part as usize] = Some(place);
                    next = after;
                }
            }
        }

        let places = Places {
            calls: spots.into_iter().map(|(slot, index)| Place { layer: layers[&slot], index }).collect(),
            parts: laid_out.iter().map(|place| place.as_ref().map(|place| place.output)).collect(),
            held,
        };
        let mut rows: BTreeMap<Slot, Rows> = tasks.into_keys().map(|slot| (slot, Rows::new(layers[&slot]))).collect();
        for (call, rank) in calls.into_iter().zip(ranks) {
            let slot = Slot::calls(rank, call.class);
            rows.get_mut(&slot).ok_or_else(|| Error::internal("a call without a layer"))?.push(call, &places)?;
        }
        let mut planted: Vec<Option<Planted>> = planted.into_iter().map(Some).collect();
        for slot in layers.into_keys() {
            match slot.of {
                Of::Calls(class) => {
                    let rows = rows.remove(&slot).ok_or_else(|| Error::internal("a layer without calls"))?;
                    let layer = rows.layer(name, &classes[class as usize], &graph);
                    graph.push(layer);
                }
                Of::Part(part) => {
                    let place = laid_out[part as usize].as_ref().zip(planted[part as usize].take());
                    let (place, planted) = place.ok_or_else(|| Error::internal("a subgraph without a place"))?;
                    planted.push(place, &mut graph, &places)?;
                }
            }
        }
        for (what, key) in wanted {
            graph.outputs.push(places.output(what, key)?);
        }
        Ok(graph)
    }
}

/// The place of a layer among others: calls of one class and rank, or a subgraph. A subgraph stands before the calls of its
/// rank, which may read it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    rank: u32,
    of: Of,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Part(u32),
    Calls(u32),
}

impl Slot {
    fn part(rank: u32, part: u32) -> Self {
        Slot { rank, of: Of::Part(part) }
    }

    fn calls(rank: u32, class: u32) -> Self {
        Slot { rank, of: Of::Calls(class) }
    }
}

/// What has no number yet.
const NOWHERE: LayerId = LayerId(u32::MAX);

/// Where a result is made.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) layer: LayerId,
    pub(super) index: Index,
}

/// Where the results of all calls are made, those of subgraphs, and those of other runs.
pub(super) struct Places {
    calls: Vec<Place>,
    pub(super) parts: Vec<Option<LayerId>>,
    held: Option<LayerId>,
}

impl Places {
    fn held(&self) -> Result<LayerId> {
        self.held.ok_or_else(|| Error::internal("a result of another run is read and none is held"))
    }

    fn output(&self, wanted: Wanted, key: Key) -> Result<Output> {
        let (layer, tasks) = match wanted {
            Wanted::Held(range) => (self.held()?, range.into()),
            Wanted::Parts(part, tasks) => (self.part(part, 0)?.layer, tasks),
            Wanted::Calls(calls) => {
                let place = self.calls[calls.start as usize];
                (place.layer, Ranges::from(place.index..place.index + calls.len() as u32))
            }
        };
        Ok(Output { layer, tasks, key })
    }
}

/// What a link reads in the same graph.
pub(super) enum Read {
    Call(u32),
    /// A result of this subgraph.
    Part(u32),
}

/// Calls `each` with everything in the same graph that a link reads.
pub(super) fn each_read(link: &Link, each: &mut dyn FnMut(Read)) {
    match link {
        Link::Call(call) => each(Read::Call(*call)),
        Link::Part(part, _) => each(Read::Part(*part)),
        Link::List(items) => items.iter().for_each(|item| each_read(item, each)),
        Link::Inner(call) => call.args.iter().for_each(|arg| each_read(arg, each)),
        Link::Literal(_) | Link::Held(_) | Link::HeldList(_) => {}
    }
}

/// How often the needs change, or a subgraph is passed, on the longest way to each call; and the first rank from which each
/// subgraph may be read.
fn ranks(calls: &[Planned], classes: &[Class], planted: &[Planted]) -> (Vec<u32>, Vec<u32>) {
    let (mut ranks, mut first_readers): (Vec<u32>, Vec<u32>) = (Vec::with_capacity(calls.len()), Vec::with_capacity(planted.len()));
    for at in 0..=calls.len() {
        while let Some(next) = planted.get(first_readers.len()).filter(|next| next.before <= at) {
            first_readers.push(next.first_reader(&ranks, &first_readers));
        }
        let Some(call) = calls.get(at) else { break };
        let mut rank = 0;
        for arg in &call.args {
            each_read(arg, &mut |read| {
                rank = rank.max(match read {
                    Read::Call(other) => ranks[other as usize] + u32::from(calls[other as usize].class != call.class),
                    Read::Part(part) => first_readers[part as usize],
                });
            });
        }
        ranks.push(if classes[call.class as usize].last { u32::MAX } else { rank });
    }
    (ranks, first_readers)
}

/// A layer in the making.
pub(super) struct Rows {
    own: LayerId,
    functions: Vec<Arc<Function>>,
    by_type: FxHashMap<TypeId, u32>,
    by_pointer: FxHashMap<*const Function, u32>,
    rows: Vec<Call>,
    /// For each layer that is read, what each task reads of it.
    edges: Vec<(LayerId, Lists)>,
    tokens: Option<Tokenizer>,
}

impl Rows {
    pub(super) fn new(own: LayerId) -> Self {
        let (functions, by_type, by_pointer, rows, edges) = Default::default();
        Rows { own, functions, by_type, by_pointer, rows, edges, tokens: Some(Tokenizer::new("calls")) }
    }

    fn function(&mut self, function: Arc<Function>) -> u32 {
        let next = self.functions.len() as u32;
        let number = match function.type_id() {
            Some(id) => *self.by_type.entry(id).or_insert(next),
            None => *self.by_pointer.entry(Arc::as_ptr(&function)).or_insert(next),
        };
        if number == next {
            self.functions.push(function);
        }
        number
    }

    pub(super) fn push(&mut self, call: Planned, places: &Places) -> Result<()> {
        self.tokens = match (self.tokens.take(), call.token) {
            (Some(tokens), Some(token)) => Some(tokens.token(token)),
            _ => None,
        };
        let mut reads: BTreeMap<LayerId, Vec<Index>> = BTreeMap::new();
        let args = call.args.into_iter().map(|arg| self.arg(arg, places, &mut reads)).collect::<Result<_>>()?;
        for (from, lists) in &mut self.edges {
            lists.push(reads.remove(from).unwrap_or_default());
        }
        let function = self.function(call.function);
        self.rows.push(Call { function, args });
        Ok(())
    }

    /// The number of the edge from a layer, made at its first use.
    fn edge(&mut self, from: LayerId) -> Result<u16> {
        let at = self.edges.iter().position(|(other, _)| *other == from).unwrap_or_else(|| {
            self.edges.push((from, Lists::new(self.rows.iter().map(|_| []))));
            self.edges.len() - 1
        });
        u16::try_from(at).map_err(|_| Error::new(ErrorKind::Graph, "calls with so many different needs do not fit one graph"))
    }

    fn arg(&mut self, link: Link, places: &Places, reads: &mut BTreeMap<LayerId, Vec<Index>>) -> Result<ArgSpec> {
        Ok(match link {
            Link::Literal(data) => ArgSpec::Literal(data),
            Link::Call(call) => self.input(places.calls[call as usize], reads)?,
            Link::Part(part, index) => self.input(places.part(part, index)?, reads)?,
            Link::Held(index) => self.input(Place { layer: places.held()?, index }, reads)?,
            Link::HeldList(range) => {
                let layer = places.held()?;
                let read = reads.entry(layer).or_default();
                let (start, len) = (read.len() as u32, range.len() as u32);
                read.extend(range);
                ArgSpec::Span { edge: self.edge(layer)?, start, len }
            }
            Link::List(items) => {
                let items: Vec<_> = items.into_iter().map(|item| self.arg(item, places, reads)).collect::<Result<_>>()?;
                span(&items).unwrap_or(ArgSpec::List(items))
            }
            Link::Inner(call) => {
                let Planned { function, args, .. } = *call;
                let args = args.into_iter().map(|arg| self.arg(arg, places, reads)).collect::<Result<_>>()?;
                ArgSpec::Call(Box::new(Call { function: self.function(function), args }))
            }
        })
    }

    fn input(&mut self, Place { layer, index }: Place, reads: &mut BTreeMap<LayerId, Vec<Index>>) -> Result<ArgSpec> {
        let read = reads.entry(layer).or_default();
        read.push(index);
        let nth = read.len() as u32 - 1;
        Ok(ArgSpec::Input { edge: self.edge(layer)?, nth })
    }

    /// The layer, whose inputs are in `graph` already.
    pub(super) fn layer(self, name: &str, class: &Class, graph: &LayeredGraph) -> Layer {
        let name = match &self.functions[..] {
            [only] => only.short_name(),
            _ => name,
        };
        let mut spec = LayerSpec::new(name, self.rows.len() as u32);
        spec.needs = class.needs.clone();
        spec.repeat = if class.impure { Repeat::Varies } else { Repeat::Pure };
        spec.token = self.tokens.map(Tokenizer::finish);
        for (from, lists) in self.edges {
            let is_own = from == self.own;
            let map = if is_own { EdgeMap::Explicit(Arc::new(lists)) } else { simplest(lists, graph.layer(from).spec.tasks) };
            spec = spec.reads(from, map);
        }
        let body = FnBody { functions: self.functions.into(), call: None };
        Layer { spec, work: crate::graph::Work::Each(body.template(), Arc::new(Calls::new(self.rows))) }
    }
}

/// A list of consecutive inputs of one edge in short form.
fn span(items: &[ArgSpec]) -> Option<ArgSpec> {
    let Some(ArgSpec::Input { edge, nth: start }) = items.first() else { return None };
    let follows = |(item, at): (&ArgSpec, u32)| matches!(item, ArgSpec::Input { edge: other, nth } if other == edge && *nth == at);
    items.iter().zip(*start..).all(follows).then_some(ArgSpec::Span { edge: *edge, start: *start, len: items.len() as u32 })
}

/// The edge that these lists are, without listing where it can be computed.
fn simplest(lists: Lists, sources: u32) -> EdgeMap {
    let readers = lists.len();
    if readers <= sources && (0..readers).all(|i| lists.get(i) == [i]) {
        EdgeMap::OneToOne
    } else if readers == 1 && lists.get(0).iter().copied().eq(0..sources) {
        EdgeMap::All
    } else {
        EdgeMap::Explicit(Arc::new(lists))
    }
}
