//! Rewrites: each rule fires where it should, and what comes out is what the expression gives as it was written.

use proptest::prelude::*;
use stratal_array::{
    Chunk, Chunks, DArray, DType, Element, NewAxis, keep,
    ndarray::{ArrayD, SliceInfoElem},
    s,
};
use stratal_core::Client;

fn entered<T>(test: impl FnOnce() -> T) -> T {
    let client = Client::builder().detached().synchronous().unwrap();
    let _entered = client.enter();
    test()
}

/// What is written, run as it is.
fn as_written<T: Element>(a: &DArray) -> ArrayD<T> {
    let graph = a.graph_as_written().unwrap();
    let chunks = graph.get_all::<Chunk>(graph.outputs[0].key.clone()).unwrap();
    DArray::from_chunks(chunks, a.chunks().unwrap()).compute().unwrap()
}

/// How often a rule fired.
fn fired(a: &DArray, rule: &str) -> u32 {
    let text = a.explain().unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("rewrites  ")).unwrap();
    line.split(", ").find_map(|one| one.strip_prefix(rule)?.trim().parse().ok()).unwrap_or(0)
}

fn names(a: &DArray) -> Vec<String> {
    a.graph().unwrap().layers.iter().map(|layer| layer.spec.name.clone()).collect()
}

/// An array of `n` by `n` in chunks of 4 by 4 that was computed before, so that it is read and not made.
fn kept(n: usize) -> DArray {
    DArray::from_vec((0..n * n).map(|x| x as f64).collect(), (n, n)).rechunk(4).persist().unwrap()
}

fn same(a: &DArray) {
    assert_eq!(a.compute::<f64>().unwrap(), as_written::<f64>(a));
}

#[test]
fn a_cast_of_a_float_that_cuts_off_is_no_cast_that_wraps() {
    entered(|| {
        let x = DArray::from_vec(vec![300i32, -300, 5], 3).persist().unwrap();
        let cut = x.cast(DType::F64).cast(DType::I8);
        assert_eq!(cut.compute::<i8>().unwrap().into_raw_vec_and_offset().0, [127, -128, 5]);
        assert_eq!(cut.compute::<i8>().unwrap(), as_written::<i8>(&cut));
        let below = DArray::from_vec(vec![-1i8, 1], 2).persist().unwrap().cast(DType::F32).cast(DType::U8);
        assert_eq!(below.compute::<u8>().unwrap().into_raw_vec_and_offset().0, [0, 1]);
        // Where all values find a place, or all wrap, one cast is both.
        for one in [x.cast(DType::F64).cast(DType::I64), x.cast(DType::I64).cast(DType::I8)] {
            assert_eq!(fired(&one, "fold-casts"), 1);
            assert_eq!(one.cast(DType::F64).compute::<f64>().unwrap(), as_written::<f64>(&one.cast(DType::F64)));
        }
    });
}

#[test]
fn a_slice_goes_through_operations_to_what_is_kept() {
    entered(|| {
        let part = ((kept(12) * 2 + 1).square()).slice(s![5..7, 11]);
        assert_eq!(fired(&part, "view-through-elementwise"), 3);
        assert_eq!(names(&part), ["persist", "slice", "multiply+add+square"]);
        // Rows 5 and 6 lie in one chunk.
        assert_eq!(part.graph().unwrap().tasks(), 2);
        same(&part);
    });
}

#[test]
fn an_operand_that_is_broadcast_is_sliced_where_it_is_long() {
    entered(|| {
        let (x, row) = (kept(12), DArray::linspace(0.0, 11.0, 12).rechunk(4).persist().unwrap());
        let part = (x.sum(keep(1)) - &row).slice(s![..;-5, 3..5]);
        assert_eq!(part.shape().unwrap(), [3, 2]);
        assert_eq!(fired(&part, "slice-through-reduction"), 1);
        same(&part);
        let column = (x.sum(keep(1)) - &row).slice(s![2, ..]);
        same(&column);
    });
}

#[test]
fn a_slice_of_two_operands_pays_where_it_is_at_most_half() {
    entered(|| {
        let (x, y) = (kept(12), kept(12).exp());
        let sum = &x + &y.persist().unwrap();
        assert_eq!(fired(&sum.slice(s![..6, ..]), "view-through-elementwise"), 1);
        assert_eq!(fired(&sum.slice(s![..7, ..]), "view-through-elementwise"), 0);
        same(&sum.slice(s![..6, ..]));
        same(&sum.slice(s![..7, ..]));
    });
}

