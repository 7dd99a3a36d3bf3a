//! Where boxes stand and how arrows run between them: a layered layout after Sugiyama, Tagawa and Toda (1981).
//!
//! 1. A box's rank is its longest path from a source; boxes then move to their readers where that lengthens no arrows.
//! 2. An arrow over several ranks gets a bend in each.
//! 3. Sweeps sort each rank by the mean place of its neighbours; the order with the fewest crossings is kept.
//! 4. A rank that is too wide folds into columns, whose arrows run in the lanes between them.
//! 5. Columns settle where the squared lengths of the arrows are least, as far as their order and widths allow
//!    (isotonic regression, rank by rank).
//!
//! Coordinates are `across` (along a rank) and `along` (from rank to rank), so that one layout serves both directions.
//! Nothing recurses, and past `MAX_BENDS` long arrows run straight: cost stays near linear in boxes and arrows.

use std::collections::{HashMap, HashSet};

/// Ranks of more boxes are folded, into at least this many columns.
const FOLD: usize = 60;
const COLUMNS: usize = 40;
/// Ranks of more boxes, or wider than this, use the tight size of those that have one.
const TIGHT: (usize, f64) = (30, 3200.0);
/// With more bends, long arrows run straight.
const MAX_BENDS: usize = 30_000;
const SWEEPS: usize = 12;
/// Steps over a vertex or an arrow while columns settle: small graphs settle fully.
const SETTLING: usize = 3_000_000;
/// How much stiffer an arrow is that is the only one of both its ends: chains stand straight.
const STIFF: f64 = 8.0;
/// Between columns of a folded rank, where arrows run, and between the boxes of a column.
const LANE: f64 = 18.0;
const ROW: f64 = 6.0;
/// Beside a bend.
const BEND: f64 = 12.0;
/// Between arrows at one side of a box, at most.
const PORT: f64 = 14.0;
/// An arrow that misses its end by less runs straight.
const KINK: f64 = 5.0;

/// A place or a size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Point {
    pub(crate) across: f64,
    pub(crate) along: f64,
}

pub(crate) fn point(across: f64, along: f64) -> Point {
    Point { across, along }
}

/// A box to be placed.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) size: Point,
    /// Room to be left on either side.
    pub(crate) margin: f64,
    /// Its size in a crowded rank, if it can be drawn smaller.
    pub(crate) tight: Option<Point>,
    /// Boxes of one group stay together where a rank folds.
    pub(crate) group: usize,
}

/// Where a box came to stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) center: Point,
    pub(crate) size: Point,
    pub(crate) is_tight: bool,
}

/// How an arrow runs: through the points, straight along or in a curve that starts and ends along.
#[derive(Clone, Debug, Default)]
pub(crate) struct Route {
    pub(crate) points: Vec<Point>,
    /// Whether the first or last piece turns a corner, from or to the side of a box in a folded rank.
    pub(crate) corners: (bool, bool),
}

/// All places. Boxes, lanes and arrows lie between zero and `size`.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) places: Vec<Place>,
    /// One for each link.
    pub(crate) routes: Vec<Route>,
    /// Where the tight boxes of a group begin in a rank: there is room for a heading of the height `heading`.
    pub(crate) headings: Vec<(usize, Point)>,
    pub(crate) size: Point,
}

/// Distances.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spacing {
    /// Between boxes of a rank.
    pub(crate) boxes: f64,
    /// Between ranks, at least.
    pub(crate) ranks: f64,
    /// Above tight boxes.
    pub(crate) heading: f64,
}

/// A box, or a bend of a long arrow.
#[derive(Default)]
struct Vertex {
    item: Option<usize>,
    group: usize,
    size: Point,
    margin: f64,
    is_tight: bool,
    rank: usize,
    above: Vec<usize>,
    below: Vec<usize>,
    /// Its place in the rank, from 0 to 1.
    place: f64,
    center: Point,
    /// Half the width of its column, and whether it is the first or last there.
    half_column: f64,
    is_first: bool,
    is_last: bool,
}

#[derive(Default)]
struct Rank {
    order: Vec<usize>,
    is_tight: bool,
    /// How many boxes a column holds; 1 unless the rank is folded.
    rows: usize,
    columns: Vec<Column>,
    top: f64,
    bottom: f64,
}

