//! Zarr arrays: those of zarr-python, and our own, which zarr-python reads where it is there.

use crate::{
    everywhere,
    scratch::{Scratch, data, numbers, value},
};
use std::process::Command;
use stratal_array::{Chunks, Complex64, DArray, DType, ZarrWrite, ndarray::ArrayD, s};
use stratal_core::ErrorKind;

/// The array of these numbers.
fn array(dtype: DType, shape: (usize, usize)) -> DArray {
    let items = (0..shape.0 * shape.1).map(|i| value(dtype, i)).collect::<Vec<Complex64>>();
    match dtype.is_complex() {
        true => DArray::from_vec(items, shape).cast(dtype),
        false => DArray::from_vec(items.iter().map(|item| item.re).collect::<Vec<f64>>(), shape).cast(dtype),
    }
}

/// Not a number is equal to itself.
fn same(a: &[Complex64], b: &[Complex64]) -> bool {
    let equal = |(a, b): (&Complex64, &Complex64)| {
        (a.re == b.re || a.re.is_nan() && b.re.is_nan()) && (a.im == b.im || a.im.is_nan() && b.im.is_nan())
    };
    a.len() == b.len() && a.iter().zip(b).all(equal)
}

#[test]
fn arrays_of_zarr_python_are_read_in_every_version_and_codec() {
    let real = |fill: f64| Complex64::new(fill, 0.0);
    let cases = [
        ("v3_f64_zstd", DType::F64, real(f64::NAN)),
        ("v3_f32_gzip", DType::F32, real(-1.5)),
        ("v3_i32_blosc", DType::I32, real(7.0)),
        ("v3_u8_crc32c", DType::U8, real(9.0)),
        ("v3_bool", DType::Bool, real(1.0)),
        ("v3_c128", DType::C128, Complex64::new(1.0, 2.0)),
        ("v3_i16_transposed", DType::I16, real(-1.0)),
        ("v3_f64_big", DType::F64, real(0.0)),
        ("v3_i64_dots", DType::I64, real(-5.0)),
        ("v3_f64_sharded", DType::F64, real(0.25)),
        ("v2_f64_zstd", DType::F64, real(f64::NAN)),
        ("v2_i64_gzip", DType::I64, real(-5.0)),
        ("v2_f32_blosc", DType::F32, real(0.5)),
        ("v2_f64_big", DType::F64, real(1.0)),
        ("v2_i32_fortran", DType::I32, real(7.0)),
        ("v2_u16_slashes", DType::U16, real(3.0)),
        ("v2_bool", DType::Bool, real(1.0)),
        ("v2_c64", DType::C64, Complex64::new(1.0, 2.0)),
    ];
    everywhere(|| {
        for (name, dtype, fill) in cases {
            let read = DArray::read_zarr(data(&format!("zarr/{name}")));
            assert_eq!((read.shape().unwrap(), read.dtype().unwrap()), (vec![5, 4], dtype), "{name}");
            // The last row was not written.
            let expected: Vec<Complex64> = (0..20).map(|i| if i < 16 { value(dtype, i) } else { fill }).collect();
            for chunks in [Chunks::auto(), Chunks::from([2i64, 3]), Chunks::from([1i64, 4]), Chunks::from([4i64, 2])] {
                let found = numbers(&read.rechunk(chunks.clone()));
                assert!(same(&found, &expected), "{name} {chunks:?}: {found:?}");
            }
            let part = numbers(&read.slice(s![1..;2, -1]));
            assert!(same(&part, &[expected[7], expected[15]]), "{name}: {part:?}");
        }
        for version in [2, 3] {
            assert_eq!(DArray::read_zarr(data(&format!("zarr/v{version}_scalar"))).scalar::<f64>().unwrap(), 2.5);
        }
    });
}

/// Ways to write an array of 13 x 10.
fn ways(scratch: &Scratch, name: &str) -> Vec<ZarrWrite> {
    let mut nth = 0;
    let mut to = || {
        nth += 1;
        ZarrWrite::new(scratch.at(&format!("{name}-{nth}")))
    };
    vec![
        to(),
        to().chunks([4, 3]).compressor("none"),
        to().chunks(5).compressor("gzip:1").checksum(),
        to().chunks([4, 3]).shards([8, 9]).compressor("zstd:1"),
        to().chunks([3, -1]).compressor("blosc").separator('.'),
        to().chunks([4, 3]).version_2(),
        to().chunks([13, 1]).version_2().compressor("blosc:lz4:3").separator('/'),
        to().chunks([5, 4]).version_2().compressor("gzip"),
    ]
}

