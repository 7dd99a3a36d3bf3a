//! Memory that is promised before anything runs, and plans that are refused for it.

use stratal_array::{ChunkArray, DArray, DType, keep, ndarray::Array2, s};
use stratal_core::{Client, ErrorKind};

/// A client that may hold so much.
fn limited<T>(limit: &str, test: impl FnOnce() -> T) -> T {
    let client = Client::builder().memory_limit(limit).detached().synchronous().unwrap();
    let _entered = client.enter();
    test()
}

#[test]
fn a_task_that_cannot_fit_is_refused_with_chunks_that_do() {
    limited("1MiB", || {
        let squares = |chunk: usize| DArray::arange(0i64..1_000_000).rechunk(chunk).square();
        let line = line!() + 1;
        let error = squares(500_000).sum(..).scalar::<i64>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory);
        let text = error.to_string();
        assert!(text.starts_with("sum (") && text.contains(&format!("memory.rs:{line}:")), "{text}");
        assert_eq!(error.message(), "one task needs 3.8 MiB and the limit is 1.0 MiB");
        // What the help says works.
        let help = error.help().unwrap();
        let (chunk, needs) = help.strip_prefix("rechunk([").unwrap().split_once("]) needs ").unwrap();
        assert_eq!((chunk, needs), ("125000", "1008.6 KiB"));
        let sum = squares(chunk.parse().unwrap()).sum(..).scalar::<i64>().unwrap();
        assert_eq!(sum, (0..1_000_000i64).map(|x| x * x).sum::<i64>());
    });
}

#[test]
fn the_longest_side_of_a_chunk_is_halved() {
    limited("1MiB", || {
        let error = (DArray::eye::<f64>(1000).rechunk(500) * 2).sum(0).compute::<f64>().unwrap_err();
        assert_eq!(error.help(), Some("rechunk([250, 250]) needs 540.2 KiB"));
    });
}

#[test]
fn a_result_that_cannot_be_kept_is_refused_and_its_sum_is_not() {
    limited("1MiB", || {
        let zeros = DArray::zeros::<f64>((1000, 1000));
        let error = (&zeros + 1.0).compute::<f64>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory);
        assert_eq!(error.message(), "the result of shape (1000, 1000) needs 15.3 MiB as chunks and as one array, and the limit is 1.0 MiB");
        assert!(error.to_string().starts_with("add ("), "{error}");
        assert_eq!((&zeros + 1.0).sum(..).scalar::<f64>().unwrap(), 1e6);
        assert_eq!((&zeros + 1.0).slice(s![..10, 5]).compute::<f64>().unwrap().len(), 10);
        // 0.6 MiB stay where they are, but are not there twice.
        let fits_once = DArray::zeros::<f64>(80_000).rechunk(10_000) + 1.0;
        assert_eq!(fits_once.compute::<f64>().unwrap_err().kind(), ErrorKind::Memory);
        assert_eq!(fits_once.persist().unwrap().sum(..).scalar::<f64>().unwrap(), 80_000.0);
    });
}

/// An array of 400 by 400 in chunks of 200 by 200, 1.2 MiB in all, and its elements.
fn square() -> (DArray, Array2<f64>) {
    let values = Array2::from_shape_fn((400, 400), |(row, column)| (row * row % 101 + 3 * column) as f64);
    let x = DArray::from_vec(values.iter().copied().collect(), (400, 400)).rechunk(200) * 2.0;
    (x.persist().unwrap(), values * 2.0)
}

/// The middle of an array less the middle of it with its axes exchanged, squared and added up. In place a task holds the four large
/// chunks of one and the four of the other. Put together, it holds a small chunk of each.
fn asymmetry(x: &DArray) -> DArray {
    let middle = |x: &DArray| x.slice(s![101..301, 101..301]).rechunk(100);
    (middle(x) - middle(&x.permute_dims([1, 0]))).square().sum(..)
}

/// The layers that run, but for those of reductions.
fn layers(a: &DArray) -> Vec<String> {
    let graph = a.graph().unwrap();
    graph.layers.iter().filter(|layer| layer.spec.held.is_none()).map(|layer| layer.spec.name.clone()).collect()
}