/// Vertices that stand above each other in a rank.
struct Column {
    members: Vec<usize>,
    width: f64,
    height: f64,
    center: f64,
    /// The distance to the column before.
    gap: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Above,
    Below,
    Both,
}

struct Net {
    vertices: Vec<Vertex>,
    ranks: Vec<Rank>,
    /// The vertices that each link passes.
    paths: Vec<Vec<usize>>,
}

/// Lays boxes out. A link runs from what is read to its reader; links have no cycles.
pub(crate) fn layout(items: &[Item], links: &[(usize, usize)], spacing: Spacing) -> Layout {
    let mut net = Net::new(items, links);
    net.untangle();
    (0..net.ranks.len()).for_each(|rank| net.ranks[rank].columns = net.columns(rank, spacing));
    net.settle();
    let headings = net.stack(spacing);
    let routes = net.routes();
    let place = |v: &Vertex| Place { center: v.center, size: v.size, is_tight: v.is_tight };
    let places = net.vertices[..items.len()].iter().map(place).collect();
    let width = net.ranks.iter().flat_map(|rank| &rank.columns).map(|c| c.center + c.width / 2.0 + LANE).fold(0.0, f64::max);
    Layout { places, routes, headings, size: point(width, net.ranks.last().map_or(0.0, |rank| rank.bottom)) }
}

/// The rank of each box: below all that it reads, and right above its first reader if arrows do not get longer by that.
fn rank(boxes: usize, links: &[(usize, usize)]) -> Vec<usize> {
    let (mut waits_for, mut readers, mut rank) = (vec![0; boxes], vec![Vec::new(); boxes], vec![0; boxes]);
    for (from, to) in links {
        waits_for[*to] += 1;
        readers[*from].push(*to);
    }
    let reads = waits_for.clone();
    let mut order: Vec<usize> = (0..boxes).filter(|at| reads[*at] == 0).collect();
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        next += 1;
        for reader in &readers[at] {
            rank[*reader] = rank[*reader].max(rank[at] + 1);
            waits_for[*reader] -= 1;
            if waits_for[*reader] == 0 {
                order.push(*reader);
            }
        }
    }
    for at in order.into_iter().rev().filter(|at| reads[*at] <= readers[*at].len()) {
        if let Some(first) = readers[at].iter().map(|reader| rank[*reader]).min() {
            rank[at] = first - 1;
        }
    }
    rank
}

impl Net {
    fn new(items: &[Item], links: &[(usize, usize)]) -> Self {
        let rank = rank(items.len(), links);
        let mut ranks: Vec<Rank> = Vec::new();
        ranks.resize_with(rank.iter().max().map_or(0, |last| last + 1), Rank::default);
        rank.iter().enumerate().for_each(|(item, rank)| ranks[*rank].order.push(item));
        for rank in &mut ranks {
            let (boxes, width) = (rank.order.len(), rank.order.iter().map(|item| items[*item].size.across).sum::<f64>());
            rank.is_tight = (boxes > TIGHT.0 || width > TIGHT.1) && rank.order.iter().any(|item| items[*item].tight.is_some());
        }
        let vertex = |(at, item): (usize, &Item)| {
            let (rank, tight) = (rank[at], item.tight.filter(|_| ranks[rank[at]].is_tight));
            let size = tight.unwrap_or(item.size);
            Vertex { item: Some(at), group: item.group, size, margin: item.margin, is_tight: tight.is_some(), rank, ..Vertex::default() }
        };
        let mut vertices: Vec<Vertex> = items.iter().enumerate().map(vertex).collect();
        let bends: usize = links.iter().map(|(from, to)| rank[*to] - rank[*from] - 1).sum();
        let mut paths = Vec::with_capacity(links.len());
        for (from, to) in links {
            let mut path = vec![*from];
            for at in (rank[*from] + 1..rank[*to]).filter(|_| bends <= MAX_BENDS) {
                path.push(vertices.len());
                ranks[at].order.push(vertices.len());
                vertices.push(Vertex { rank: at, ..Vertex::default() });
            }
            path.push(*to);
            for (upper, lower) in path.iter().copied().zip(path[1..].iter().copied()) {
                if vertices[upper].rank + 1 == vertices[lower].rank {
                    vertices[upper].below.push(lower);
                    vertices[lower].above.push(upper);
                }
            }
            paths.push(path);
        }
        ranks.iter_mut().for_each(|rank| rank.rows = rows(rank, &vertices));
        Net { vertices, ranks, paths }
    }

