//! Random expressions against a naive interpreter: the same steps over whole arrays of `ndarray`.
//!
//! Elements are integers that are brought below a small prime after every step, so that nothing overflows and every result is
//! exact in any order.

use crate::cuts::{chunks, entered};
use proptest::prelude::*;
use stratal_array::{
    Chunks, DArray, keep,
    ndarray::{ArrayD, Axis, IxDyn, SliceInfoElem, concatenate, stack},
};

const PRIME: i64 = 1009;

/// Elements that an array may grow to.
const MOST: usize = 300;

/// What is recorded, and what it must be.
#[derive(Clone)]
struct Both {
    ours: DArray,
    theirs: ArrayD<i64>,
}

/// Which step, and three numbers that it may use.
type Step = (u8, usize, usize, usize);

fn reshaped(array: &ArrayD<i64>, shape: &[usize]) -> ArrayD<i64> {
    ArrayD::from_shape_vec(IxDyn(shape), array.iter().copied().collect()).unwrap()
}

/// Every axis but one as it is.
fn along(ndim: usize, axis: usize, part: SliceInfoElem) -> Vec<SliceInfoElem> {
    let mut parts = vec![SliceInfoElem::Slice { start: 0, end: None, step: 1 }; ndim];
    parts[axis] = part;
    parts
}

impl Both {
    fn of(ours: DArray, theirs: ArrayD<i64>) -> Self {
        Both { ours: ours.remainder(PRIME), theirs: theirs.mapv(|x| x.rem_euclid(PRIME)) }
    }

    fn sliced(&self, slice: &[SliceInfoElem]) -> Self {
        Both { ours: self.ours.slice(slice), theirs: self.theirs.slice(slice).to_owned() }
    }

    /// The first four of each axis, where there are too many.
    fn bounded(self) -> Self {
        match self.theirs.len() > MOST {
            true => {
                let few =
                    self.theirs.shape().iter().map(|len| SliceInfoElem::Slice { start: 0, end: Some((*len).min(4) as isize), step: 1 });
                self.sliced(&few.collect::<Vec<_>>())
            }
            false => self,
        }
    }

    /// The elements at some places of an axis.
    fn picked(&self, axis: usize, places: impl Iterator<Item = usize>) -> ArrayD<i64> {
        self.theirs.select(Axis(axis), &places.collect::<Vec<_>>())
    }

