//! Boxes of chunks that a program reads where they lie: neighbours of stencils, and whatever else begins beside a cut.

use crate::{
    cuts::{chunks, counted, entered, integers},
    everywhere,
};
use proptest::prelude::*;
use stratal_array::{
    Chunks, DArray, DType, keep,
    ndarray::{ArrayD, Axis, IxDyn, SliceInfoElem, concatenate},
    s,
};

/// The layers that run.
fn layers(a: &DArray) -> Vec<String> {
    let graph = a.graph().unwrap();
    graph.layers.iter().filter(|layer| layer.spec.held.is_none()).map(|layer| layer.spec.name.clone()).collect()
}

fn kept(len: usize, chunk: usize) -> DArray {
    DArray::from_vec((0..len).map(|x| (x * x % 97) as f64).collect(), len).rechunk(chunk).persist().unwrap()
}

fn double_difference(x: &DArray) -> DArray {
    x.slice(s![2..]) - 2.0 * x.slice(s![1..-1]) + x.slice(s![..-2])
}

#[test]
fn neighbours_along_a_line_are_one_pass_over_memory() {
    everywhere(|| {
        let x = kept(60, 7);
        let second = double_difference(&x);
        assert_eq!(layers(&second), ["multiply+subtract+add"]);
        let text = second.explain().unwrap();
        assert!(text.contains("multiply+subtract+add: reads rechunk, slice, rechunk where they lie\n"), "{text}");
        let values: Vec<f64> = (0..60).map(|x| f64::from(x * x % 97)).collect();
        let expected: Vec<f64> = values.windows(3).map(|x| x[2] - 2.0 * x[1] + x[0]).collect();
        assert_eq!(second.compute::<f64>().unwrap().into_raw_vec_and_offset().0, expected);
        assert_eq!(layers(&second.sum(..)), ["multiply+subtract+add+sum", "sum"]);
        assert_eq!(second.sum(..).scalar::<f64>().unwrap(), expected.iter().sum::<f64>());
    });
}

#[test]
fn neighbours_along_both_axes_are_one_pass_over_memory() {
    everywhere(|| {
        let values =
            |by: usize| ArrayD::from_shape_fn(IxDyn(&[20, 23]), |at| (by * at[0] * at[0] + 5 * at[1] * at[1] + at[0] * at[1]) as f64);
        let field = |by: usize| DArray::from_ndarray(values(by)).rechunk([6, 5]).persist().unwrap();
        let ((u, v), (a, b)) = ((field(3), field(2)), (values(3), values(2)));
        let along_x = (v.slice(s![1..-1, 2..]) - v.slice(s![1..-1, ..-2])) * 0.5;
        let along_y = (u.slice(s![2.., 1..-1]) - u.slice(s![..-2, 1..-1])) * 0.5;
        let vorticity = along_x - along_y;
        assert_eq!(layers(&vorticity).len(), 1, "{}", vorticity.explain().unwrap());
        let expected = ArrayD::from_shape_fn(IxDyn(&[18, 21]), |at| {
            let (row, column) = (at[0] + 1, at[1] + 1);
            (b[[row, column + 1]] - b[[row, column - 1]]) * 0.5 - (a[[row + 1, column]] - a[[row - 1, column]]) * 0.5
        });
        assert_eq!(vorticity.compute::<f64>().unwrap(), expected);
        for axis in 0..2 {
            assert_eq!(
                vorticity.max(axis).compute::<f64>().unwrap(),
                expected.map_axis(Axis(axis), |line| line.iter().copied().fold(f64::MIN, f64::max))
            );
        }
    });
}