    fn neighbours(&self, vertex: usize, side: Side) -> impl Iterator<Item = &Vertex> {
        let Vertex { above, below, .. } = &self.vertices[vertex];
        let above = above.iter().filter(move |_| side != Side::Below);
        above.chain(below.iter().filter(move |_| side != Side::Above)).map(|at| &self.vertices[*at])
    }

    /// The numbers of the ranks, downward or upward.
    fn sweep(&self, downward: bool) -> impl Iterator<Item = usize> + use<> {
        let ranks = self.ranks.len();
        (0..ranks).map(move |step| if downward { step } else { ranks - 1 - step })
    }

    /// Sorts the ranks so that few arrows cross.
    fn untangle(&mut self) {
        self.sweep(true).for_each(|rank| self.number(rank));
        let orders = |net: &Net| net.ranks.iter().map(|rank| rank.order.clone()).collect::<Vec<_>>();
        let (mut fewest, mut best) = (self.crossings(), orders(self));
        for sweep in 0..SWEEPS {
            let downward = sweep % 2 == 0;
            for rank in self.sweep(downward) {
                self.ranks[rank].order = self.sorted(rank, if downward { Side::Above } else { Side::Below });
                self.number(rank);
            }
            let crossings = self.crossings();
            // The order of the indexes is worth a few crossings.
            if crossings * 10 < fewest * 9 {
                (fewest, best) = (crossings, orders(self));
            }
        }
        self.ranks.iter_mut().zip(best).for_each(|(rank, order)| rank.order = order);
    }

    fn number(&mut self, rank: usize) {
        let order = &self.ranks[rank].order;
        order.iter().enumerate().for_each(|(at, vertex)| self.vertices[*vertex].place = (at as f64 + 0.5) / order.len() as f64);
    }