/// What a name in numpy is of a dtype.
fn numpy(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "bool",
        DType::I8 => "int8",
        DType::I16 => "int16",
        DType::I32 => "int32",
        DType::I64 => "int64",
        DType::U8 => "uint8",
        DType::U16 => "uint16",
        DType::U32 => "uint32",
        DType::U64 => "uint64",
        DType::F32 => "float32",
        DType::F64 => "float64",
        DType::C64 => "complex64",
        DType::C128 => "complex128",
    }
}

#[test]
fn what_was_written_is_read_back_here_and_by_zarr_python() {
    let scratch = Scratch::new();
    let client = stratal_core::Client::builder().threads(2).detached().local().unwrap();
    let _entered = client.enter();
    for dtype in DType::ALL {
        let whole = array(dtype, (13, 10));
        let expected = numbers(&whole);
        for (nth, to) in ways(&scratch, numpy(dtype)).into_iter().enumerate() {
            // Chunks that fit those of the storage, and such that do not.
            let cut = if nth.is_multiple_of(2) { whole.rechunk([5, 7]) } else { whole.rechunk([8, -1]) };
            cut.to_zarr(to).unwrap();
            let path = scratch.at(&format!("{}-{}", numpy(dtype), nth + 1));
            assert_eq!(numbers(&DArray::read_zarr(&path)), expected, "{dtype} {nth}");
            assert_eq!(numbers(&DArray::read_zarr(&path).slice(s![12, ..])), expected[120..], "{dtype} {nth}");
        }
        if dtype.size() > 1 {
            whole.to_npy(scratch.at(&format!("{}-file.npy", numpy(dtype)))).unwrap();
        }
    }
    let python = std::env::var("TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    match Command::new(&python).arg(data("check.py")).arg(scratch.path()).output() {
        Err(error) => println!("not compared with zarr-python: {python} does not run: {error}"),
        Ok(output) if output.status.code() == Some(77) => {
            println!("not compared with zarr-python: {}", String::from_utf8_lossy(&output.stdout));
        }
        Ok(output) => {
            assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
        }
    }
}

#[test]
fn arrays_of_no_axes_and_of_no_elements_are_written_and_read() {
    everywhere(|| {
        let scratch = Scratch::new();
        for (name, to) in [("v3", ZarrWrite::new(scratch.at("v3"))), ("v2", ZarrWrite::new(scratch.at("v2")).version_2())] {
            DArray::full((), 2.5).to_zarr(to).unwrap();
            assert_eq!(DArray::read_zarr(scratch.at(name)).scalar::<f64>().unwrap(), 2.5, "{name}");
        }
        DArray::zeros::<f32>((0, 3)).to_zarr(scratch.at("none")).unwrap();
        assert_eq!(DArray::read_zarr(scratch.at("none")).compute::<f32>().unwrap().shape(), [0, 3]);
    });
}

#[test]
fn chunks_of_the_fill_value_are_not_stored() {
    let scratch = Scratch::new();
    let x = DArray::arange(0i64..12).rechunk(4);
    let filled = x.lt(4).where_(DArray::full(12, -1i64), &x);
    let path = scratch.at("x.zarr");
    filled.to_zarr(ZarrWrite::new(&path).chunks(4).fill_value(-1i64)).unwrap();
    assert!(!path.join("c/0").exists() && path.join("c/1").exists() && path.join("c/2").exists());
    assert_eq!(numbers(&DArray::read_zarr(&path)), numbers(&filled));
    let wrong = x.to_zarr(ZarrWrite::new(scratch.at("y.zarr")).fill_value(0.5)).unwrap_err();
    assert_eq!((wrong.kind(), wrong.message()), (ErrorKind::DType, "the fill value is f64, and the array is i64"));
}

#[test]
fn a_half_written_array_is_not_read_as_a_whole_one() {
    let scratch = Scratch::new();
    let path = scratch.at("x.zarr");
    let failing = DArray::full((10, 4), f64::NAN).rechunk([5, 4]).nan_argmax(0).cast(DType::F64);
    assert!(failing.to_zarr(&path).is_err());
    let error = DArray::read_zarr(&path).check().map(|_| ()).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "the array was not written to the end"));
    assert!(error.help().unwrap().contains("overwrite()") && error.file().unwrap().ends_with("x.zarr"), "{error}");
    let error = DArray::ones::<f64>(4).to_zarr(&path).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Exists, "an array was not written to the end"));
    DArray::ones::<f64>(4).to_zarr(ZarrWrite::new(&path).overwrite()).unwrap();
    assert_eq!(DArray::read_zarr(&path).sum(..).scalar::<f64>().unwrap(), 4.0);
}

