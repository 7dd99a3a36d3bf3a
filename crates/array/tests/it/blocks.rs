//! Functions on chunks, and chunks as lazy values.

use crate::everywhere;
use stratal_array::{
    Chunk, ChunkArray, Chunks, DArray, DType,
    ndarray::{ArrayD, ArrayViewD, Axis, IxDyn, arr1, arr2},
};
use stratal_core::{
    ErrorKind, Result,
    client::compute,
    delayed::{Delayed, delayed},
};

/// The numbers from 0 on in a 4 x 6 matrix of chunks of 2 x 3.
fn matrix() -> DArray {
    DArray::from_vec((0..24i64).collect(), (4, 6)).rechunk([2, 3]) + 0
}

#[test]
fn a_function_sees_every_chunk_once_and_gives_one_of_another_dtype() {
    everywhere(|| {
        let halves = matrix().map_blocks(|block: ArrayViewD<'_, i64>| block.mapv(|x| x as f64 / 2.0));
        let expected: Vec<f64> = (0..24).map(|x| f64::from(x) / 2.0).collect();
        assert_eq!(halves.compute::<f64>().unwrap().into_raw_vec_and_offset().0, expected);
        let firsts = matrix().map_blocks(|block: ArrayViewD<'_, i64>| ArrayD::from_elem(block.raw_dim(), block[[0, 0]]));
        assert_eq!(firsts.slice(stratal_array::s![.., 0]).compute::<i64>().unwrap(), arr1(&[0, 0, 12, 12]).into_dyn());
        let odd = matrix().map_blocks(|block: ArrayViewD<'_, i64>| block.mapv(|x| x % 2 == 1)).sum(..);
        assert_eq!(odd.scalar::<i64>().unwrap(), 12);
        // What a function gives may lie in memory as it likes.
        let square = DArray::from_vec(vec![1i64, 2, 3, 4], (2, 2));
        let turned = square.map_blocks(|block: ArrayViewD<'_, i64>| block.reversed_axes().to_owned());
        assert_eq!(turned.compute::<i64>().unwrap(), arr2(&[[1, 3], [2, 4]]).into_dyn());
    });
}

#[test]
fn blocks_may_become_others() {
    everywhere(|| {
        let rows = matrix().map_blocks_with(|block: ArrayViewD<'_, i64>| block.sum_axis(Axis(1)).insert_axis(Axis(1)), [-1, 1]);
        assert_eq!(rows.chunks().unwrap(), [vec![2, 2], vec![1, 1]]);
        assert_eq!(rows.compute::<i64>().unwrap(), arr2(&[[3, 12], [21, 30], [39, 48], [57, 66]]).into_dyn());
        let lens = Chunks::cuts(vec![vec![1; 4]]);
        let sums = matrix().map_blocks_with(|block: ArrayViewD<'_, i64>| arr1(&[block.sum()]).into_dyn(), lens);
        assert_eq!(sums.compute::<i64>().unwrap(), arr1(&[24, 42, 96, 114]).into_dyn());
    });
    let none = |block: ArrayViewD<'_, i64>| block.to_owned();
    for chunks in [Chunks::auto(), Chunks::from([1]), Chunks::from(-2), Chunks::cuts(vec![vec![1; 3]])] {
        assert_eq!(matrix().map_blocks_with(none, chunks).check().unwrap_err().kind(), ErrorKind::BadValue);
    }
}

#[test]
fn what_is_wrong_with_a_function_names_the_block() {
    everywhere(|| {
        let cut = matrix().map_blocks(|block: ArrayViewD<'_, i64>| block.index_axis(Axis(0), 0).to_owned());
        let error = cut.compute::<i64>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        let message = error.message();
        assert!(message.contains("closure at ") && message.contains("blocks.rs:"), "{message}");
        assert!(message.contains(" gave the shape (3,) for block (") && message.contains("and (2, 3) stands there"), "{message}");
        let panics = matrix().map_blocks(|block: ArrayViewD<'_, i64>| {
            assert!(block[[0, 0]] < 12, "too large");
            block.to_owned()
        });
        let error = panics.compute::<i64>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Task);
        assert!(error.message().contains("panicked at ") && error.message().contains("too large"), "{error}");
        assert!(error.partition().is_some_and(|block| block >= 2), "{error}");
    });
    let error = matrix().map_blocks(|block: ArrayViewD<'_, f64>| block.to_owned()).check().unwrap_err();
    assert!(
        error.message().ends_with("takes f64, and the array is i64") && error.help() == Some("cast it first: .cast(DType::F64)"),
        "{error}"
    );
}

#[test]
fn chunks_are_lazy_values_and_lazy_values_chunks() {
    everywhere(|| {
        let chunks = (matrix() * 2).to_delayed().unwrap();
        assert_eq!(chunks.len(), 4);
        let turn = |chunk: &Chunk| -> Result<ArrayD<i64>> { Ok(chunk.to_ndarray::<i64>()?.reversed_axes()) };
        let turned: Vec<Delayed<ArrayD<i64>>> = chunks.iter().map(|chunk| delayed(turn, chunk)).collect();
        let again = DArray::from_delayed(turned, DType::I64, vec![vec![3; 2], vec![2; 2]]);
        assert_eq!(again.shape().unwrap(), [6, 4]);
        // The chunk of rows 0..2, columns 3..6 stands in rows 0..3, columns 2..4.
        assert_eq!(again.slice(stratal_array::s![..3, 2..]).compute::<i64>().unwrap(), arr2(&[[6, 18], [8, 20], [10, 22]]).into_dyn());
        let kept = DArray::from_delayed(chunks, DType::I64, vec![vec![2, 2], vec![3, 3]]);
        assert_eq!((kept - matrix()).sum(..).scalar::<i64>().unwrap(), 276);
    });
}

#[test]
fn an_array_and_what_reads_its_chunks_are_one_graph() {
    everywhere(|| {
        let x = DArray::from_delayed((1..4).map(|n| delayed(|n: i64| ArrayD::from_elem(IxDyn(&[2]), n), n)), DType::I64, vec![vec![2; 3]]);
        let sums: Vec<Delayed<i64>> = (x.clone() * 10)
            .to_delayed()
            .unwrap()
            .into_iter()
            .map(|chunk| delayed(|chunk: &Chunk| chunk.to_ndarray::<i64>().map(|array| array.sum()), chunk))
            .collect();
        assert_eq!(compute(sums).unwrap(), [20, 40, 60]);
        assert_eq!(x.persist().unwrap().sum(..).scalar::<i64>().unwrap(), 12);
    });
}

#[test]
fn lazy_values_are_held_to_what_was_promised() {
    everywhere(|| {
        let two = || vec![delayed(|n: i64| ArrayD::from_elem(IxDyn(&[2]), n), 1), delayed(|n: i64| ArrayD::from_elem(IxDyn(&[2]), n), 2)];
        let error = DArray::from_delayed(two(), DType::I64, vec![vec![2, 3]]).compute::<i64>().unwrap_err();
        assert!(error.message().contains("gave the shape (2,) for block (1,), and (3,) stands there"), "{error}");
        let error = DArray::from_delayed(two(), DType::F64, vec![vec![2, 2]]).compute::<f64>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DType);
        assert!(DArray::from_delayed(two(), DType::I64, vec![vec![2, 2, 2]]).check().is_err());
    });
}
