//! Chunks that are runs: stretches of their axes' elements in row-major order. Before the axis along which a run is cut, all chunks
//! have one element; after it, each axis is one chunk.

use crate::grid::Axis;

/// The whole of an axis.
fn whole(len: usize) -> Axis {
    Axis::regular(len, len)
}

fn has_empty_chunks(axis: &Axis) -> bool {
    match axis {
        Axis::Regular { .. } => false,
        Axis::Cuts(cuts) => cuts.windows(2).any(|cut| cut[0] == cut[1]),
    }
}

/// The chunks of some axes, none of length 0, as stretches of their elements; none where some chunk is no stretch.
pub(super) fn runs(axes: &[Axis]) -> Option<Axis> {
    let cut = axes.iter().position(|axis| axis.largest() > 1).or(axes.len().checked_sub(1));
    // No axes have one element.
    let Some(cut) = cut else { return Some(whole(1)) };
    if axes.iter().any(has_empty_chunks) || axes[cut + 1..].iter().any(|axis| axis.count() > 1) {
        return None;
    }
    let before: usize = axes[..cut].iter().map(Axis::len).product();
    let after: usize = axes[cut + 1..].iter().map(Axis::len).product();
    let len = before * axes[cut].len() * after;
    match &axes[cut] {
        Axis::Regular { len: own, chunk } if before == 1 || own.is_multiple_of(*chunk) => Some(Axis::regular(len, chunk * after)),
        axis => {
            let lens = axis.lens();
            Some(Axis::of_lens((0..before).flat_map(|_| lens.iter().map(|len| len * after))))
        }
    }
}

/// Axes of these lengths in chunks that are runs of at most so many elements, or of one.
fn of_size(lens: &[usize], most: usize) -> Vec<Axis> {
    let mut room = Some(most.max(1));
    let mut axes: Vec<Axis> = Vec::with_capacity(lens.len());
    for len in lens.iter().rev() {
        axes.push(match room {
            Some(left) if left >= *len => {
                room = Some(left / len);
                whole(*len)
            }
            Some(left) => {
                room = None;
                Axis::regular(*len, left)
            }
            None => Axis::regular(*len, 1),
        });
    }
    axes.reverse();
    axes
}

/// The same axes in chunks that are runs, about as large as theirs, and the stretches that these are.
pub(super) fn into_runs(axes: &[Axis]) -> (Vec<Axis>, Axis) {
    let lens: Vec<usize> = axes.iter().map(Axis::len).collect();
    let axes = of_size(&lens, axes.iter().map(Axis::largest).product());
    let stretches = runs(&axes).unwrap_or_else(|| whole(lens.iter().product()));
    (axes, stretches)
}

/// Axes of these lengths for stretches of their elements, and the stretches that their chunks are: the same ones, where these end
/// where the first axis that is longer than 1 goes on; else others of about their size.
pub(super) fn split(stretches: &Axis, lens: &[usize]) -> (Vec<Axis>, Axis) {
    let Some(cut) = lens.iter().position(|len| *len > 1) else {
        return (lens.iter().map(|len| whole(*len)).collect(), whole(1));
    };
    let after: usize = lens[cut + 1..].iter().product();
    let along = match stretches {
        Axis::Regular { chunk, .. } if chunk.is_multiple_of(after) => Some(Axis::regular(lens[cut], chunk / after)),
        Axis::Cuts(cuts) if cuts.iter().all(|cut| cut.is_multiple_of(after)) => {
            Some(Axis::of_lens(stretches.lens().into_iter().map(|len| len / after)))
        }
        _ => None,
    };
    match along {
        Some(along) => {
            let axis = |(at, len): (usize, &usize)| if at == cut { along.clone() } else { whole(*len) };
            (lens.iter().enumerate().map(axis).collect(), stretches.clone())
        }
        None => {
            let axes = of_size(lens, stretches.largest());
            let stretches = runs(&axes).unwrap_or_else(|| whole(lens.iter().product()));
            (axes, stretches)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_runs_and_squares_are_not() {
        let rows = [Axis::regular(6, 2), Axis::regular(4, 4)];
        assert_eq!(runs(&rows), Some(Axis::regular(24, 8)));
        assert_eq!(runs(&[Axis::regular(6, 2), Axis::regular(4, 2)]), None);
        assert_eq!(runs(&[Axis::regular(2, 1), Axis::regular(5, 2)]).map(|axis| axis.lens()), Some(vec![2, 2, 1, 2, 2, 1]));
        assert_eq!(runs(&[Axis::of_lens([0, 2]), Axis::regular(2, 2)]), None);
        assert_eq!((runs(&[]), runs(&[Axis::regular(1, 1)])), (Some(whole(1)), Some(whole(1))));
    }

    #[test]
    fn runs_of_a_size_fill_the_last_axes_first() {
        let counts = |axes: Vec<Axis>| axes.iter().map(Axis::largest).collect::<Vec<_>>();
        assert_eq!(counts(of_size(&[10, 10, 10], 50)), [1, 5, 10]);
        assert_eq!(counts(of_size(&[10, 10], 5)), [1, 5]);
        assert_eq!(counts(of_size(&[10, 10], 1000)), [10, 10]);
    }
}
