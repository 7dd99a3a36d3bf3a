//! Stored and random arrays on every executor: files that worker processes share, and a bucket.

use crate::{bucket::Bucket, clusters::everywhere};
use stratal::{
    ErrorKind,
    array::{NpyOptions, NpyWrite, ZarrOptions, ZarrWrite, ndarray::arr1},
    prelude::*,
};

#[test]
fn files_are_written_by_all_workers_and_read_by_all() {
    let directory = tempfile::tempdir().unwrap();
    let (file, array) = (directory.path().join("x.npy"), directory.path().join("x.zarr"));
    everywhere(|name| {
        let x = DArray::from_vec((0..6000i64).collect(), (60, 100)).rechunk([7, 30]);
        x.to_npy(NpyWrite::new(&file).overwrite()).unwrap();
        x.to_zarr(ZarrWrite::new(&array).chunks([10, 25]).shards([20, 50]).overwrite()).unwrap();
        for read in [DArray::read_npy(&file).rechunk([11, -1]), DArray::read_zarr(&array).rechunk([20, 50])] {
            assert_eq!(read.sum(..).scalar::<i64>().unwrap(), 5999 * 3000, "{name}");
            assert_eq!(read.slice(s![59, ..;-50]).compute::<i64>().unwrap(), arr1(&[5999, 5949]).into_dyn(), "{name}");
        }
    });
}

#[test]
fn arrays_in_a_bucket_are_written_and_read() {
    let bucket = Bucket::start();
    let read = |path: &str| DArray::read_zarr(ZarrOptions::new(format!("s3://lake/{path}")).storage(bucket.storage()));
    everywhere(|name| {
        let to = |path: &str| ZarrWrite::new(format!("s3://lake/{path}")).storage(bucket.storage());
        let x = DArray::from_vec((0..600i32).collect(), (20, 30)).rechunk([6, 10]);
        for (path, to) in [("v3.zarr", to("v3.zarr").chunks([5, 10])), ("v2.zarr", to("v2.zarr").chunks([8, 30]).version_2())] {
            x.to_zarr(to.clone().overwrite()).unwrap();
            assert_eq!(read(path).compute::<i32>().unwrap(), x.compute::<i32>().unwrap(), "{name} {path}");
            assert_eq!(read(path).slice(s![19, ..2]).compute::<i32>().unwrap(), arr1(&[570, 571]).into_dyn(), "{name} {path}");
            assert_eq!(x.to_zarr(to).unwrap_err().kind(), ErrorKind::Exists, "{name} {path}");
        }
    });
    assert_eq!(read("none.zarr").compute::<i32>().unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn npy_files_in_a_bucket_are_stacked() {
    let directory = tempfile::tempdir().unwrap();
    let bucket = Bucket::start();
    for nth in 0..3i64 {
        let file = directory.path().join("one.npy");
        DArray::from_vec((0..12).map(|i| i + 100 * nth).collect(), (3, 4)).to_npy(NpyWrite::new(&file).overwrite()).unwrap();
        bucket.put(&format!("frames/{nth}.npy"), &std::fs::read(&file).unwrap());
    }
    everywhere(|name| {
        let frames = DArray::read_npy(NpyOptions::new("s3://lake/frames/*.npy").storage(bucket.storage()));
        assert_eq!(frames.shape().unwrap(), [3, 3, 4], "{name}");
        assert_eq!(frames.slice(s![.., 2, 1..3]).sum(..).scalar::<i64>().unwrap(), 6 * 100 + 3 * (9 + 10), "{name}");
    });
}

#[test]
fn random_numbers_are_the_same_on_every_executor() {
    let first = DArray::random(42).uniform(4).compute::<f64>().unwrap();
    everywhere(|name| {
        let x = DArray::random(42).uniform(1000).rechunk(77);
        assert_eq!(x.slice(s![..4]).compute::<f64>().unwrap()[3], first[3], "{name}");
        let order = DArray::random(1).permutation(10_000).rechunk(999);
        assert_eq!(order.sum(..).scalar::<i64>().unwrap(), 9999 * 5000, "{name}");
    });
}
