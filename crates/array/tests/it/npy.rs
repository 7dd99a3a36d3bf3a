//! `.npy` and `.npz` files: those of numpy, and our own.

use crate::{
    everywhere,
    scratch::{Scratch, data, numbers, value},
};
use stratal_array::{Complex64, DArray, DType, NpyWrite, ndarray::ArrayD, s};
use stratal_core::ErrorKind;

fn expected(dtype: DType, count: usize) -> Vec<Complex64> {
    (0..count).map(|i| value(dtype, i)).collect()
}

#[test]
fn files_of_numpy_are_read_in_every_dtype_and_order() {
    everywhere(|| {
        for (name, dtype) in [
            ("b1", DType::Bool),
            ("i1", DType::I8),
            ("i2", DType::I16),
            ("i4", DType::I32),
            ("i8", DType::I64),
            ("u1", DType::U8),
            ("u2", DType::U16),
            ("u4", DType::U32),
            ("u8", DType::U64),
            ("f4", DType::F32),
            ("f8", DType::F64),
            ("c8", DType::C64),
            ("c16", DType::C128),
            ("big_i4", DType::I32),
            ("big_f8", DType::F64),
            ("big_c16", DType::C128),
            ("version_2", DType::F64),
            ("version_3", DType::F64),
        ] {
            let array = DArray::read_npy(data(&format!("npy/{name}.npy")));
            assert_eq!((array.shape().unwrap(), array.dtype().unwrap()), (vec![5, 4], dtype), "{name}");
            assert_eq!(numbers(&array), expected(dtype, 20), "{name}");
            assert_eq!(numbers(&array.rechunk([2, 3])), expected(dtype, 20), "{name}");
        }
        let fortran = DArray::read_npy(data("npy/fortran.npy"));
        assert_eq!(fortran.shape().unwrap(), [2, 3, 4]);
        for array in [fortran.clone(), fortran.rechunk([1, 2, 3]), fortran.rechunk([2, 1, 4])] {
            assert_eq!(numbers(&array), expected(DType::I16, 24));
        }
        assert_eq!(fortran.slice(s![1, .., ..;-2]).compute::<i16>().unwrap()[[2, 0]], 23 - 20);
        assert_eq!(DArray::read_npy(data("npy/scalar.npy")).scalar::<f64>().unwrap(), 2.5);
        assert_eq!(DArray::read_npy(data("npy/empty.npy")).compute::<f64>().unwrap().shape(), [0, 3]);
    });
}

#[test]
fn a_pattern_stacks_files_on_a_new_axis() {
    everywhere(|| {
        let stack = DArray::read_npy(data("npy/stack/*.npy"));
        assert_eq!(stack.shape().unwrap(), [3, 5, 4]);
        let all: Vec<Complex64> = (0..60).map(|i| value(DType::F64, i % 20) + 100.0 * (i / 20) as f64).collect();
        for array in [stack.clone(), stack.rechunk([2, 3, -1]), stack.rechunk([1, 5, 2])] {
            assert_eq!(numbers(&array), all);
        }
        assert_eq!(stack.slice(s![2, 4, 3]).scalar::<f64>().unwrap(), 200.0 + 19.0 * 0.5 - 3.0);
        assert_eq!(stack.mean(0).slice(s![0, 0]).scalar::<f64>().unwrap(), 97.0);
    });
    let none = DArray::read_npy(data("npy/stack/*.nyp")).check().map(|_| ()).unwrap_err();
    assert!(none.kind() == ErrorKind::NotFound && none.help().unwrap().contains("3 files"), "{none}");
    let differ = DArray::read_npy(data("npy/[iu]4.npy")).check().map(|_| ()).unwrap_err();
    assert!(differ.kind() == ErrorKind::Shape && differ.file().unwrap().ends_with("u4.npy"), "{differ}");
}

#[test]
fn archives_are_read_by_name() {
    everywhere(|| {
        for archive in ["npy/plain.npz", "npy/packed.npz"] {
            let (a, b) = (DArray::read_npz(data(archive), "a"), DArray::read_npz(data(archive), "b.npy"));
            assert_eq!((numbers(&a), numbers(&b)), (expected(DType::I32, 20), expected(DType::F64, 6)), "{archive}");
            assert_eq!(numbers(&a.rechunk(2).slice(s![1.., 1])), numbers(&a.slice(s![1.., 1])), "{archive}");
        }
    });
    let error = DArray::read_npz(data("npy/plain.npz"), "bb").check().map(|_| ()).unwrap_err();
    assert_eq!((error.kind(), error.help()), (ErrorKind::NotFound, Some("did you mean \"b\"?")));
    let error = DArray::read_npz(data("npy/f8.npy"), "a").check().map(|_| ()).unwrap_err();
    assert!(error.message().contains("no .npz file") && error.file().is_some(), "{error}");
}

