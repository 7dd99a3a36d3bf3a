//! Reshaping: the same elements, in row-major order, under other axes.
//!
//! Axes go together in the smallest *groups* of as many elements before as after. Within a group a chunk that is a *run*, a stretch
//! of the group's elements in row-major order, is such a stretch after too. So chunks that are runs are reshaped one by one, in
//! place; others are cut to runs before; and where the new axes want other runs, the flat group is rechunked between.
//!
//! `groups`: which axes go together. `runs`: chunks that are runs.

mod groups;
mod runs;

pub(crate) use groups::lengths;

use crate::grid::{Axis, Grid};
use groups::groups;
use runs::{into_runs, runs, split};

/// How an array is reshaped: it is rechunked to `source`, each chunk is given the shape of its place in `flat`, that is rechunked to
/// `cut`, and each chunk given the shape of its place in the target.
#[derive(Debug, PartialEq)]
pub(crate) struct Reshaping {
    pub(crate) source: Grid,
    pub(crate) flat: Grid,
    pub(crate) cut: Grid,
    pub(crate) target: Grid,
}

/// How an array with elements is reshaped to `shape`, which has as many.
pub(crate) fn reshaping(grid: &Grid, shape: &[usize]) -> Reshaping {
    let (mut source, mut flat, mut cut, mut target) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (from, to) in groups(&grid.shape(), shape) {
        let (own, lens): (&[Axis], &[usize]) = (&grid.axes[from], &shape[to]);
        // An axis that stays keeps its cuts, whatever they are.
        if let ([axis], [_]) = (own, lens) {
            [&mut source, &mut flat, &mut cut, &mut target].into_iter().for_each(|axes| axes.push(axis.clone()));
            continue;
        }
        let (own, stretches) = match runs(own) {
            Some(stretches) => (own.to_vec(), stretches),
            None => into_runs(own),
        };
        let (new, wanted) = split(&stretches, lens);
        source.extend(own);
        flat.push(stretches);
        cut.push(wanted);
        target.extend(new);
    }
    Reshaping { source: Grid::new(source), flat: Grid::new(flat), cut: Grid::new(cut), target: Grid::new(target) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grid(lens: &[&[usize]]) -> Grid {
        Grid::new(lens.iter().map(|lens| Axis::of_lens(lens.iter().copied())).collect())
    }

    #[test]
    fn axes_are_merged_without_a_copy_where_chunks_are_runs() {
        let of = grid(&[&[1, 1], &[1, 2], &[2, 2]]);
        let reshaping = reshaping(&of, &[6, 4]);
        assert_eq!((&reshaping.source, &reshaping.flat), (&of, &reshaping.cut));
        assert_eq!(reshaping.target, grid(&[&[1, 2, 1, 2], &[2, 2]]));
    }

    #[test]
    fn an_axis_is_split_without_a_copy_where_it_is_cut_between_rows() {
        let of = grid(&[&[8, 4, 12]]);
        let reshaping = reshaping(&of, &[6, 4]);
        assert_eq!((&reshaping.source, &reshaping.flat, &reshaping.cut), (&of, &of, &of));
        assert_eq!(reshaping.target, grid(&[&[2, 1, 3], &[4]]));
    }

    #[test]
    fn squares_are_cut_to_rows_before_they_are_flat() {
        let reshaping = reshaping(&grid(&[&[10; 10], &[10; 10]]), &[10_000]);
        assert_eq!(reshaping.source, Grid::new(vec![Axis::regular(100, 1), Axis::regular(100, 100)]));
        assert_eq!(reshaping.target, Grid::new(vec![Axis::regular(10_000, 100)]));
    }

    /// Cuts of an axis, empty chunks among them.
    fn axis(len: usize) -> impl Strategy<Value = Axis> {
        prop::collection::vec(0..=len, 0..4).prop_map(move |mut at| {
            at.extend([0, len]);
            at.sort_unstable();
            Axis::of_lens(at.windows(2).map(|pair| pair[1] - pair[0]))
        })
    }

    /// A grid and another shape of as many elements.
    fn cases() -> impl Strategy<Value = (Grid, Vec<usize>)> {
        let shape = || prop::collection::vec(1usize..5, 1..4);
        (shape(), shape()).prop_flat_map(|(a, b)| {
            // Both factors in different places make shapes of as many elements.
            let (one, other) = (a.iter().chain(&b).copied().collect::<Vec<_>>(), b.iter().chain(&a).copied().collect::<Vec<_>>());
            (one.into_iter().map(axis).collect::<Vec<_>>().prop_map(Grid::new), Just(other))
        })
    }

    proptest! {
        #[test]
        fn chunks_before_and_after_are_the_same_stretches((of, shape) in cases()) {
            let Reshaping { source, flat, cut, target } = reshaping(&of, &shape);
            prop_assert_eq!((source.shape(), target.shape()), (of.shape(), shape));
            prop_assert_eq!(flat.shape(), cut.shape());
            for (one, other) in [(&source, &flat), (&cut, &target)] {
                let chunks = one.tasks().unwrap();
                prop_assert_eq!(chunks, other.tasks().unwrap());
                for chunk in 0..chunks {
                    let count = |grid: &Grid| crate::grid::lens(&grid.bounds(chunk)).iter().product::<usize>();
                    prop_assert_eq!(count(one), count(other));
                }
            }
        }
    }
}
