//! Lowering calls to layers: calls in topological order become, as a rule, one layer whose tasks read one another.
//!
//! All tasks of a layer have the same needs and are all pure or all not, so calls that differ in these stand in different
//! layers. A layer reads only earlier ones, so where calls alternate between needs there is one layer for each change on
//! the way: a call's rank. With equal needs everywhere, rank is 0 and there is one layer.

use super::{ArgSpec, Call, Calls, FnBody, Function};
use crate::{
    Error, ErrorKind, Index, Key, LayerId, Result, RunId,
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
    /// A result of another run.
    Held(Index),
    /// Several of them, as a list.
    HeldList(Range<Index>),
    /// A list or tuple.
    List(Vec<Link>),
}

/// One call that is to become a task.
pub(crate) struct Planned {
    pub(crate) function: Arc<Function>,
    pub(crate) args: Vec<Link>,
    pub(crate) class: u32,
    /// Equal tokens mean equal results; none where they do not.
    pub(crate) token: Option<Token>,
}

/// Calls in topological order, and results of other runs that they read.
#[derive(Default)]
pub(crate) struct CallPlan {
    calls: Vec<Planned>,
    classes: Vec<Class>,
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

    /// The layers, and the results that are wanted: each a call and its key.
    pub(crate) fn lower(self, name: &str, wanted: impl IntoIterator<Item = (Range<u32>, Key)>) -> Result<LayeredGraph> {
        let mut graph = LayeredGraph::default();
        let held = match self.held.is_empty() {
            true => None,
            false => Some(graph.push(Layer::held("futures", self.held))),
        };
        let ranks = ranks(&self.calls, &self.classes);
        let mut numbers: BTreeMap<(u32, u32), u32> = self.calls.iter().zip(&ranks).map(|(call, rank)| ((*rank, call.class), 0)).collect();
        let first = graph.layers.len() as u32;
        numbers.values_mut().zip(first..).for_each(|(number, layer)| *number = layer);
        let mut layers: Vec<Rows> = numbers.iter().map(|((_, class), layer)| Rows::new(*class, LayerId(*layer))).collect();

        let mut places: Vec<Place> = Vec::with_capacity(self.calls.len());
        for (call, rank) in self.calls.into_iter().zip(ranks) {
            let layer = numbers[&(rank, call.class)];
            let index = layers[(layer - first) as usize].push(call, &places, held)?;
            places.push(Place { layer: LayerId(layer), index });
        }
        let lengths: Vec<u32> = held.iter().map(|_| self.held_len).chain(layers.iter().map(|rows| rows.rows.len() as u32)).collect();
        for rows in layers {
            let class = &self.classes[rows.class as usize];
            graph.push(rows.layer(name, class, |from| lengths[from.0 as usize]));
        }
        for (calls, key) in wanted {
            let place = places[calls.start as usize];
            let tasks = Ranges::from(place.index..place.index + calls.len() as u32);
            graph.outputs.push(Output { layer: place.layer, tasks, key });
        }
        Ok(graph)
    }
}

/// Where a call became a task.
#[derive(Clone, Copy)]
struct Place {
    layer: LayerId,
    index: Index,
}

/// How often the needs change on the longest way to each call.
fn ranks(calls: &[Planned], classes: &[Class]) -> Vec<u32> {
    fn visit(link: &Link, each: &mut dyn FnMut(u32)) {
        match link {
            Link::Call(call) => each(*call),
            Link::List(items) => items.iter().for_each(|item| visit(item, each)),
            Link::Literal(_) | Link::Held(_) | Link::HeldList(_) => {}
        }
    }
    let mut ranks: Vec<u32> = Vec::with_capacity(calls.len());
    for call in calls {
        let mut rank = 0;
        for arg in &call.args {
            visit(arg, &mut |other| {
                let changes = calls[other as usize].class != call.class;
                rank = rank.max(ranks[other as usize] + changes as u32);
            });
        }
        ranks.push(if classes[call.class as usize].last { u32::MAX } else { rank });
    }
    ranks
}

/// A layer in the making.
struct Rows {
    class: u32,
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
    fn new(class: u32, own: LayerId) -> Self {
        let (functions, by_type, by_pointer, rows, edges) = Default::default();
        Rows { class, own, functions, by_type, by_pointer, rows, edges, tokens: Some(Tokenizer::new("calls")) }
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

    fn push(&mut self, call: Planned, places: &[Place], held: Option<LayerId>) -> Result<Index> {
        let index = self.rows.len() as u32;
        self.tokens = match (self.tokens.take(), call.token) {
            (Some(tokens), Some(token)) => Some(tokens.token(token)),
            _ => None,
        };
        let mut reads: BTreeMap<LayerId, Vec<Index>> = BTreeMap::new();
        let args = call.args.into_iter().map(|arg| self.arg(arg, places, held, &mut reads)).collect::<Result<_>>()?;
        for (from, lists) in &mut self.edges {
            lists.push(reads.remove(from).unwrap_or_default());
        }
        let function = self.function(call.function);
        self.rows.push(Call { function, args });
        Ok(index)
    }

    /// The number of the edge from a layer, made at its first use.
    fn edge(&mut self, from: LayerId) -> Result<u16> {
        let at = self.edges.iter().position(|(other, _)| *other == from).unwrap_or_else(|| {
            self.edges.push((from, Lists::new(self.rows.iter().map(|_| []))));
            self.edges.len() - 1
        });
        u16::try_from(at).map_err(|_| Error::new(ErrorKind::Graph, "calls with so many different needs do not fit one graph"))
    }

    fn arg(&mut self, link: Link, places: &[Place], held: Option<LayerId>, reads: &mut BTreeMap<LayerId, Vec<Index>>) -> Result<ArgSpec> {
        let held_layer = || held.ok_or_else(|| Error::internal("a result of another run is read and none is held"));
        Ok(match link {
            Link::Literal(data) => ArgSpec::Literal(data),
            Link::Call(call) => {
                let place = places[call as usize];
                self.input(place.layer, place.index, reads)?
            }
            Link::Held(index) => self.input(held_layer()?, index, reads)?,
            Link::HeldList(range) => {
                let layer = held_layer()?;
                let read = reads.entry(layer).or_default();
                let (start, len) = (read.len() as u32, range.len() as u32);
                read.extend(range);
                ArgSpec::Span { edge: self.edge(layer)?, start, len }
            }
            Link::List(items) => {
                let items: Vec<_> = items.into_iter().map(|item| self.arg(item, places, held, reads)).collect::<Result<_>>()?;
                span(&items).unwrap_or(ArgSpec::List(items))
            }
        })
    }

    fn input(&mut self, layer: LayerId, index: Index, reads: &mut BTreeMap<LayerId, Vec<Index>>) -> Result<ArgSpec> {
        let read = reads.entry(layer).or_default();
        read.push(index);
        let nth = read.len() as u32 - 1;
        Ok(ArgSpec::Input { edge: self.edge(layer)?, nth })
    }

    fn layer(self, name: &str, class: &Class, sources: impl Fn(LayerId) -> u32) -> Layer {
        let name = match &self.functions[..] {
            [only] => only.short_name(),
            _ => name,
        };
        let mut spec = LayerSpec::new(name, self.rows.len() as u32);
        spec.needs = class.needs.clone();
        spec.repeat = if class.impure { Repeat::Varies } else { Repeat::Pure };
        spec.token = self.tokens.map(Tokenizer::finish);
        for (from, lists) in self.edges {
            let map = if from == self.own { EdgeMap::Explicit(Arc::new(lists)) } else { simplest(lists, sources(from)) };
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