#[test]
fn what_others_read_whole_is_computed_once() {
    entered(|| {
        let doubled = kept(12) * 2;
        let both = doubled.slice(s![0, ..]) + doubled.sum(0);
        assert_eq!(fired(&both, "view-through-elementwise"), 0);
        same(&both);
        // The neighbours of a stencil are nearly the whole, twice.
        let stencil = doubled.slice(s![2.., ..]) - doubled.slice(s![..-2, ..]);
        assert_eq!(fired(&stencil, "view-through-elementwise"), 0);
        same(&stencil);
        // Two halves are no more than the whole.
        let halves = doubled.slice(s![6.., ..]) - doubled.slice(s![..6, ..]);
        assert_eq!(fired(&halves, "view-through-elementwise"), 2);
        same(&halves);
    });
}

#[test]
fn a_slice_of_a_reduction_reduces_what_it_keeps() {
    entered(|| {
        let sums = kept(12).sum(1).slice(s![3..5]);
        assert_eq!(fired(&sums, "slice-through-reduction"), 1);
        same(&sums);
        assert_eq!(sums.compute::<f64>().unwrap().into_raw_vec_and_offset().0, [3.0 * 144.0 + 66.0, 4.0 * 144.0 + 66.0]);
        for part in [kept(12).argmax(0).slice(s![..;-5]), kept(12).max(keep(1)).slice(s![7, ..]), kept(12).mean(keep(0)).slice(s![0, 2..4])]
        {
            assert_eq!(fired(&part, "slice-through-reduction"), 1);
            same(&part.cast(DType::F64));
        }
        // Of all that is left nothing can be left away.
        assert_eq!(fired(&kept(12).max(0).rechunk(5), "slice-through-reduction"), 0);
    });
}

#[test]
fn a_running_sum_ends_where_it_is_no_longer_wanted() {
    entered(|| {
        let sums = kept(12).cumulative_sum(1);
        for begun in [sums.slice(s![5, ..3]), sums.slice(s![5..6, ..3]), sums.slice(s![..;-1, ..2]), sums.slice(s![..2, ..])] {
            assert_eq!(fired(&begun, "slice-through-scan"), 1);
            same(&begun);
        }
        for later in [sums.slice(s![.., 1..3]), sums.slice(s![2, 3]), sums.slice(s![.., ..;2])] {
            assert_eq!(fired(&later, "slice-through-scan"), 0);
            same(&later);
        }
    });
}

#[test]
fn assemblies_of_assemblies_are_one() {
    entered(|| {
        let x = kept(12);
        let rechunked = x.rechunk(3).rechunk(5).rechunk([12, 2]);
        assert_eq!((fired(&rechunked, "merge-assemblies"), names(&rechunked)), (2, vec!["persist".to_owned(), "rechunk".to_owned()]));
        same(&rechunked);
        for nothing in [x.flip(0).flip(0), x.rechunk(5).rechunk(4), x.expand_dims(1).squeeze(1), x.slice(s![.., ..])] {
            assert_eq!((fired(&nothing, "drop-whole-views"), nothing.graph().unwrap().tasks()), (1, 0));
            same(&nothing);
        }
        let sliced = x.slice(s![2..;3, ..]).slice(s![..;-1, 4]).rechunk(1);
        assert_eq!((fired(&sliced, "merge-assemblies"), sliced.graph().unwrap().layers.len()), (2, 2));
        same(&sliced);
        // A pad of each axis is one, and so is what is rolled and then padded.
        let padded = x.pad(&[(1, 2), (3, 0)], -1.0);
        assert_eq!(padded.graph().unwrap().layers.len(), 2);
        same(&padded);
        let rolled = x.roll(5, 0).roll(-2, 1).pad(&[(2, 2), (0, 1)], 7.0);
        assert_eq!(rolled.graph().unwrap().layers.len(), 2);
        same(&rolled);
        for repeated in [x.repeat(3, 0).slice(s![3..30;6, ..]), x.repeat(3, 0).slice(s![4..20, ..]), x.slice(s![..;-2, ..]).repeat(2, 0)] {
            same(&repeated);
        }
    });
}

#[test]
fn a_slice_of_a_concatenation_reads_what_it_touches() {
    entered(|| {
        let (a, b) = (kept(12) + 1, kept(12).sqrt());
        let both = DArray::concat(&[&a, &b], 0);
        let first = both.slice(s![2..4, 0]);
        assert!(!names(&first).iter().any(|name| name.contains("sqrt")), "{:?}", names(&first));
        assert_eq!(first.graph().unwrap().tasks(), 2);
        let middle = both.slice(s![10..14, 0]);
        assert!(names(&middle).iter().any(|name| name.contains("sqrt")));
        for part in [first, middle, both.slice(s![20.., ..]), DArray::stack(&[&a, &b], 1).slice(s![3, 1, ..])] {
            same(&part);
        }
    });
}