#[test]
fn what_moves_and_joins_is_read_where_it_lies() {
    everywhere(|| {
        let x = kept(60, 7);
        let one_layer = [
            &x - x.roll(3, 0),
            x.pad(&[(2, 3)], 1.0) * 2.0,
            DArray::concat(&[&x, &x.slice(s![5..])], 0).sqrt(),
            x.slice(s![..;-1]) + 1.0,
            x.rechunk(9) + 1.0,
            x.slice(s![3..;2]) - x.slice(s![2..-1;2]),
        ];
        for array in one_layer {
            assert_eq!(layers(&array).len(), 1, "{}", array.explain().unwrap());
        }
        let text = (&x - x.roll(3, 0)).explain().unwrap();
        assert!(text.contains("subtract: reads rechunk, roll where they lie\n"), "{text}");
        let padded = (x.pad(&[(2, 3)], 1.0) * 2.0).compute::<f64>().unwrap();
        assert_eq!((padded[0], padded[1], padded[2], padded[3], padded[64]), (2.0, 2.0, 0.0, 2.0, 2.0));
        let turned = (&x - x.roll(3, 0)).compute::<f64>().unwrap();
        assert_eq!((turned[0], turned[3]), (0.0 - f64::from(57 * 57 % 97), 9.0));
    });
}

#[test]
fn what_is_read_twice_is_read_in_place_if_it_keeps_its_order() {
    everywhere(|| {
        let x = kept(60, 7);
        let turned = x.roll(3, 0);
        assert_eq!(layers(&(&turned - turned.sum(keep(0)))), ["sum", "sum", "subtract"]);
        let back = x.slice(s![..;-1]);
        let centred = &back - back.sum(keep(0));
        assert_eq!(layers(&centred), ["slice", "sum", "sum", "subtract"]);
        let text = centred.explain().unwrap();
        assert!(text.contains("slice: it is put together once, for operations in 2 layers read it\n"), "{text}");
        let total: f64 = (0..60).map(|x| f64::from(x * x % 97)).sum();
        assert_eq!(centred.slice(s![-1]).scalar::<f64>().unwrap(), -total);
    });
}

#[test]
fn what_is_put_together_says_why() {
    entered(|| {
        let x = DArray::from_vec((0..144).map(f64::from).collect(), (12, 12)).rechunk(4).persist().unwrap();
        let says = |a: DArray, why: &str| {
            let text = a.explain().unwrap();
            assert!(text.contains(why), "{text}");
        };
        says(&x + x.slice(s![..1, ..]), "slice: its (1, 12) is broadcast to (12, 12), and put together once\n");
        says(x.slice(s![0, ..;2]) + 1.0, "slice: its chunks are small parts of those that they are cut from\n");
        says(x.repeat(2, 0) + 1.0, "repeat: its elements are repeated, and put together once\n");
        says(x.rechunk(12) + 1.0, "rechunk: up to 9 chunks are put together to one\n");
    });
}

#[test]
fn neighbours_that_touch_the_same_chunks_share_them_and_what_is_promised() {
    entered(|| {
        let second = double_difference(&kept(1_000_000, 100_000));
        let graph = second.graph().unwrap();
        let spec = &graph.layers.last().unwrap().spec;
        // Two of them begin in the chunk before, and end in the same.
        assert_eq!(spec.inputs.len(), 2);
        // Two chunks that are read, one that is left, and tiles.
        assert!((2_400_000..2_600_000).contains(&spec.needs.bytes), "{}", spec.needs.bytes);
    });
}

#[test]
fn chunks_with_their_axes_in_another_order_are_promised_once() {
    entered(|| {
        let x = DArray::from_vec((0..1_000_000).map(f64::from).collect(), (1000, 1000)).rechunk([250, 500]).persist().unwrap();
        let graph = (x.permute_dims([1, 0]) + 1.0).graph().unwrap();
        let spec = &graph.layers.last().unwrap().spec;
        assert_eq!(spec.inputs.len(), 1);
        // One chunk that is read, one that is left, and tiles.
        assert!((2_000_000..2_100_000).contains(&spec.needs.bytes), "{}", spec.needs.bytes);
    });
}

/// An operand: where its elements come from, and its start, step and direction along each axis.
type Taken = (u8, Vec<(usize, usize, bool)>);

fn operands() -> impl Strategy<Value = Vec<Taken>> {
    let axis = (0usize..100, 1usize..4, any::<bool>());
    prop::collection::vec((0u8..5, prop::collection::vec(axis, 3)), 1..5)
}

fn sources() -> impl Strategy<Value = (Vec<usize>, Chunks)> {
    prop::collection::vec(1usize..9, 1..4).prop_flat_map(|shape| (Just(shape.clone()), chunks(shape)))
}