    /// The state after one more step.
    fn after(&self, before: &Both, (which, x, y, z): Step) -> Both {
        let Both { ours, theirs } = self;
        let ndim = theirs.ndim();
        if ndim == 0 {
            return match which % 3 {
                0 => Both::of(ours + 5, theirs.mapv(|x| x + 5)),
                1 => Both::of(ours.broadcast_to((2, 3)), theirs.broadcast(IxDyn(&[2, 3])).unwrap().to_owned()),
                _ => Both::of(ours.expand_dims(0), theirs.clone().insert_axis(Axis(0))),
            };
        }
        let axis = x % ndim;
        let (at, len) = (axis as i64, theirs.shape()[axis]);
        match which % 24 {
            0 => Both::of(ours * 2 + 1, theirs.mapv(|x| 2 * x + 1)),
            1 => Both::of(ours.square() - ours, theirs.mapv(|x| x * x - x)),
            2 if before.theirs.shape() == theirs.shape() => Both::of(ours * &before.ours, theirs * &before.theirs),
            3 => {
                let chosen = theirs.mapv(|x| if x > 400 { x } else { -x });
                Both::of(ours.gt(400).where_(ours, -ours), chosen)
            }
            4 | 5 => {
                let (start, step) = ((y % (len + 1)) as isize, 1 + (z % 3) as isize);
                let end = (start + (x % 7) as isize).min(len as isize);
                let step = if z % 2 == 0 { step } else { -step };
                self.sliced(&along(ndim, axis, SliceInfoElem::Slice { start, end: Some(end), step }))
            }
            6 if len > 0 => self.sliced(&along(ndim, axis, SliceInfoElem::Index((y % len) as isize))),
            7 => Both { ours: ours.rechunk(1 + z % 5), theirs: theirs.clone() },
            8 if len > 0 => {
                let shift = (y % 9) as i64 - 4;
                let place = |i: usize| (i as i64 - shift).rem_euclid(len as i64) as usize;
                Both { ours: ours.roll(shift, at), theirs: self.picked(axis, (0..len).map(place)) }
            }
            9 if len < 12 => {
                let times = 1 + z % 3;
                Both { ours: ours.repeat(times, at), theirs: self.picked(axis, (0..len * times).map(|i| i / times)) }
            }
            10 => Both { ours: ours.flip(axis), theirs: self.picked(axis, (0..len).rev()) },
            11 if len < 12 => {
                let both = concatenate(Axis(axis), &[theirs.view(), (theirs + 1i64).view()]).unwrap();
                Both::of(DArray::concat(&[ours, &(ours + 1)], at), both)
            }
            12 if ndim < 3 && len < 8 => {
                let place = y % (ndim + 1);
                let both = stack(Axis(place), &[theirs.view(), (theirs * 3i64).view()]).unwrap();
                Both::of(DArray::stack(&[ours, &(ours * 3)], place as i64), both)
            }
            13 => Both::of(ours.sum(axis), theirs.sum_axis(Axis(axis))),
            14 => Both::of(ours - ours.sum(keep(axis)), theirs - &theirs.sum_axis(Axis(axis)).insert_axis(Axis(axis))),
            15 if len > 0 => {
                let most = theirs.map_axis(Axis(axis), |line| line.iter().copied().max().unwrap());
                Both::of(ours.max(axis), most)
            }
            16 => {
                let mut sums = theirs.clone();
                sums.accumulate_axis_inplace(Axis(axis), |before, here| *here += before);
                Both::of(ours.cumulative_sum(at), sums)
            }
            17 | 18 => {
                let mut order: Vec<usize> = (0..ndim).collect();
                order.rotate_left(y % ndim);
                order.swap(0, axis);
                Both { ours: ours.permute_dims(&order), theirs: theirs.view().permuted_axes(IxDyn(&order)).to_owned() }
            }
            19 => {
                let shape = if ndim > 1 { vec![theirs.len()] } else { vec![1, theirs.len(), 1] };
                Both { ours: ours.reshape(&shape), theirs: reshaped(theirs, &shape) }
            }
            20 if len % 2 == 0 => {
                let mut shape = theirs.shape().to_vec();
                shape[axis] = 2;
                shape.insert(axis + 1, len / 2);
                if shape.len() < 4 { Both { ours: ours.reshape(&shape), theirs: reshaped(theirs, &shape) } } else { self.clone() }
            }
            21 if ndim == 2 => {
                let (rows, shared) = (theirs.shape()[0], theirs.shape()[1]);
                let product = ArrayD::from_shape_fn(IxDyn(&[rows, rows]), |at| {
                    (0..shared).map(|k| theirs[[at[0], k]] * theirs[[at[1], k]]).sum::<i64>()
                });
                Both::of(ours.matmul(&ours.t()), product)
            }
            22 if ndim < 3 => Both { ours: ours.expand_dims(at), theirs: theirs.clone().insert_axis(Axis(axis)) },
            23 => {
                let mut widths = vec![(0, 0); ndim];
                widths[axis] = (y % 3, z % 3);
                let mut shape = theirs.shape().to_vec();
                shape[axis] += widths[axis].0 + widths[axis].1;
                let padded = ArrayD::from_shape_fn(IxDyn(&shape), |mut at: IxDyn| {
                    let here = at[axis].checked_sub(widths[axis].0).filter(|place| *place < len);
                    here.map_or(5, |place| {
                        at[axis] = place;
                        theirs[&at]
                    })
                });
                Both { ours: ours.pad(&widths, 5), theirs: padded }
            }
            _ => self.clone(),
        }
    }
}

fn sources() -> impl Strategy<Value = (Vec<usize>, Chunks)> {
    prop::collection::vec(0usize..7, 1..4).prop_flat_map(|shape| (Just(shape.clone()), chunks(shape)))
}

/// How many expressions: `PROPTEST_CASES`, else some.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(192)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn random_expressions_equal_a_naive_interpreter(
        (shape, chunks) in sources(),
        is_kept in any::<bool>(),
        steps in prop::collection::vec((any::<u8>(), 0usize..100, 0usize..100, 0usize..100), 1..9),
    ) {
        entered(|| {
            let count = shape.iter().product::<usize>() as i64;
            let theirs = ArrayD::from_shape_vec(IxDyn(&shape), (0..count).map(|i| (i * 7919 + 13) % PRIME).collect()).unwrap();
            let made = DArray::from_ndarray(theirs.clone()).rechunk(chunks);
            let ours = if is_kept { made.persist().unwrap() } else { made };
            let mut now = Both { ours, theirs };
            let mut before = now.clone();
            for step in steps {
                let next = now.after(&before, step).bounded();
                before = std::mem::replace(&mut now, next);
            }
            prop_assert_eq!(now.ours.compute::<i64>().unwrap(), now.theirs, "{}", now.ours.explain().unwrap());
            Ok(())
        })?;
    }
}
