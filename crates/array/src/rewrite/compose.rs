//! Walks through what walks give: a piece that reads an assembly becomes pieces that read the assembly's sources.

use crate::{
    assembly::{Assembly, Piece, Read, Walk},
    grid::Grid,
};

/// What two walks, one through the result of the other, are together.
enum Both {
    /// They have no element in common.
    Nothing,
    One(Walk),
    /// No single walk.
    Neither,
}

/// `outer` through the axis that `inner` gives.
fn both(outer: &Walk, inner: &Walk) -> Both {
    if outer.step == 0 || inner.step == 0 {
        return Both::Neither;
    }
    let inside = outer.inside(&(inner.first..inner.first + inner.len));
    let (low, high) = (inside.start, inside.end.min(outer.len.div_ceil(outer.every)));
    if low >= high {
        return Both::Nothing;
    }
    let end = (outer.first + outer.len).min(outer.first + high * outer.every);
    let first = outer.first + low * outer.every;
    let at = outer.element(low) - inner.first;
    let times = inner.every as isize;
    let walk = |step: isize, every: usize| {
        Both::One(Walk { axis: outer.axis, first, len: end - first, start: inner.element(at / inner.every), step, every })
    };
    match high - low {
        1 => walk(1, outer.every),
        _ if outer.step % times == 0 => walk(inner.step * (outer.step / times), outer.every),
        // The repeated elements are walked one by one, from the beginning of one on.
        _ if outer.step == 1 && outer.every == 1 && at.is_multiple_of(inner.every) => walk(inner.step, inner.every),
        _ => Both::Neither,
    }
}

/// The pieces of `inner` that `outer`, a piece of a result of this grid, reads, as pieces of that result. None where some walk is
/// no single one.
pub(super) fn compose(outer: &Piece, grid: &Grid, inner: &Assembly) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    for piece in &inner.pieces {
        let new = |axis: &usize| !piece.axes.iter().any(|read| matches!(read, Read::Along(walk) if walk.axis == *axis));
        // A new axis of `inner` has no source; it can only be gone, or be an axis of length 1.
        for axis in (0..inner.grid.ndim()).filter(new) {
            let goes = match &outer.axes[axis] {
                Read::At(_) => true,
                Read::Along(walk) => grid.axes[walk.axis].len() == 1,
            };
            if !goes || inner.grid.axes[axis].len() != 1 {
                return None;
            }
        }
        let mut axes = Some(Vec::with_capacity(piece.axes.len()));
        for read in &piece.axes {
            let read = match read {
                Read::At(element) => Some(Read::At(*element)),
                Read::Along(walk) => match &outer.axes[walk.axis] {
                    Read::At(at) if (walk.first..walk.first + walk.len).contains(at) => {
                        Some(Read::At(walk.element((at - walk.first) / walk.every)))
                    }
                    Read::At(_) => None,
                    Read::Along(outer) => match both(outer, walk) {
                        Both::Nothing => None,
                        Both::One(walk) => Some(Read::Along(walk)),
                        Both::Neither => return None,
                    },
                },
            };
            axes = axes.zip(read).map(|(mut axes, read)| {
                axes.push(read);
                axes
            });
        }
        pieces.extend(axes.map(|axes| Piece { input: piece.input, source: piece.source.clone(), axes }));
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The source element of each element of the result that a walk covers.
    fn places(walk: &Walk) -> Vec<(usize, usize)> {
        (0..walk.len).map(|at| (walk.first + at, walk.element(at / walk.every))).collect()
    }

    /// A walk through an axis of length 40 that gives at most 20 elements.
    fn walks() -> impl Strategy<Value = Walk> {
        (0usize..4, 1usize..8, 0usize..40, 1isize..4, any::<bool>(), 1usize..4).prop_map(|(first, steps, start, step, back, every)| {
            let step = if back { -step } else { step };
            let start = if back { start.max(30) } else { start.min(10) };
            // The last element may be repeated less often than the others.
            Walk { axis: 0, first, len: steps * every - (every - 1) / 2, start, step, every }
        })
    }

    proptest! {
        #[test]
        fn two_walks_in_one_read_what_one_after_the_other_reads(outer in walks(), inner in walks()) {
            let inner_places = places(&inner);
            let expected: Vec<(usize, usize)> = places(&outer)
                .into_iter()
                .filter_map(|(to, at)| Some((to, inner_places.iter().find(|(result, _)| *result == at)?.1)))
                .collect();
            match both(&outer, &inner) {
                Both::Nothing => prop_assert!(expected.is_empty()),
                Both::One(walk) => prop_assert_eq!(places(&walk), expected),
                Both::Neither => prop_assert!(inner.every > 1),
            }
        }
    }
}