#[test]
fn only_what_is_wanted_is_made() {
    entered(|| {
        let line = DArray::arange(0i64..1_000_000_000_000).rechunk(1000);
        let few = line.slice(s![7..;250_000_000_000]);
        assert_eq!(fired(&few, "slice-into-made"), 1);
        assert_eq!(few.compute::<i64>().unwrap().into_raw_vec_and_offset().0, [7, 250_000_000_007, 500_000_000_007, 750_000_000_007]);
        let spaced = DArray::linspace(-1.0, 1.0, 1001).rechunk(100);
        for part in [spaced.slice(s![..;-7]), spaced.slice(s![1000]).expand_dims(0), spaced.rechunk(7), spaced.slice(s![NewAxis, 3..5])] {
            assert_eq!(part.graph().unwrap().layers.len(), 1);
            same(&part);
        }
        let eye = DArray::eye::<f64>(40).rechunk(7);
        let corner = (&eye * 3).slice(s![38..;-5, 2..9]).slice(s![.., ..;2]);
        assert_eq!((fired(&corner, "slice-into-made"), corner.graph().unwrap().layers.len()), (1, 1));
        same(&corner);
        let memory = DArray::from_vec((0..20).map(f64::from).collect(), (4, 5)).rechunk([3, 2]);
        assert_eq!(fired(&memory.slice(s![..;-1, 1..;2]), "slice-into-made"), 1);
        same(&memory.slice(s![..;-1, 1..;2]));
        same(&memory.slice(s![2, 1]));
        let cast = (&memory * 2).rechunk(2);
        assert_eq!((fired(&cast, "rechunk-into-made"), cast.graph().unwrap().layers.len()), (1, 1));
        same(&cast);
        // Chunks that are there are read one by one.
        let chunk = |values: Vec<f64>| Chunk::new(DType::F64, &[values.len()], values.into()).unwrap();
        let chunks = DArray::from_chunks(vec![chunk(vec![1.0, 2.0]), chunk(vec![3.0])], vec![vec![2, 1]]);
        same(&(&chunks * 2).slice(s![1..]));
    });
}

#[test]
fn nothing_is_read_for_what_has_no_elements() {
    entered(|| {
        let none = (kept(12) * 2).slice(s![7..7, ..]);
        assert!(fired(&none, "skip-unread") > 0);
        assert_eq!((none.graph().unwrap().layers.len(), none.compute::<f64>().unwrap().shape()), (1, &[0, 12][..]));
        // Of a padded array, a corner that is padding alone.
        let corner = kept(12).pad(&[(3, 0), (0, 0)], 9.0).slice(s![..2, ..]);
        assert_eq!((fired(&corner, "skip-unread"), corner.graph().unwrap().layers.len()), (1, 1));
        same(&corner);
    });
}

#[test]
fn casts_and_constants_are_folded() {
    entered(|| {
        let x = DArray::arange(0i32..10).rechunk(3).persist().unwrap();
        let wide = x.cast(DType::F64).cast(DType::C128).real();
        assert_eq!((fired(&wide, "fold-casts"), names(&wide)[1].clone()), (1, "cast+real".to_owned()));
        same(&wide);
        assert_eq!(fired(&x.cast(DType::F64).cast(DType::I32), "fold-casts"), 2, "there and back is nothing");
        assert_eq!(fired(&x.cast(DType::F32).cast(DType::F64), "fold-casts"), 0, "what is rounded stays rounded");
        let four = DArray::ones::<f64>((5, 2)) * 3 + DArray::full(2, 1.0);
        assert_eq!(fired(&four, "fold-constants"), 2);
        assert!(four.compute::<f64>().unwrap().iter().all(|x| *x == 4.0));
        same(&(&four.cast(DType::F64) + four.gt(3).where_(&four, 0)));
    });
}

#[test]
fn what_is_written_twice_is_computed_once() {
    entered(|| {
        let x = kept(12);
        let twice = (&x + 1).exp() - (&x + 1).exp();
        assert_eq!((fired(&twice, "common-subexpressions"), names(&twice)), (2, vec!["persist".to_owned(), "add+exp+subtract".to_owned()]));
        assert!(twice.compute::<f64>().unwrap().iter().all(|x| *x == 0.0));
        let sums = x.sum(0) + x.sum(0) + x.nan_sum(0);
        assert_eq!(fired(&sums, "common-subexpressions"), 1);
        same(&sums);
    });
}

