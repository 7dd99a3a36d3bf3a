//! Edges as data: how task *i* of a layer reads another layer, computed in both directions and never listed.
//!
//! [`EdgeMap::sources`] answers "what does task `i` read", [`EdgeMap::dependents`] "who reads task `j`". The two are
//! inverse to each other for every kind; the property tests below hold them to it.

use super::Ranges;
use crate::{Error, ErrorKind, Index, LayerId, Result};
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};

/// One input of a layer: which layer it reads and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// The layer that is read: an earlier one, or the layer itself, at lower indexes.
    pub from: LayerId,
    /// The number of tasks of that layer; [`LayeredGraph::push`](super::LayeredGraph::push) fills it in.
    pub sources: u32,
    /// Which of its tasks, and which part of what they leave.
    pub map: EdgeMap,
}

/// How task *i* of the reading layer reads the layer `from`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EdgeMap {
    /// Task `i`, whole.
    OneToOne,
    /// Every task, whole.
    All,
    /// Channel `i` of every task: a shuffle.
    Channel,
    /// Tasks `i * fan_in .. (i + 1) * fan_in`: one level of a tree reduction.
    Tree {
        /// How many tasks one reader takes, at least 1.
        fan_in: u32,
    },
    /// Tasks `ranges[i]`.
    Ranges(Arc<[Range<Index>]>),
    /// The chunks of an n-dimensional grid that a box touches.
    Boxes(Arc<GridMap>),
    /// Tasks as listed.
    Explicit(Arc<Lists>),
    /// As `Boxes`, for a reading grid whose axes stand in another order: its axis `i` is the axis `order[i]` of the map.
    Crossed(Arc<GridMap>, Arc<[u32]>),
}

/// Lists of indexes, one for each task of the reader, in one allocation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lists {
    /// `starts[i]..starts[i + 1]` is where the list of task `i` stands in `items`.
    starts: Vec<u32>,
    items: Vec<Index>,
}

impl Lists {
    /// Collects one list for each task.
    pub fn new<L: IntoIterator<Item = Index>>(lists: impl IntoIterator<Item = L>) -> Self {
        let mut all = Lists { starts: vec![0], items: Vec::new() };
        for list in lists {
            all.push(list);
        }
        all
    }

