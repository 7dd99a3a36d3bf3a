//! Results that stay where they are, and are read again.

use crate::everywhere;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};
use stratal_array::{
    DArray,
    ndarray::{ArrayViewD, arr2},
};
use stratal_core::{Client, ErrorKind};

/// An array whose chunks are counted as they are computed.
fn counting(calls: &Arc<AtomicUsize>) -> DArray {
    let calls = calls.clone();
    DArray::from_vec((0..24i64).collect(), (4, 6)).rechunk([2, 3]).map_blocks(move |block: ArrayViewD<'_, i64>| {
        calls.fetch_add(1, Relaxed);
        block.to_owned()
    })
}

#[test]
fn what_is_kept_is_computed_once() {
    everywhere(|| {
        let calls = Arc::new(AtomicUsize::new(0));
        let kept = counting(&calls).persist().unwrap();
        assert_eq!(kept.sum(..).scalar::<i64>().unwrap(), 276);
        assert_eq!(kept.t().matmul(&kept).shape().unwrap(), [6, 6]);
        assert_eq!(kept.rechunk([4, 1]).slice(stratal_array::s![.., 2]).sum(..).scalar::<i64>().unwrap(), 44);
        let twice = (&kept + &kept).persist().unwrap();
        assert_eq!(twice.slice(stratal_array::s![3.., 4..]).compute::<i64>().unwrap(), arr2(&[[44, 46]]).into_dyn());
        assert_eq!(calls.load(Relaxed), 4, "one for each chunk");
        assert_eq!(counting(&calls).sum(..).scalar::<i64>().unwrap(), 276);
        assert_eq!(calls.load(Relaxed), 8);
    });
}

#[test]
fn an_expression_goes_on_from_what_is_kept() {
    everywhere(|| {
        let kept = (DArray::ones::<f64>((100, 100)).rechunk(10) + 1.0).persist().unwrap();
        let graph = (&kept * 2.0).graph().unwrap();
        assert_eq!(graph.tasks(), 100);
        assert!((&kept * 2.0).explain().unwrap().contains("persist: 100 of 100 chunks that are kept"));
        let corner = kept.slice(stratal_array::s![..5, ..5]);
        assert_eq!(corner.compute::<f64>().unwrap().sum(), 50.0);
    });
}

#[test]
fn another_client_says_that_it_does_not_have_it() {
    let (one, other) = (Client::builder().detached().synchronous().unwrap(), Client::builder().detached().synchronous().unwrap());
    let kept = DArray::arange(0i64..10).with_client(&one).persist().unwrap();
    assert_eq!(kept.sum(..).scalar::<i64>().unwrap(), 45);
    let error = kept.with_client(&other).sum(..).scalar::<i64>().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Graph, "an array that another client keeps is read"));
}