    /// A rank by the mean place of its neighbours; a folded one keeps groups together, sorted by their means.
    fn sorted(&self, rank: usize, side: Side) -> Vec<usize> {
        let Rank { order, rows, .. } = &self.ranks[rank];
        let is_grouped = |v: &Vertex| *rows > 1 && v.item.is_some();
        let mut groups: HashMap<usize, (f64, f64)> = HashMap::new();
        let mut wished: Vec<(f64, usize)> = Vec::with_capacity(order.len());
        for (at, vertex) in order.iter().map(|at| (*at, &self.vertices[*at])) {
            let wish = mean(self.neighbours(at, side).map(|v| v.place)).unwrap_or(vertex.place);
            if is_grouped(vertex) {
                let (sum, count) = groups.entry(vertex.group).or_default();
                (*sum, *count) = (*sum + wish, *count + 1.0);
            }
            wished.push((wish, at));
        }
        let group = |at: usize| Some(self.vertices[at].group).filter(|_| is_grouped(&self.vertices[at]));
        let key = |(wish, at): (f64, usize)| (group(at).map_or(wish, |group| groups[&group].0 / groups[&group].1), group(at), wish, at);
        let mut keyed: Vec<_> = wished.into_iter().map(key).collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.total_cmp(&b.2)));
        keyed.into_iter().map(|(.., at)| at).collect()
    }

    fn crossings(&self) -> u64 {
        let between = self.ranks.windows(2).map(|pair| {
            let at = |vertex: &usize| (self.vertices[*vertex].place * pair[1].order.len() as f64) as usize;
            let mut ends = Vec::new();
            for vertex in &pair[0].order {
                let first = ends.len();
                ends.extend(self.vertices[*vertex].below.iter().map(at));
                ends[first..].sort_unstable();
            }
            inversions(&ends, pair[1].order.len())
        });
        between.sum()
    }

    /// The columns of a rank, side by side. A bend among boxes that share a column goes behind it.
    fn columns(&self, rank: usize, spacing: Spacing) -> Vec<Column> {
        let Rank { order, rows, is_tight, .. } = &self.ranks[rank];
        let mut columns: Vec<Vec<usize>> = Vec::new();
        let mut bends: Vec<Vec<usize>> = Vec::new();
        let is_in = |group, column: &[usize]| self.vertices[column[0]].item.is_some() && self.vertices[column[0]].group == group;
        for vertex in order {
            let Vertex { item, group, .. } = self.vertices[*vertex];
            match columns.last_mut() {
                _ if item.is_none() => bends.push(vec![*vertex]),
                Some(column) if column.len() < *rows && is_in(group, column) => column.push(*vertex),
                _ => {
                    columns.append(&mut bends);
                    columns.push(vec![*vertex]);
                }
            }
        }
        columns.append(&mut bends);
        let mut before: Option<&Vertex> = None;
        let column = |members: Vec<usize>| {
            let first = &self.vertices[members[0]];
            let gap = match before.replace(first) {
                None => 0.0,
                Some(before) if before.item.is_none() && first.item.is_none() => BEND,
                Some(before) if *rows > 1 && before.group == first.group => LANE,
                Some(_) if *rows > 1 => 3.0 * LANE,
                Some(before) if *is_tight && before.group == first.group => spacing.boxes / 2.0,
                Some(_) => spacing.boxes,
            };
            let width = members.iter().map(|at| self.vertices[*at].size.across + 2.0 * self.vertices[*at].margin).fold(0.0, f64::max);
            let height = members.iter().map(|at| self.vertices[*at].size.along + ROW).sum::<f64>() - ROW;
            Column { members, width, height, center: 0.0, gap }
        };
        columns.into_iter().map(column).collect()
    }

    /// Moves columns to their neighbours, rank by rank: to those above, to those below, and then between both.
    fn settle(&mut self) {
        let cost: usize = self.vertices.iter().map(|vertex| 1 + vertex.below.len()).sum();
        let passes = (SETTLING / cost.max(1)).clamp(12, 400);
        for pass in 0..passes {
            let downward = pass % 2 == 0;
            let side = match downward {
                _ if pass > passes / 4 => Side::Both,
                true => Side::Above,
                false => Side::Below,
            };
            for rank in self.sweep(downward) {
                let wishes: Vec<(f64, f64)> = self.ranks[rank].columns.iter().map(|column| self.wish(column, side)).collect();
                spread(&mut self.ranks[rank].columns, &wishes);
                for column in &self.ranks[rank].columns {
                    column.members.iter().for_each(|at| self.vertices[*at].center.across = column.center);
                }
            }
        }
    }

    /// Where the arrows of a column pull it, and how strongly.
    fn wish(&self, column: &Column, side: Side) -> (f64, f64) {
        let (mut sum, mut weight) = (column.center * 0.01, 0.01);
        for (at, vertex) in column.members.iter().map(|at| (*at, &self.vertices[*at])) {
            for near in self.neighbours(at, side) {
                let (upper, lower) = if near.rank < vertex.rank { (near, vertex) } else { (vertex, near) };
                let stiffness = if upper.below.len() == 1 && lower.above.len() == 1 { STIFF } else { 1.0 };
                (sum, weight) = (sum + near.center.across * stiffness, weight + stiffness);
            }
        }
        (sum / weight, weight)
    }

    /// Puts the ranks below each other and everything right of zero. Gives the headings of tight groups.
    fn stack(&mut self, spacing: Spacing) -> Vec<(usize, Point)> {
        let columns = self.ranks.iter().flat_map(|rank| &rank.columns);
        let left = columns.map(|column| column.center - column.width / 2.0).fold(f64::INFINITY, f64::min) - LANE;
        let (mut headings, mut top) = (Vec::new(), 0.0);
        for rank in &mut self.ranks {
            let tallest = rank.columns.iter().map(|column| column.height).fold(0.0, f64::max);
            top += if rank.is_tight { spacing.heading } else { 0.0 };
            let mut headed = None;
            for column in &mut rank.columns {
                column.center -= left;
                let first = &self.vertices[column.members[0]];
                if first.is_tight && headed.replace(first.group) != Some(first.group) {
                    headings.push((first.group, point(column.center - column.width / 2.0, top)));
                }
                let mut at = if rank.rows == 1 { top + (tallest - column.height) / 2.0 } else { top };
                for member in &column.members {
                    let vertex = &mut self.vertices[*member];
                    vertex.center = point(column.center, at + vertex.size.along / 2.0);
                    vertex.half_column = column.width / 2.0;
                    vertex.is_first = column.members.first() == Some(member);
                    vertex.is_last = column.members.last() == Some(member);
                    at += vertex.size.along + ROW;
                }
            }
            (rank.top, rank.bottom) = (top, top + tallest);
            // Arrows that reach far across need room to do so.
            let members = rank.columns.iter().flat_map(|column| &column.members).map(|at| &self.vertices[*at]);
            let reach = members.flat_map(|v| v.below.iter().map(|to| (self.vertices[*to].center.across - left - v.center.across).abs()));
            top += tallest + spacing.ranks + (reach.fold(0.0, f64::max) * 0.06).min(100.0);
        }
        headings
    }

    fn routes(&self) -> Vec<Route> {
        let (leave, enter) = (self.ports(true), self.ports(false));
        let route = |(link, path): (usize, &Vec<usize>)| {
            let start = self.exit(path[0], leave[link], true);
            let end = self.exit(path[path.len() - 1], enter[link], false);
            let corners = (start.len() > 2, end.len() > 2);
            let bends = path[1..path.len() - 1].iter().map(|at| &self.vertices[*at]);
            let bends = bends.flat_map(|v| [self.ranks[v.rank].top, self.ranks[v.rank].bottom].map(|along| point(v.center.across, along)));
            let mut points: Vec<Point> = start.into_iter().chain(bends).chain(end.into_iter().rev()).collect();
            let (first, last) = (points[0].across, points[points.len() - 1].across);
            if path.len() == 2 && corners == (false, false) && (first - last).abs() < KINK {
                points.iter_mut().for_each(|point| point.across = (first + last) / 2.0);
            }
            points.dedup();
            Route { points, corners }
        };
        self.paths.iter().enumerate().map(route).collect()
    }

    /// From a box to the edge of its rank: straight, or by the lane beside its column where others stand in the way.
    fn exit(&self, at: usize, port: f64, downward: bool) -> Vec<Point> {
        let (v, rank) = (&self.vertices[at], &self.ranks[self.vertices[at].rank]);
        let (way, edge, is_free) = if downward { (1.0, rank.bottom, v.is_last) } else { (-1.0, rank.top, v.is_first) };
        if is_free {
            let across = v.center.across + port;
            return vec![point(across, v.center.along + way * v.size.along / 2.0), point(across, edge)];
        }
        let lane = v.center.across + way * (v.half_column + LANE / 3.0);
        let side = point(v.center.across + way * v.size.across / 2.0, v.center.along);
        vec![side, point(lane, v.center.along + way * LANE / 3.0), point(lane, edge)]
    }

    /// How far from the middle of a box each link leaves or enters it: in the order of where they come from or go.
    fn ports(&self, leaving: bool) -> Vec<f64> {
        let mut ends: Vec<Vec<(f64, usize)>> = vec![Vec::new(); self.vertices.len()];
        for (link, path) in self.paths.iter().enumerate() {
            let (at, next) = if leaving { (path[0], path[1]) } else { (path[path.len() - 1], path[path.len() - 2]) };
            ends[at].push((self.vertices[next].center.across, link));
        }
        let mut ports = vec![0.0; self.paths.len()];
        for (v, ends) in self.vertices.iter().zip(&mut ends) {
            ends.sort_by(|a, b| a.0.total_cmp(&b.0));
            let step = PORT.min(v.size.across * 0.6 / ends.len() as f64);
            ends.iter().enumerate().for_each(|(at, (_, link))| ports[*link] = (at as f64 - (ends.len() - 1) as f64 / 2.0) * step);
        }
        ports
    }
}

