//! Edges between grids whose axes stand in different orders.

use std::sync::Arc;
use stratal_core::graph::{EdgeMap, GridMap};

/// The edge of a reading grid with `counts` places along its axes. `order` says which axis of the map each of them is; none for
/// one that the source does not have. Axes of the map that are none of them have one reader.
pub(crate) fn crossed(mut map: GridMap, order: &[Option<usize>], counts: &[usize]) -> EdgeMap {
    let mut axes: Vec<u32> = Vec::with_capacity(map.axes.len() + order.len());
    for (axis, count) in order.iter().zip(counts) {
        let axis = axis.unwrap_or_else(|| {
            map.source.push(1);
            map.axes.push(vec![0..1; *count]);
            map.axes.len() - 1
        });
        axes.push(axis as u32);
    }
    for axis in 0..map.axes.len() as u32 {
        if !axes.contains(&axis) {
            axes.push(axis);
        }
    }
    // Where there is one place along an axis, it may stand anywhere.
    let in_order = axes.iter().filter(|axis| map.axes[**axis as usize].len() > 1).is_sorted();
    match in_order {
        true => EdgeMap::Boxes(Arc::new(map)),
        false => EdgeMap::Crossed(Arc::new(map), axes.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(count: u32) -> Vec<std::ops::Range<u32>> {
        (0..count).map(|at| at..at + 1).collect()
    }

    #[test]
    fn a_transposed_reader_crosses_and_a_row_of_a_product_does_not() {
        let map = GridMap { source: vec![2, 3], axes: vec![each(2), each(3)] };
        let turned = crossed(map.clone(), &[Some(1), Some(0)], &[3, 2]);
        assert_eq!((0..6).flat_map(|task| turned.sources(task, 6)).collect::<Vec<_>>(), [0, 3, 1, 4, 2, 5]);
        // Rows of 2 x 3 chunks, read by the tiles of a result with 4 columns.
        let map = GridMap { source: vec![2, 3], axes: vec![each(2), vec![0..3]] };
        let tiles = crossed(map, &[Some(0), None], &[2, 4]);
        assert!(matches!(tiles, EdgeMap::Boxes(_)));
        assert_eq!((tiles.sources(3, 6), tiles.sources(4, 6)), (vec![0, 1, 2], vec![3, 4, 5]));
        // Columns of 3 x 2 chunks, read by the same.
        let map = GridMap { source: vec![3, 2], axes: vec![vec![0..3], each(2)] };
        assert_eq!(crossed(map, &[None, Some(1)], &[4, 2]).sources(3, 6), [1, 3, 5]);
    }
}