#[test]
fn what_does_not_fit_where_it_lies_is_put_together_first_and_the_rest_is_not() {
    let told = "rechunk, rechunk: they are put together first: in place subtract+square+sum would take 2.5 MiB of 2.1 MiB a task\n";
    limited("2200KiB", || {
        let (x, values) = square();
        let difference = asymmetry(&x);
        let text = difference.explain().unwrap();
        assert!(text.contains(told), "{text}");
        assert_eq!(layers(&difference), ["rechunk", "rechunk", "subtract+square+sum", "sum"]);
        let middle = values.slice(s![101..301, 101..301]);
        let expected = (&middle - &middle.t()).mapv(|x| x * x).sum();
        assert_eq!(difference.scalar::<f64>().unwrap(), expected);
        // As a lazy value, and beside what fits.
        assert_eq!(difference.to_delayed().unwrap()[0].compute().unwrap().to_ndarray::<f64>().unwrap().sum(), expected);
        let steps = (&x - x.roll(3, 0).rechunk(200)).square().sum(..);
        let both = &difference + &steps;
        let text = both.explain().unwrap();
        assert!(text.contains(told) && text.contains("subtract+square+sum: reads rechunk where it lies\n"), "{text}");
        let turned = Array2::from_shape_fn((400, 400), |(row, column)| values[[(row + 397) % 400, column]]);
        assert_eq!(both.scalar::<f64>().unwrap(), expected + (&values - &turned).mapv(|x| x * x).sum());
    });
    limited("none", || {
        let difference = asymmetry(&square().0);
        let text = difference.explain().unwrap();
        assert!(text.contains("reads rechunk, rechunk where they lie\n") && !text.contains("put together first"), "{text}");
        assert_eq!(layers(&difference), ["subtract+square+sum", "sum"]);
    });
}

#[test]
fn what_does_not_fit_put_together_either_is_refused_with_its_operation() {
    limited("1300KiB", || {
        let difference = asymmetry(&square().0);
        let error = difference.scalar::<f64>().unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Memory, "one task needs 2.5 MiB and the limit is 1.3 MiB"));
        assert!(error.to_string().starts_with("sum (") && error.help().is_some_and(|help| help.starts_with("rechunk([")), "{error}");
        let text = difference.explain().unwrap();
        assert!(text.contains("reads rechunk, rechunk where they lie\n") && !text.contains("put together first"), "{text}");
    });
}

#[test]
fn every_layer_promises_at_least_what_it_leaves() {
    limited("none", || {
        let x = DArray::from_vec((0..3600).map(f64::from).collect(), (60, 60)).rechunk([16, 20]);
        let centred = (&x - x.mean(keep(0))) / x.std(keep(0));
        let all = [
            centred.slice(s![3..40, ..;-2]).rechunk(7),
            DArray::concat(&[&x.exp(), &x.roll(3, 1)], 0),
            x.cumulative_sum(1).cumulative_prod(0),
            centred.pad(&[(1, 2), (3, 4)], 0.5).repeat(2, 1),
            x.argmax(0).cast(DType::F64),
        ];
        for array in all {
            let graph = array.graph().unwrap();
            for layer in &graph.layers {
                assert!(layer.spec.needs.bytes > 0, "{} of\n{}", layer.spec.name, array.explain().unwrap());
            }
            let largest = array.chunks().unwrap().iter().map(|lens| lens.iter().max().unwrap()).product::<usize>() as u64;
            assert!(graph.layers.last().unwrap().spec.needs.bytes >= 8 * largest);
            array.compute::<f64>().unwrap();
        }
    });
}

#[test]
fn a_slice_promises_what_the_slice_takes() {
    limited("none", || {
        let x = DArray::linspace(0.0, 1.0, 10_000_000).rechunk(1_000_000);
        let bytes = |a: &DArray| a.graph().unwrap().layers.iter().map(|layer| layer.spec.needs.bytes).max().unwrap();
        assert!(bytes(&x.exp()) > 16_000_000);
        assert!(bytes(&x.exp().slice(s![5..15])) < 1000);
    });
}

#[test]
fn what_a_step_passes_over_is_made_and_counted() {
    limited("1MiB", || {
        let every = |chunk: usize| DArray::random(7).uniform(1_600_000).rechunk(100_000).slice(s![..;16]).rechunk(chunk).sum(..);
        assert_eq!(every(60_000).scalar::<f64>().unwrap_err().kind(), ErrorKind::Memory);
        let sum = every(6_000).scalar::<f64>().unwrap();
        assert!((sum - 50_000.0).abs() < 1000.0, "{sum}");
    });
}