/// How many boxes a column of this rank holds, families of one reader kept together.
fn rows(rank: &Rank, vertices: &[Vertex]) -> usize {
    let boxes: Vec<&Vertex> = rank.order.iter().map(|at| &vertices[*at]).filter(|v| v.item.is_some()).collect();
    if boxes.len() <= FOLD {
        return 1;
    }
    let rows = boxes.len().div_ceil(COLUMNS.max((boxes.len() as f64 * 3.0).sqrt() as usize));
    let readers: HashSet<&usize> = boxes.iter().filter_map(|v| v.below.first()).collect();
    let family = boxes.len().div_ceil(readers.len().max(1));
    if family <= 2 * rows { rows.next_multiple_of(family) } else { rows }
}

/// Places columns as near to their wishes (place, weight) as their order and widths allow, by pooling those that collide.
fn spread(columns: &mut [Column], wishes: &[(f64, f64)]) {
    let (mut offset, mut offsets) = (0.0, Vec::with_capacity(columns.len()));
    // Weight, weight times place, and number of the columns that touch each other.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (at, (wish, weight)) in wishes.iter().enumerate() {
        if at > 0 {
            offset += columns[at - 1].width / 2.0 + columns[at].gap + columns[at].width / 2.0;
        }
        offsets.push(offset);
        let mut pool = (*weight, weight * (wish - offset), 1);
        while let Some(before) = pools.pop_if(|before| before.1 / before.0 > pool.1 / pool.0) {
            pool = (pool.0 + before.0, pool.1 + before.1, pool.2 + before.2);
        }
        pools.push(pool);
    }
    let places = pools.into_iter().flat_map(|(weight, sum, count)| std::iter::repeat_n(sum / weight, count));
    columns.iter_mut().zip(offsets).zip(places).for_each(|((column, offset), place)| column.center = place + offset);
}