#[test]
fn what_is_no_array_poisons_with_the_file_and_what_to_do() {
    let scratch = Scratch::new();
    let error = |path: std::path::PathBuf| DArray::read_npy(path).sum(..).scalar::<f64>().unwrap_err();
    let half = error(data("npy/half.npy"));
    assert_eq!((half.kind(), half.help()), (ErrorKind::DType, Some("save it as float32: a.astype('f4')")));
    assert_eq!(error(data("npy/text.npy")).kind(), ErrorKind::DType);
    assert_eq!(error(data("npy/missing.npy")).kind(), ErrorKind::NotFound);
    assert!(error(data("make.py")).message().contains("no .npy file"));
    let line = line!() + 1;
    let poisoned = DArray::read_npy(data("make.py"));
    let text = poisoned.check().map(|_| ()).unwrap_err().to_string();
    assert!(text.starts_with("read_npy (") && text.contains(&format!("npy.rs:{line}:")), "{text}");
    // A file that is cut off is found out when the array is made; one that is cut off later, by the task.
    let whole = std::fs::read(data("npy/f8.npy")).unwrap();
    let path = scratch.at("cut.npy");
    std::fs::write(&path, &whole[..whole.len() - 8]).unwrap();
    let cut = error(path.clone());
    assert_eq!(cut.message(), "the file is cut off: bytes 128..288 are wanted, and the file has 280");
    assert!(cut.file().unwrap().ends_with("cut.npy") && !cut.is_retryable(), "{cut}");
    std::fs::write(&path, &whole).unwrap();
    let array = DArray::read_npy(&path);
    std::fs::write(&path, &whole[..200]).unwrap();
    assert!(array.compute::<f64>().unwrap_err().message().contains("cut off"));
}

#[test]
fn what_was_written_is_read_back_in_any_chunks() {
    everywhere(|| {
        let scratch = Scratch::new();
        let x = DArray::from_vec((0..105i32).collect(), (3, 5, 7));
        let all: ArrayD<i32> = x.compute().unwrap();
        for (nth, chunks) in [[3, 5, 7], [2, 2, 7], [1, 3, 4], [3, 1, 1]].into_iter().enumerate() {
            let cut = x.rechunk(chunks);
            let (file, directory) = (scratch.at(&format!("{nth}.npy")), scratch.at(&format!("{nth}")));
            cut.to_npy(&file).unwrap();
            cut.to_npy(&directory).unwrap();
            assert_eq!(DArray::read_npy(&file).compute::<i32>().unwrap(), all, "{chunks:?}");
            assert_eq!(DArray::read_npy(directory.join("*.npy")).compute::<i32>().unwrap(), all, "{chunks:?}");
            assert!(directory.join("00002.npy").exists());
        }
        let left: Vec<_> = std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 8, "nothing else is left: {left:?}");
        DArray::full((), true).to_npy(scratch.at("scalar.npy")).unwrap();
        assert!(DArray::read_npy(scratch.at("scalar.npy")).scalar::<bool>().unwrap());
        DArray::zeros::<f32>((0, 3)).to_npy(scratch.at("none.npy")).unwrap();
        assert_eq!(DArray::read_npy(scratch.at("none.npy")).compute::<f32>().unwrap().shape(), [0, 3]);
    });
}

#[test]
fn a_file_is_replaced_when_asked_and_never_by_half() {
    let scratch = Scratch::new();
    let path = scratch.at("x.npy");
    DArray::ones::<f64>(10).to_npy(&path).unwrap();
    let error = DArray::zeros::<f64>(10).to_npy(&path).unwrap_err();
    assert_eq!((error.kind(), error.help()), (ErrorKind::Exists, Some("remove it, or NpyWrite::new(path).overwrite()")));
    // A run that fails leaves the old file, and no other.
    let failing = DArray::full(10, f64::NAN).rechunk(5).nan_argmax(0).cast(DType::F64);
    assert!(failing.to_npy(NpyWrite::new(&path).overwrite()).is_err());
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1);
    assert_eq!(DArray::read_npy(&path).sum(..).scalar::<f64>().unwrap(), 10.0);
    // Over what it reads, an array is not written.
    let own = DArray::read_npy(&path) + 1.0;
    assert!(own.to_npy(NpyWrite::new(&path).overwrite()).unwrap_err().message().contains("read from where"));
    own.persist().unwrap().to_npy(NpyWrite::new(&path).overwrite()).unwrap();
    assert_eq!(DArray::read_npy(&path).sum(..).scalar::<f64>().unwrap(), 20.0);
    assert_eq!(DArray::ones::<f64>(3).to_npy("s3://lake/x.npy").unwrap_err().help(), Some("to_zarr writes to buckets"));
}

#[test]
fn files_are_written_from_async_code() {
    let scratch = Scratch::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let path = scratch.at("x.npy");
    runtime.block_on(DArray::arange(0i64..100).to_npy_async(&path)).unwrap();
    assert_eq!(runtime.block_on(DArray::read_npy(&path).sum(..).scalar_async::<i64>()).unwrap(), 4950);
}

#[test]
fn only_the_wanted_part_is_read() {
    let path = data("npy/stack/*.npy");
    let text = DArray::read_npy(&path).rechunk([1, 5, 4]).slice(s![1..2, 2, ..]).explain().unwrap();
    assert!(text.contains("view-into-stored") && text.contains("read_npy: 1 of 1 chunks"), "{text}");
}