#[test]
fn very_deep_expressions_are_sliced() {
    entered(|| {
        let mut x = kept(12);
        for step in 0..10_000 {
            x = if step % 100 == 0 { (&x + 1).flip(1).flip(1).slice(s![.., ..]) } else { &x + 1 };
        }
        let part = x.slice(s![0..2, 3]);
        assert_eq!(part.compute::<f64>().unwrap().into_raw_vec_and_offset().0, [10_003.0, 10_015.0]);
        // A fan of slices, each of the one before: each is computed once.
        let mut x = kept(12).slice(s![0, ..]);
        for _ in 0..200 {
            x = DArray::concat(&[&(x.slice(s![..-1]) + x.slice(s![1..])), &x.slice(s![..1])], 0);
        }
        assert!(x.graph().unwrap().tasks() < 20_000);
    });
}

/// One step of a random expression: which, and three numbers that it may use.
type Step = (u8, usize, usize, usize);

/// An expression of these steps over a source of integers, which wrap: then the order of a sum is no matter.
fn grown(source: &DArray, steps: &[Step]) -> DArray {
    let (mut array, mut before) = (source.clone(), source.clone());
    for (which, x, y, z) in steps.iter().copied() {
        if array.shape().unwrap().iter().product::<usize>() > 300 {
            let few = SliceInfoElem::Slice { start: 0, end: Some(4), step: 1 };
            array = array.slice(vec![few; array.shape().unwrap().len()]);
        }
        let shape = array.shape().unwrap();
        let (ndim, axis) = (shape.len(), if shape.is_empty() { 0 } else { x % shape.len() });
        let len = shape.get(axis).copied().unwrap_or(0);
        let along = |part: SliceInfoElem| {
            let mut parts = vec![SliceInfoElem::Slice { start: 0, end: None, step: 1 }; ndim];
            parts[axis] = part;
            parts
        };
        let next = match which % 17 {
            0 => &array * 2 + 1,
            1 => (&array - 3).abs(),
            2 if before.shape().unwrap() == shape => &array + &before,
            3 | 4 if ndim > 0 => {
                let (start, step) = ((y % (len + 1)) as isize, (1 + z % 3) as isize);
                let end = (start + (x % 7) as isize).min(len as isize);
                array.slice(along(SliceInfoElem::Slice { start, end: Some(end), step: if z % 2 == 0 { step } else { -step } }))
            }
            5 if len > 0 => array.slice(along(SliceInfoElem::Index((y % len) as isize))),
            6 => array.rechunk(1 + z % 5),
            7 if ndim > 0 => array.roll((y % 9) as i64 - 4, axis as i64),
            8 if ndim > 0 && len < 12 => array.repeat(1 + z % 3, axis as i64),
            9 if ndim > 0 => {
                let mut widths = vec![(0, 0); ndim];
                widths[axis] = (y % 3, z % 3);
                array.pad(&widths, 5)
            }
            10 if ndim > 0 && len < 12 => DArray::concat(&[&array, &(&array + 1)], axis as i64),
            11 if ndim < 3 => array.expand_dims((y % (ndim + 1)) as i64),
            12 if ndim > 0 => array.sum(axis),
            13 if ndim > 0 => &array - array.sum(keep(axis)),
            14 if ndim > 0 => array.cumulative_sum(axis as i64),
            15 if ndim > 0 => array.flip(axis),
            16 if ndim < 3 && len < 8 => DArray::stack(&[&array, &(&array * 3)], (y % (ndim + 1)) as i64),
            _ => array.clone(),
        };
        (before, array) = (array, next);
    }
    array
}

fn sources() -> impl Strategy<Value = (Vec<usize>, Vec<Vec<usize>>, u8)> {
    prop::collection::vec(0usize..7, 0..3).prop_flat_map(|shape| {
        let cuts = |len: usize| {
            prop::collection::vec(0..=len, 0..3).prop_map(move |mut at| {
                at.extend([0, len]);
                at.sort_unstable();
                at.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<usize>>()
            })
        };
        let cuts = shape.iter().map(|len| cuts(*len)).collect::<Vec<_>>();
        (Just(shape), cuts, 0u8..3)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_expressions_give_what_is_written(
        (shape, cuts, kind) in sources(),
        steps in prop::collection::vec((any::<u8>(), 0usize..100, 0usize..100, 0usize..100), 0..8),
    ) {
        entered(|| {
            let count = shape.iter().product::<usize>();
            let values: Vec<i64> = (0..count as i64).map(|x| x * 7 % 23 - 11).collect();
            let made = DArray::from_vec(values, shape.clone()).rechunk(Chunks::cuts(cuts));
            let source = match kind {
                0 => made,
                1 => made.persist().unwrap(),
                _ => &made + 0,
            };
            let array = grown(&source, &steps);
            prop_assert_eq!(array.compute::<i64>().unwrap(), as_written::<i64>(&array), "{}", array.explain().unwrap());
            Ok(())
        })?;
    }
}