/// How many pairs stand in the wrong order, counted in a Fenwick tree.
fn inversions(ends: &[usize], len: usize) -> u64 {
    let (mut tree, mut sum) = (vec![0u64; len + 1], 0);
    for (before, end) in ends.iter().enumerate() {
        let (mut down, mut up) = (end + 1, end + 1);
        sum += before as u64;
        while down > 0 {
            sum -= tree[down];
            down &= down - 1;
        }
        while up <= len {
            tree[up] += 1;
            up += up & up.wrapping_neg();
        }
    }
    sum
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACING: Spacing = Spacing { boxes: 20.0, ranks: 30.0, heading: 10.0 };

    fn boxes(n: usize) -> Vec<Item> {
        vec![Item { size: point(50.0, 20.0), margin: 0.0, tight: Some(point(20.0, 20.0)), group: 0 }; n]
    }

    fn overlap(places: &[Place]) -> bool {
        let apart = |a: &Place, b: &Place| {
            (a.center.across - b.center.across).abs() + 0.01 >= (a.size.across + b.size.across) / 2.0
                || (a.center.along - b.center.along).abs() + 0.01 >= (a.size.along + b.size.along) / 2.0
        };
        places.iter().enumerate().any(|(at, a)| places[at + 1..].iter().any(|b| !apart(a, b)))
    }

    #[test]
    fn a_box_stands_below_all_that_it_reads_and_near_its_first_reader() {
        assert_eq!(rank(5, &[(0, 1), (1, 2), (2, 4), (3, 4)]), [0, 1, 2, 2, 3]);
    }

    #[test]
    fn crossed_pairs_are_uncrossed() {
        let laid = layout(&boxes(4), &[(0, 3), (1, 2)], SPACING);
        let across: Vec<f64> = laid.places.iter().map(|place| place.center.across).collect();
        assert_eq!((across[0], across[1]), (across[3], across[2]), "arrows run straight");
        assert_eq!(inversions(&[2, 1, 0, 2], 3), 3);
    }

    #[test]
    fn a_long_arrow_bends_around_boxes() {
        let laid = layout(&boxes(3), &[(0, 1), (1, 2), (0, 2)], SPACING);
        let (middle, bend) = (laid.places[1], laid.routes[2].points[2]);
        assert!((bend.across - middle.center.across).abs() > middle.size.across / 2.0, "{bend:?} in {middle:?}");
        assert!(!overlap(&laid.places));
    }

    #[test]
    fn wide_ranks_fold_without_overlap() {
        let links: Vec<(usize, usize)> = (0..500).map(|at| (at, 500 + at / 8)).chain((0..63).map(|at| (500 + at, 563))).collect();
        let laid = layout(&boxes(564), &links, SPACING);
        assert!(!overlap(&laid.places));
        assert!(laid.size.across < 40.0 * 60.0, "{:?}", laid.size);
        assert!(laid.places[0].is_tight && !laid.places[563].is_tight);
        let bounds = laid.size;
        let inside = |p: &Point| p.across >= 0.0 && p.across <= bounds.across && p.along >= 0.0 && p.along <= bounds.along;
        assert!(laid.routes.iter().flat_map(|route| &route.points).all(inside));
    }

    #[test]
    fn nothing_and_long_chains_are_laid_out() {
        assert_eq!(layout(&[], &[], SPACING).size, point(0.0, 0.0));
        let links: Vec<(usize, usize)> = (1..20_000).map(|at| (at - 1, at)).collect();
        assert_eq!(layout(&boxes(20_000), &links, SPACING).routes.len(), 19_999);
    }
}