/// Something that is no smaller than an array along any axis, or has its axes the other way round.
fn moved(how: u8, ours: &DArray, theirs: &ArrayD<i64>) -> (DArray, ArrayD<i64>) {
    let ndim = theirs.ndim();
    match how {
        1 => {
            let len = theirs.shape()[0];
            let places: Vec<usize> = (0..len).map(|i| (i + 2 * len - 2) % len).collect();
            (ours.roll(2, 0), theirs.select(Axis(0), &places))
        }
        2 => {
            let shape: Vec<usize> = theirs.shape().iter().map(|len| len + 3).collect();
            let padded = ArrayD::from_shape_fn(IxDyn(&shape), |at: IxDyn| {
                let inside: Option<Vec<usize>> =
                    (0..ndim).map(|axis| at[axis].checked_sub(1).filter(|place| *place < theirs.shape()[axis])).collect();
                inside.map_or(3, |place| theirs[IxDyn(&place)])
            });
            (ours.pad(&vec![(1, 2); ndim], 3), padded)
        }
        3 => (DArray::concat(&[ours, ours], ndim as i64 - 1), concatenate(Axis(ndim - 1), &[theirs.view(), theirs.view()]).unwrap()),
        4 => {
            let order: Vec<usize> = (0..ndim).rev().collect();
            (ours.permute_dims(&order), theirs.clone().reversed_axes())
        }
        _ => (ours.clone(), theirs.clone()),
    }
}

/// A part of these lengths.
fn part(shape: &[usize], lens: &[usize], at: &[(usize, usize, bool)]) -> Vec<SliceInfoElem> {
    let one = |((len, wanted), (start, step, back)): ((&usize, &usize), &(usize, usize, bool))| {
        let step = if *wanted > 1 { (*step).min((len - 1) / (wanted - 1)) } else { 1 };
        let reach = if *wanted == 0 { 0 } else { (wanted - 1) * step + 1 };
        let (start, step) = (start % (len - reach + 1), step as isize);
        SliceInfoElem::Slice { start: start as isize, end: Some((start + reach) as isize), step: if *back { -step } else { step } }
    };
    shape.iter().zip(lens).zip(at).map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn sums_of_boxes_are_those_of_plain_slices(
        (shape, chunks) in sources(),
        wanted in prop::collection::vec(0usize..100, 3),
        operands in operands(),
        dtype in prop::sample::select(vec![DType::I8, DType::U16, DType::I64, DType::F32, DType::F64, DType::C128]),
        reduced in prop::option::of(0usize..3),
        has_row in any::<bool>(),
    ) {
        entered(|| {
            let ndim = shape.len();
            let theirs = counted(&shape, 5);
            let ours = DArray::from_ndarray(theirs.clone()).rechunk(chunks).cast(dtype).persist().unwrap();
            // Few enough for the array, and for it with its axes the other way round.
            let lens: Vec<usize> = (0..ndim).map(|axis| wanted[axis] % (shape[axis].min(shape[ndim - 1 - axis]) + 1)).collect();
            let (mut sum, mut expected) = (DArray::zeros::<i8>(lens.clone()).cast(dtype), ArrayD::<i64>::zeros(IxDyn(&lens)));
            for (nth, (how, at)) in operands.iter().enumerate() {
                let (wide, plain) = moved(*how, &ours, &theirs);
                let part = part(plain.shape(), &lens, at);
                let times = nth as i64 + 1;
                sum += wide.slice(&part[..]) * times;
                expected += &plain.slice(&part[..]).mapv(|x| x * times);
            }
            if has_row && !lens.contains(&0) {
                let first: Vec<usize> = std::iter::once(1).chain(lens[1..].iter().copied()).collect();
                let part = part(&shape, &first, &operands[0].1);
                sum += ours.slice(&part[..]);
                expected += &theirs.slice(&part[..]);
            }
            if let Some(axis) = reduced {
                let axis = axis % ndim;
                (sum, expected) = (sum.sum(axis), expected.sum_axis(Axis(axis)));
            }
            prop_assert_eq!(integers(&sum), expected, "{}", sum.explain().unwrap());
            Ok(())
        })?;
    }
}