    /// Appends the list of one more task.
    pub fn push(&mut self, list: impl IntoIterator<Item = Index>) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.items.extend(list);
        self.starts.push(self.items.len() as u32);
    }

    /// The number of lists.
    pub fn len(&self) -> u32 {
        self.starts.len().saturating_sub(1) as u32
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the starts are in order and cover the items: lists that came over the wire may be anything.
    fn is_whole(&self) -> bool {
        self.starts.is_sorted()
            && self.starts.first().is_none_or(|first| *first == 0)
            && self.starts.last().copied().unwrap_or(0) as usize == self.items.len()
    }

    /// The list of task `i`, in the order given.
    pub fn get(&self, i: Index) -> &[Index] {
        &self.items[self.starts[i as usize] as usize..self.starts[i as usize + 1] as usize]
    }

    /// For each of `sources` indexes, the lists it stands in (once for each time it stands there).
    pub fn inverse(&self, sources: u32) -> Lists {
        let mut starts = vec![0u32; sources as usize + 1];
        for item in &self.items {
            starts[*item as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut items = vec![0; self.items.len()];
        for list in 0..self.len() {
            for item in self.get(list) {
                items[next[*item as usize] as usize] = list;
                next[*item as usize] += 1;
            }
        }
        Lists { starts, items }
    }
}

/// Which chunks of a source grid each cell of a reading grid touches, axis by axis.
///
/// Both grids are numbered in row-major order. A reader at `(c0, c1, ..)` reads the product of `axes[0][c0]`,
/// `axes[1][c1]`, and so on: memory is the sum of the axes, never their product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridMap {
    /// Chunks of the source along each axis.
    pub source: Vec<u32>,
    /// For each axis and each coordinate of the reader along it, the source coordinates it touches.
    pub axes: Vec<Vec<Range<u32>>>,
}

impl GridMap {
    /// The number of reading tasks; the largest number where there are more.
    pub fn readers(&self) -> u64 {
        self.axes.iter().fold(1, |readers, axis| readers.saturating_mul(axis.len() as u64))
    }

    /// The number of source chunks; the largest number where there are more.
    pub fn sources(&self) -> u64 {
        self.source.iter().fold(1, |sources, n| sources.saturating_mul(*n as u64))
    }

    /// The box that all readers read together, where it is one: then nobody has to ask one after another.
    fn read_box(&self) -> Option<Vec<Range<u32>>> {
        let axis = |ranges: &Vec<Range<u32>>| {
            let union = Ranges::union_of(ranges.clone());
            let mut parts = union.parts();
            let first = parts.next()?;
            parts.next().is_none().then_some(first)
        };
        self.axes.iter().map(axis).collect()
    }

    /// The number in the map's own order of the reader with the number `i` in a grid whose axes stand in `order`.
    fn uncrossed(&self, i: Index, order: &[u32]) -> Index {
        let (mut at, mut rest) = (vec![0u32; self.axes.len()], i);
        for axis in order.iter().rev() {
            let count = self.axes[*axis as usize].len() as u32;
            at[*axis as usize] = rest % count;
            rest /= count;
        }
        at.iter().zip(&self.axes).fold(0, |sum, (at, axis)| sum * axis.len() as u32 + at)
    }

    /// The inverse of [`uncrossed`](Self::uncrossed).
    fn crossed(&self, i: Index, order: &[u32]) -> Index {
        let (mut at, mut rest) = (vec![0u32; self.axes.len()], i);
        for (at, axis) in at.iter_mut().zip(&self.axes).rev() {
            *at = rest % axis.len() as u32;
            rest /= axis.len() as u32;
        }
        order.iter().fold(0, |sum, axis| sum * self.axes[*axis as usize].len() as u32 + at[*axis as usize])
    }

    fn visit(&self, i: Index, each: &mut dyn FnMut(Range<Index>)) {
        let mut cell = vec![0..0; self.axes.len()];
        let mut rest = i;
        for (axis, ranges) in self.axes.iter().enumerate().rev() {
            cell[axis] = ranges[(rest % ranges.len() as u32) as usize].clone();
            rest /= ranges.len() as u32;
        }
        visit_box(&self.source, &cell, each);
    }

    /// For each axis, who reads each place along it; none where that is found by binary search.
    fn listed(&self) -> Vec<Option<Lists>> {
        let list = |(ranges, n): (&Vec<Range<u32>>, &u32)| (!is_monotone(ranges)).then(|| Lists::new(ranges.iter().cloned()).inverse(*n));
        self.axes.iter().zip(&self.source).map(list).collect()
    }

    fn visit_dependents(&self, j: Index, listed: &[Option<Lists>], each: &mut dyn FnMut(Index)) {
        let mut readers: Vec<Vec<u32>> = vec![Vec::new(); self.axes.len()];
        let mut rest = j;
        for (axis, n) in self.source.iter().enumerate().rev() {
            let at = rest % n;
            rest /= n;
            readers[axis] = match &listed[axis] {
                Some(lists) => lists.get(at).to_vec(),
                None => who_reads(&self.axes[axis], at).collect(),
            };
        }
        if readers.iter().any(Vec::is_empty) {
            return;
        }
        let mut at = vec![0usize; readers.len()];
        loop {
            let index =
                at.iter().zip(&readers).zip(&self.axes).fold(0u32, |sum, ((at, readers), axis)| sum * axis.len() as u32 + readers[*at]);
            each(index);
            let Some(axis) = (0..at.len()).rev().find(|axis| at[*axis] + 1 < readers[*axis].len()) else { return };
            at[axis] += 1;
            at[axis + 1..].fill(0);
        }
    }
}

/// Calls `each` with the runs of row-major indexes that a box of a grid covers.
fn visit_box(grid: &[u32], cell: &[Range<u32>], each: &mut dyn FnMut(Range<Index>)) {
    if cell.iter().any(|range| range.is_empty()) {
        return;
    }
    let Some((last, outer)) = cell.split_last() else { return each(0..1) };
    let mut at: Vec<u32> = outer.iter().map(|range| range.start).collect();
    loop {
        let row = at.iter().zip(grid).fold(0, |sum, (at, n)| sum * n + at) * grid[grid.len() - 1];
        each(row + last.start..row + last.end);
        let Some(axis) = (0..at.len()).rev().find(|axis| at[*axis] + 1 < outer[*axis].end) else { return };
        at[axis] += 1;
        for inner in axis + 1..at.len() {
            at[inner] = outer[inner].start;
        }
    }
}

impl EdgeMap {
    /// An explicit edge from lists.
    pub fn explicit<L: IntoIterator<Item = Index>>(lists: impl IntoIterator<Item = L>) -> Self {
        EdgeMap::Explicit(Arc::new(Lists::new(lists)))
    }

    /// Whether every task of the reader waits for the whole source layer, so that one counter an edge is enough.
    pub fn is_shared(&self) -> bool {
        matches!(self, EdgeMap::All | EdgeMap::Channel)
    }

    /// The name of the kind, as pictures and errors print it.
    pub fn name(&self) -> &'static str {
        match self {
            EdgeMap::OneToOne => "one-to-one",
            EdgeMap::All => "all",
            EdgeMap::Channel => "channel",
            EdgeMap::Tree { .. } => "tree",
            EdgeMap::Ranges(_) => "ranges",
            EdgeMap::Boxes(_) => "boxes",
            EdgeMap::Explicit(_) => "explicit",
            EdgeMap::Crossed(..) => "crossed boxes",
        }
    }

    /// Calls `each` with the source tasks of reader `i`, as ranges in reading order. `sources` is the length of the source layer.
    pub fn visit_sources(&self, i: Index, sources: u32, each: &mut dyn FnMut(Range<Index>)) {
        match self {
            EdgeMap::OneToOne => each(i..i + 1),
            EdgeMap::All | EdgeMap::Channel if sources == 0 => {}
            EdgeMap::All | EdgeMap::Channel => each(0..sources),
            EdgeMap::Tree { fan_in } => {
                let start = (i as u64 * *fan_in as u64).min(sources as u64) as u32;
                let end = start.saturating_add(*fan_in).min(sources);
                if start < end {
                    each(start..end);
                }
            }
            EdgeMap::Ranges(ranges) => {
                let range = &ranges[i as usize];
                if range.start < range.end {
                    each(range.clone());
                }
            }
            EdgeMap::Boxes(map) => map.visit(i, each),
            EdgeMap::Crossed(map, order) => map.visit(map.uncrossed(i, order), each),
            EdgeMap::Explicit(lists) => lists.get(i).iter().for_each(|j| each(*j..*j + 1)),
        }
    }

    /// The source tasks of reader `i`, in reading order.
    pub fn sources(&self, i: Index, sources: u32) -> Vec<Index> {
        let mut all = Vec::new();
        self.visit_sources(i, sources, &mut |range| all.extend(range));
        all
    }

    /// Every source task that some reader of the set needs.
    pub fn sources_of(&self, readers: &Ranges, sources: u32) -> Ranges {
        if let EdgeMap::Boxes(map) | EdgeMap::Crossed(map, _) = self
            && readers.len() as u64 == map.readers()
            && let Some(together) = map.read_box()
        {
            let mut all = Vec::new();
            visit_box(&map.source, &together, &mut |range| all.push(range));
            return Ranges::union_of(all);
        }
        match self {
            _ if readers.is_empty() => Ranges::none(),
            EdgeMap::OneToOne => readers.clone(),
            EdgeMap::All | EdgeMap::Channel => Ranges::full(sources),
            EdgeMap::Tree { fan_in } => {
                let times = |i: Index| (i as u64 * *fan_in as u64).min(sources as u64) as u32;
                Ranges::union_of(readers.parts().map(|r| times(r.start)..times(r.end)).collect())
            }
            _ => {
                let mut all = Vec::new();
                for i in readers.iter() {
                    self.visit_sources(i, sources, &mut |range| all.push(range));
                }
                Ranges::union_of(all)
            }
        }
    }

    /// Prepares the inverse direction: who reads source task `j`.
    pub fn dependents(&self, sources: u32, readers: u32) -> Dependents {
        let inverse = match self {
            EdgeMap::Explicit(lists) => Some(lists.inverse(sources)),
            EdgeMap::Ranges(ranges) if !is_monotone(ranges) => Some(Lists::new(ranges.iter().cloned()).inverse(sources)),
            _ => None,
        };
        let listed = match self {
            EdgeMap::Boxes(map) | EdgeMap::Crossed(map, _) => map.listed(),
            _ => Vec::new(),
        };
        Dependents { map: self.clone(), readers, inverse, listed }
    }

    /// Whether the map fits layers of these lengths.
    pub(crate) fn check(&self, sources: u32, readers: u32) -> Result<()> {
        let fail = |message: String| Err(Error::new(ErrorKind::Graph, message));
        match self {
            EdgeMap::OneToOne if readers > sources => fail(format!("a one-to-one edge has {readers} readers and {sources} sources")),
            EdgeMap::Tree { fan_in: 0 } => fail("a tree edge has a fan-in of 0".into()),
            EdgeMap::Tree { fan_in } if readers as u64 * (*fan_in as u64) < sources as u64 => {
                fail(format!("a tree edge of fan-in {fan_in} with {readers} readers leaves some of {sources} sources unread"))
            }
            EdgeMap::Ranges(ranges) if ranges.len() != readers as usize => {
                fail(format!("a ranges edge lists {} ranges for {readers} readers", ranges.len()))
            }
            EdgeMap::Ranges(ranges) => match ranges.iter().position(|range| range.start > range.end || range.end > sources) {
                Some(i) => fail(format!("range {i} of a ranges edge is {:?} and the source has {sources} tasks", ranges[i])),
                None => Ok(()),
            },
            EdgeMap::Crossed(map, order) if !is_order(order, map.axes.len()) => {
                fail(format!("a crossed edge has its {} axes in the order {order:?}", map.axes.len()))
            }
            EdgeMap::Boxes(map) | EdgeMap::Crossed(map, _) if map.source.len() != map.axes.len() => {
                fail(format!("a boxes edge has {} source axes and {} reader axes", map.source.len(), map.axes.len()))
            }
            EdgeMap::Boxes(map) | EdgeMap::Crossed(map, _) if map.sources() != sources as u64 || map.readers() != readers as u64 => {
                fail(format!("a boxes edge maps {} chunks to {} and the layers have {sources} and {readers}", map.sources(), map.readers()))
            }
            EdgeMap::Boxes(map) | EdgeMap::Crossed(map, _) => {
                match map.axes.iter().zip(&map.source).flat_map(|(axis, n)| axis.iter().map(move |r| (r, n))).find(|(r, n)| r.end > **n) {
                    Some((range, n)) => fail(format!("a boxes edge reads chunks {range:?} of an axis of {n}")),
                    None => Ok(()),
                }
            }
            EdgeMap::Explicit(lists) if lists.len() != readers => {
                fail(format!("an explicit edge lists the inputs of {} tasks and the layer has {readers}", lists.len()))
            }
            EdgeMap::Explicit(lists) if !lists.is_whole() => fail("the lists of an explicit edge are damaged".into()),
            EdgeMap::Explicit(lists) => match lists.items.iter().find(|j| **j >= sources) {
                Some(j) => fail(format!("an explicit edge reads task {j} of a layer of {sources}")),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// Whether each of so many axes stands in an order once.
fn is_order(order: &[u32], axes: usize) -> bool {
    let mut seen = vec![false; axes];
    order.len() == axes && order.iter().all(|axis| seen.get_mut(*axis as usize).is_some_and(|seen| !std::mem::replace(seen, true)))
}

/// Whether starts and ends never fall, so that the readers of a source are found by binary search and not listed.
fn is_monotone(ranges: &[Range<Index>]) -> bool {
    ranges.is_sorted_by_key(|range| range.start) && ranges.is_sorted_by_key(|range| range.end)
}

/// Those of monotone ranges that `j` lies in.
fn who_reads(ranges: &[Range<Index>], j: Index) -> impl Iterator<Item = Index> {
    let first = ranges.partition_point(|range| range.end <= j);
    let after = ranges.partition_point(|range| range.start <= j);
    (first..after).filter(move |i| ranges[*i].contains(&j)).map(|i| i as Index)
}

/// The inverse of an edge: who reads source task `j`.
#[derive(Clone, Debug)]
pub struct Dependents {
    map: EdgeMap,
    readers: u32,
    inverse: Option<Lists>,
    /// As `inverse`, for each axis of a grid.
    listed: Vec<Option<Lists>>,
}

impl Dependents {
    /// Calls `each` with every reader of source task `j`, once for each time it reads it.
    pub fn visit(&self, j: Index, each: &mut dyn FnMut(Index)) {
        match (&self.map, &self.inverse) {
            (_, Some(inverse)) => inverse.get(j).iter().copied().for_each(each),
            (EdgeMap::OneToOne, _) if j < self.readers => each(j),
            (EdgeMap::Tree { fan_in }, _) if j / fan_in < self.readers => each(j / fan_in),
            (EdgeMap::All | EdgeMap::Channel, _) => (0..self.readers).for_each(each),
            (EdgeMap::Boxes(map), _) => map.visit_dependents(j, &self.listed, each),
            (EdgeMap::Crossed(map, order), _) => map.visit_dependents(j, &self.listed, &mut |i| each(map.crossed(i, order))),
            (EdgeMap::Ranges(ranges), _) => who_reads(ranges, j).for_each(each),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A random edge with the lengths of its source and its reader.
    fn edges() -> impl Strategy<Value = (EdgeMap, u32, u32)> {
        let n = 1u32..12;
        let range = |n: u32| (0..=n, 0..=n).prop_map(|(a, b)| a.min(b)..a.max(b));
        let axis = (1u32..4).prop_flat_map(move |n| (Just(n), prop::collection::vec(range(n), 1..4)));
        let crossed = prop::collection::vec(axis.clone(), 0..4).prop_flat_map(|axes| {
            let order: Vec<u32> = (0..axes.len() as u32).collect();
            let (source, axes): (Vec<u32>, Vec<_>) = axes.into_iter().unzip();
            let map = GridMap { source, axes };
            Just(order).prop_shuffle().prop_map(move |order| {
                let (sources, readers) = (map.sources() as u32, map.readers() as u32);
                (EdgeMap::Crossed(Arc::new(map.clone()), order.into()), sources, readers)
            })
        });
        prop_oneof![
            (n.clone(), 0u32..3).prop_map(|(n, fewer)| (EdgeMap::OneToOne, n, n.saturating_sub(fewer))),
            (n.clone(), n.clone()).prop_map(|(n, m)| (EdgeMap::All, n, m)),
            (n.clone(), n.clone()).prop_map(|(n, m)| (EdgeMap::Channel, n, m)),
            (n.clone(), 1u32..5).prop_map(|(n, fan_in)| (EdgeMap::Tree { fan_in }, n, n.div_ceil(fan_in))),
            n.clone().prop_flat_map(move |n| (prop::collection::vec(range(n), 0..9), Just(n))).prop_map(|(ranges, n)| {
                let readers = ranges.len() as u32;
                (EdgeMap::Ranges(ranges.into()), n, readers)
            }),
            prop::collection::vec(axis, 0..4).prop_map(|axes| {
                let (source, axes): (Vec<u32>, Vec<_>) = axes.into_iter().unzip();
                let map = GridMap { source, axes };
                let (sources, readers) = (map.sources() as u32, map.readers() as u32);
                (EdgeMap::Boxes(Arc::new(map)), sources, readers)
            }),
            crossed,
            n.prop_flat_map(|n| (prop::collection::vec(prop::collection::vec(0..n, 0..5), 0..9), Just(n))).prop_map(|(lists, n)| {
                let readers = lists.len() as u32;
                (EdgeMap::explicit(lists), n, readers)
            }),
        ]
    }

    proptest! {
        #[test]
        fn sources_and_dependents_are_inverse((map, sources, readers) in edges()) {
            map.check(sources, readers).unwrap();
            let dependents = map.dependents(sources, readers);
            let mut forward: Vec<(u32, u32)> = (0..readers).flat_map(|i| map.sources(i, sources).into_iter().map(move |j| (j, i))).collect();
            let mut backward = Vec::new();
            for j in 0..sources {
                dependents.visit(j, &mut |i| backward.push((j, i)));
            }
            forward.sort_unstable();
            backward.sort_unstable();
            prop_assert_eq!(forward, backward);
        }

        #[test]
        fn sources_of_a_set_are_the_union_of_its_tasks((map, sources, readers) in edges(), keep in prop::collection::vec(any::<bool>(), 12)) {
            let set = Ranges::from_indexes((0..readers).filter(|i| keep[*i as usize % 12]));
            let one_by_one = Ranges::from_indexes(set.iter().flat_map(|i| map.sources(i, sources)));
            prop_assert_eq!(map.sources_of(&set, sources), one_by_one);
        }
    }

    /// Were all readers looked at for each source, this would not end.
    #[test]
    fn who_reads_a_place_of_a_long_axis_is_found_without_a_look_at_all_readers() {
        let n = 2_000_000u32;
        let (forwards, backwards) = ((0..n).map(|i| i..i + 1).collect(), (0..n).rev().map(|i| i..i + 1).collect());
        for ranges in [forwards, backwards] {
            let edge = EdgeMap::Boxes(Arc::new(GridMap { source: vec![n], axes: vec![ranges] }));
            let (dependents, mut sum) = (edge.dependents(n, n), 0u64);
            (0..n).for_each(|j| dependents.visit(j, &mut |i| sum += i as u64));
            assert_eq!(sum, n as u64 * (n as u64 - 1) / 2);
        }
    }

    #[test]
    fn a_transposed_grid_reads_its_mirror_image() {
        // A source of 2 x 3 chunks, read by a grid of 3 x 2.
        let map = Arc::new(GridMap { source: vec![2, 3], axes: vec![vec![0..1, 1..2], vec![0..1, 1..2, 2..3]] });
        let edge = EdgeMap::Crossed(map.clone(), Arc::from([1, 0]));
        edge.check(6, 6).unwrap();
        assert_eq!((0..6).flat_map(|i| edge.sources(i, 6)).collect::<Vec<_>>(), [0, 3, 1, 4, 2, 5]);
        for order in [vec![0u32], vec![0, 0], vec![0, 2]] {
            assert!(EdgeMap::Crossed(map.clone(), order.into()).check(6, 6).is_err());
        }
    }
}