#[test]
fn what_is_there_is_replaced_only_when_asked_and_only_an_array() {
    let scratch = Scratch::new();
    let path = scratch.at("x.zarr");
    DArray::ones::<f64>(100).to_zarr(ZarrWrite::new(&path).chunks(10).version_2()).unwrap();
    let error = DArray::zeros::<f64>(3).to_zarr(&path).unwrap_err();
    assert_eq!((error.kind(), error.help()), (ErrorKind::Exists, Some("remove it, or ZarrWrite::new(path).overwrite()")));
    // Over what it reads, an array is not written, and what was there stays.
    let own = DArray::read_zarr(&path) + 1.0;
    assert!(own.to_zarr(ZarrWrite::new(&path).overwrite()).unwrap_err().message().contains("read from where"));
    assert_eq!(DArray::read_zarr(&path).sum(..).scalar::<f64>().unwrap(), 100.0);
    own.persist().unwrap().to_zarr(ZarrWrite::new(&path).overwrite()).unwrap();
    assert_eq!(DArray::read_zarr(&path).sum(..).scalar::<f64>().unwrap(), 200.0);
    assert!(!path.join(".zarray").exists() && path.join("zarr.json").exists());
    // Files of other kinds are never removed.
    std::fs::create_dir(scratch.at("notes")).unwrap();
    std::fs::write(scratch.at("notes/a.txt"), "text").unwrap();
    let error = own.to_zarr(ZarrWrite::new(scratch.at("notes")).overwrite()).unwrap_err();
    assert!(error.kind() == ErrorKind::Exists && scratch.at("notes/a.txt").exists(), "{error}");
    let group = scratch.at("group");
    std::fs::create_dir(&group).unwrap();
    std::fs::copy(data("zarr/group/zarr.json"), group.join("zarr.json")).unwrap();
    assert!(own.to_zarr(ZarrWrite::new(&group).overwrite()).unwrap_err().message().contains("group"));
    assert!(DArray::read_zarr(&group).check().map(|_| ()).unwrap_err().message().contains("group"));
}

#[test]
fn mistakes_say_what_to_do() {
    let scratch = Scratch::new();
    let x = DArray::ones::<f64>((10, 10));
    let error = |to: ZarrWrite| x.to_zarr(to).unwrap_err();
    let to = || ZarrWrite::new(scratch.at("x.zarr"));
    for (wrong, says) in [
        (to().compressor("lzma"), "no compressor"),
        (to().shards(4), "no chunks"),
        (to().chunks(3).shards(5), "not made of whole chunks"),
        (to().chunks(3).shards(6).version_2(), "no shards"),
        (to().separator('-'), "separate"),
        (to().chunks(Chunks::cuts(vec![vec![3, 7], vec![10]])), "all alike"),
        (ZarrWrite::new("ftp://host/x.zarr"), "no store"),
        (ZarrWrite::new("https://host/x.zarr"), "takes no files"),
    ] {
        let error = error(wrong);
        assert!(error.message().contains(says) && error.help().is_some(), "{error}");
    }
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing was begun");
    let missing = DArray::read_zarr(scratch.at("none.zarr")).check().map(|_| ()).unwrap_err();
    assert_eq!((missing.kind(), missing.message()), (ErrorKind::NotFound, "there is no Zarr array"));
    x.to_zarr(ZarrWrite::new(scratch.at("damaged.zarr")).chunks(5).checksum()).unwrap();
    let chunk = scratch.at("damaged.zarr/c/1/1");
    let mut bytes = std::fs::read(&chunk).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&chunk, bytes).unwrap();
    let damaged = DArray::read_zarr(scratch.at("damaged.zarr")).sum(..).scalar::<f64>().unwrap_err();
    assert!(damaged.message().contains("damaged") && damaged.file().unwrap().ends_with("damaged.zarr"), "{damaged}");
}

#[test]
fn chunks_are_those_of_the_storage_and_slices_read_what_they_touch() {
    let scratch = Scratch::new();
    let path = scratch.at("x.zarr");
    let x = array(DType::F64, (100, 30));
    x.to_zarr(ZarrWrite::new(&path).chunks([10, 30])).unwrap();
    let read = DArray::read_zarr(&path);
    assert_eq!(read.chunks().unwrap(), [vec![100], vec![30]], "small chunks are read together");
    let text = read.slice(s![20..30, ..]).explain().unwrap();
    assert!(text.contains("view-into-stored 1"), "{text}");
    // Of the array, one storage chunk is left: what is read is in it.
    for nth in (0..10).filter(|nth| *nth != 2) {
        std::fs::write(path.join(format!("c/{nth}/0")), b"not zstd").unwrap();
    }
    let expected: ArrayD<f64> = x.slice(s![20..30, ..]).compute().unwrap();
    assert_eq!(read.slice(s![20..30, ..]).compute::<f64>().unwrap(), expected);
    assert_eq!(read.slice(s![25, 3]).scalar::<f64>().unwrap(), expected[[5, 3]]);
    assert!(read.compute::<f64>().is_err());
}
