//! Axes of elements in other places, cut where their sources are. Where the new cuts are regular they are known at once; others
//! are listed, as long as they can be.

use super::Axis;
use stratal_core::{Error, ErrorKind, Result};

/// The most chunks of one axis that are listed one by one.
pub(crate) const LISTED: usize = 1 << 24;

/// Whether so many chunks of an axis can be listed.
///
/// # Errors
/// `Graph` where there are more.
pub(crate) fn listable(chunks: usize) -> Result<()> {
    if chunks <= LISTED {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Graph, format!("an axis of {chunks} chunks is listed, and {LISTED} are the most"))
        .with_help("rechunk to larger chunks"))
}

impl Axis {
    /// Whether its chunks can be listed.
    ///
    /// # Errors
    /// `Graph` where there are too many.
    pub(crate) fn listed(&self) -> Result<()> {
        listable(self.count())
    }

    /// The axis of `len` elements from `start` in steps of `step`, which are all in it, without the chunks of which nothing is taken.
    ///
    /// # Errors
    /// `Graph` for cuts that are not regular and too many.
    pub(crate) fn walked(&self, start: usize, step: isize, len: usize) -> Result<Axis> {
        if len == 0 {
            return Ok(Axis::regular(0, 1));
        }
        let by = step.unsigned_abs();
        if let Axis::Regular { chunk, .. } = self
            && chunk.is_multiple_of(by)
        {
            let begun = start % chunk;
            let skipped = if step > 0 { begun } else { chunk - 1 - begun };
            // Every chunk gives as many, so that their number does not matter.
            if skipped < by {
                return Ok(Axis::regular(len, chunk / by));
            }
        }
        if by >= self.largest() {
            return Ok(Axis::regular(len, 1));
        }
        let element = |nth: usize| (start as isize + step * nth as isize) as usize;
        listable(self.find(start).abs_diff(self.find(element(len - 1))).saturating_add(1))?;
        let (mut lens, mut done) = (Vec::new(), 0usize);
        while done < len {
            let at = element(done);
            let chunk = self.bounds(self.find(at));
            // Elements from here to the edge of the chunk in the direction of the walk.
            let ahead = if step > 0 { chunk.end - at } else { at + 1 - chunk.start };
            let here = ahead.div_ceil(by).min(len - done);
            lens.push(here);
            done += here;
        }
        Ok(Axis::of_lens(lens))
    }

    /// Axes one after another, without empty chunks.
    ///
    /// # Errors
    /// `Graph` for cuts that are not regular and too many.
    pub(crate) fn joined<'a>(axes: impl Iterator<Item = &'a Axis> + Clone) -> Result<Axis> {
        let axes = axes.filter(|axis| axis.len() > 0);
        // Lengths past all counting are refused when the array is made.
        let longer = |all: Option<(usize, usize)>, axis: &Axis| match (all, axis) {
            (None, Axis::Regular { len, chunk }) => Some(Some((*len, *chunk))),
            // The chunks before are all whole, and so is what follows, or it is one smaller chunk.
            (Some((all, by)), Axis::Regular { len, chunk }) if all.is_multiple_of(by) && (*chunk == by || *chunk == *len && *len < by) => {
                Some(Some((all.saturating_add(*len), by)))
            }
            _ => None,
        };
        match axes.clone().try_fold(None, longer) {
            Some(Some((len, chunk))) => Ok(Axis::regular(len, chunk)),
            Some(None) => Ok(Axis::regular(0, 1)),
            None => {
                listable(axes.clone().fold(0usize, |chunks, axis| chunks.saturating_add(axis.count())))?;
                Ok(Axis::of_lens(axes.flat_map(Axis::lens).filter(|len| *len > 0)))
            }
        }
    }

    /// The axis with every element so many times, without empty chunks. The product of both can be counted.
    pub(crate) fn repeated(&self, times: usize) -> Axis {
        match self {
            Axis::Regular { len, chunk } => Axis::regular(len * times, chunk.saturating_mul(times)),
            Axis::Cuts(cuts) => Axis::of_lens(cuts.windows(2).map(|cut| (cut[1] - cut[0]) * times).filter(|len| *len > 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LONG: usize = 1 << 60;

    fn is_refused(axis: Result<Axis>) -> bool {
        axis.is_err_and(|error| error.kind() == ErrorKind::Graph && error.help() == Some("rechunk to larger chunks"))
    }

    #[test]
    fn what_cannot_be_listed_is_regular_or_refused() {
        let (tens, eights) = (Axis::regular(LONG, 10), Axis::regular(LONG, 8));
        assert!(is_refused(tens.walked(0, 3, LONG / 3)) && is_refused(tens.walked(1, 1, LONG - 1)));
        assert_eq!(eights.walked(0, 4, LONG / 4).unwrap(), Axis::regular(LONG / 4, 2));
        assert_eq!(tens.walked(3, 10, LONG / 10).unwrap(), Axis::regular(LONG / 10, 1));
        assert_eq!(tens.walked(LONG - 1, -11, LONG / 11).unwrap(), Axis::regular(LONG / 11, 1));
        assert_eq!(tens.walked(LONG / 2 + 1, 3, 8).unwrap().len(), 8);
        assert_eq!(eights.repeated(4), Axis::regular(1 << 62, 32));
        assert_eq!(Axis::joined([&eights, &eights, &Axis::regular(3, 3)].into_iter()).unwrap(), Axis::regular(2 * LONG + 3, 8));
        assert!(is_refused(Axis::joined([&eights, &tens].into_iter())));
        assert!(eights.listed().is_err() && Axis::regular(LISTED * 10, 10).listed().is_ok());
    }

    /// Cuts of an axis, empty chunks among them.
    fn axis() -> impl Strategy<Value = Axis> {
        prop_oneof![
            prop::collection::vec(0usize..6, 0..6).prop_map(Axis::of_lens),
            (0usize..30, 1usize..8).prop_map(|(len, chunk)| Axis::regular(len, chunk)),
        ]
    }

    /// Lengths without the empty ones; of no elements, that of the one empty chunk.
    fn lens_of(lens: impl Iterator<Item = usize>) -> Vec<usize> {
        let lens: Vec<usize> = lens.filter(|len| *len > 0).collect();
        if lens.is_empty() { vec![0] } else { lens }
    }

    proptest! {
        #[test]
        fn chunks_are_those_of_elements_one_by_one(axis in axis(), start in 0usize..30, step in 1isize..9, back in any::<bool>()) {
            let step = if back { -step } else { step };
            let places: Vec<usize> = std::iter::successors(Some(start as isize), |at| Some(at + step))
                .take_while(|at| (0..axis.len() as isize).contains(at))
                .map(|at| axis.find(at as usize))
                .collect();
            let expected = lens_of(places.chunk_by(|a, b| a == b).map(<[usize]>::len));
            prop_assert_eq!(axis.walked(start, step, places.len()).unwrap().lens(), expected);
        }

        #[test]
        fn chunks_one_after_another_and_longer_are_those_there_were(axes in prop::collection::vec(axis(), 0..4), times in 0usize..4) {
            let expected = Axis::of_lens(lens_of(axes.iter().flat_map(Axis::lens)));
            prop_assert_eq!(Axis::joined(axes.iter()).unwrap(), expected);
            for axis in axes {
                prop_assert_eq!(axis.repeated(times), Axis::of_lens(lens_of(axis.lens().into_iter().map(|len| len * times))));
            }
        }
    }
}
