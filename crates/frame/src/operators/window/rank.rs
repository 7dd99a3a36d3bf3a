//! Numbers of rows in their partition.

use arrow_array::{ArrayRef, Float64Array, Int64Array};
use std::{ops::Range, sync::Arc};

/// `1, 2, 3, …`
pub(super) fn row_number(parts: &[Range<usize>]) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(parts.iter().flat_map(|part| 1..=part.len() as i64)))
}

/// The parts of a partition, numbered from 1, that are equally large but for the first ones, which may have a row more.
pub(super) fn ntile(parts: &[Range<usize>], tiles: u64) -> ArrayRef {
    let tiles = tiles.max(1);
    let numbers = parts.iter().flat_map(|part| {
        let (small, larger) = (part.len() as u64 / tiles, part.len() as u64 % tiles);
        (0..part.len() as u64).map(move |row| {
            let in_larger = larger * (small + 1);
            // Where all rows are in larger parts, `small` may be 0.
            1 + if row < in_larger { row / (small + 1) } else { larger + (row - in_larger) / small }
        })
    });
    Arc::new(Int64Array::from_iter_values(numbers.map(|number| number as i64)))
}

/// A row among those that it is equal to.
struct Place {
    /// Rows of the partition before it and its equals.
    before: usize,
    /// Rows up to the last of its equals.
    up_to: usize,
    /// Values before it.
    nth: usize,
    /// Rows of the partition.
    rows: usize,
}

fn places(parts: &[Range<usize>], peers: &[Range<usize>], mut each: impl FnMut(Place, usize)) {
    let mut peers = peers.iter();
    for part in parts {
        let (mut done, mut nth) = (part.start, 0);
        while done < part.end {
            let Some(equal) = peers.next() else { return };
            let place = Place { before: equal.start - part.start, up_to: equal.end - part.start, nth, rows: part.len() };
            each(place, equal.len());
            (done, nth) = (equal.end, nth + 1);
        }
    }
}

fn integers(parts: &[Range<usize>], peers: &[Range<usize>], of: impl Fn(&Place) -> usize) -> ArrayRef {
    let mut numbers: Vec<i64> = Vec::new();
    places(parts, peers, |place, rows| numbers.resize(numbers.len() + rows, of(&place) as i64));
    Arc::new(Int64Array::from(numbers))
}

fn shares(parts: &[Range<usize>], peers: &[Range<usize>], of: impl Fn(&Place) -> f64) -> ArrayRef {
    let mut numbers: Vec<f64> = Vec::new();
    places(parts, peers, |place, rows| numbers.resize(numbers.len() + rows, of(&place)));
    Arc::new(Float64Array::from(numbers))
}

/// The number of the first of a row's equals.
pub(super) fn rank(parts: &[Range<usize>], peers: &[Range<usize>]) -> ArrayRef {
    integers(parts, peers, |place| place.before + 1)
}

/// The number of a row's value.
pub(super) fn dense_rank(parts: &[Range<usize>], peers: &[Range<usize>]) -> ArrayRef {
    integers(parts, peers, |place| place.nth + 1)
}

/// The share of the other rows that come before: from 0 to 1.
pub(super) fn percent_rank(parts: &[Range<usize>], peers: &[Range<usize>]) -> ArrayRef {
    shares(parts, peers, |place| if place.rows > 1 { place.before as f64 / (place.rows - 1) as f64 } else { 0.0 })
}

/// The share of the rows that do not come after.
pub(super) fn cume_dist(parts: &[Range<usize>], peers: &[Range<usize>]) -> ArrayRef {
    shares(parts, peers, |place| place.up_to as f64 / place.rows as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{cast::AsArray, types::Int64Type};

    fn tiles(rows: usize, tiles: u64) -> Vec<i64> {
        ntile(std::slice::from_ref(&(0..rows)), tiles).as_primitive::<Int64Type>().values().to_vec()
    }

    #[test]
    fn the_first_tiles_are_larger() {
        assert_eq!(tiles(7, 3), [1, 1, 1, 2, 2, 3, 3]);
        assert_eq!(tiles(6, 3), [1, 1, 2, 2, 3, 3]);
        assert_eq!(tiles(2, 5), [1, 2]);
        assert_eq!(tiles(0, 2), [0i64; 0]);
    }
}
