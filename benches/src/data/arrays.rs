//! Numbers that every side makes alike, in memory and in storage. `peers/arrays.py` makes the same.

use super::files;
use crate::settings::Settings;
use std::{
    ops::Range,
    path::{Path, PathBuf},
};
use stratal::{Result, array::ZarrWrite, prelude::*};

/// 2^32 over the golden ratio, made odd (Knuth, The Art of Computer Programming, section 6.4): neighbours are far apart, and any part
/// of the numbers is spread evenly.
const STEP: i64 = 2_654_435_761;
/// 2^32.
const END: i64 = 1 << 32;
/// The side of a chunk in storage: 8 MB.
const STORED: i64 = 1000;

/// The numbers in these places: multiples of [`STEP`] without what is above 2^32, in [0, 1).
pub(crate) fn numbers(places: Range<u64>) -> Vec<f64> {
    places.map(|place| ((place as i64).wrapping_mul(STEP) & (END - 1)) as f64 / END as f64).collect()
}

fn lazy(places: DArray) -> DArray {
    ((places * STEP) & (END - 1)).cast(DType::F64) / END as f64
}

/// The first numbers, in chunks of Stratal's choice.
pub(crate) fn line(len: u64) -> DArray {
    lazy(DArray::arange(0..len as i64))
}

/// Numbers from the place `first` on, in rows.
pub(crate) fn plane(first: u64, rows: u64, columns: u64, chunks: impl Into<Chunks>) -> DArray {
    let (first, height, width) = (first as i64, rows as i64, columns as i64);
    // It says only how the sum is cut.
    let zeros = DArray::zeros::<i64>([rows as usize, columns as usize]).rechunk(chunks);
    lazy(zeros + DArray::arange(0..height).expand_dims(1) * width + DArray::arange(first..first + width))
}

/// The directory of the arrays in storage: `zarr-zstd.zarr`, `zarr-none.zarr`, square, of `side` rows.
///
/// # Errors
/// What the file system refuses.
pub(crate) fn zarr(settings: &Settings, side: u64) -> Result<PathBuf> {
    files::once(&settings.data(), &format!("zarr-{side}"), |directory| {
        let client = Client::builder().threads(settings.threads).detached().local()?;
        let _entered = client.enter();
        stored(directory, side)
    })
}

fn stored(directory: &Path, side: u64) -> Result<()> {
    // Twelve bits of each number, as an instrument gives them: there is something to compress.
    let measured = (plane(0, side, side, Chunks::auto()) * 4096.0).floor() / 16.0;
    for compressor in ["zstd", "none"] {
        let to = ZarrWrite::new(directory.join(format!("zarr-{compressor}.zarr"))).chunks([STORED, STORED]);
        measured.to_zarr(to.compressor(compressor))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn computed(array: &DArray) -> Vec<f64> {
        array.compute::<f64>().unwrap().into_iter().collect()
    }

    #[test]
    fn lazy_numbers_are_the_numbers() {
        assert_eq!(numbers(0..3), [0.0, 2_654_435_761.0 / 4_294_967_296.0, 1_013_904_226.0 / 4_294_967_296.0]);
        assert_eq!(computed(&line(1000)), numbers(0..1000));
        assert_eq!(computed(&plane(7, 20, 30, 8)), numbers(7..607));
        assert_eq!(plane(0, 20, 30, [-1, 7]).chunks().unwrap(), [vec![20], vec![7, 7, 7, 7, 2]]);
    }

    #[test]
    fn places_beyond_those_of_32_bits_have_numbers_too() {
        let all = numbers(6_000_000_000..6_000_001_000);
        assert!(all.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = all.iter().sum::<f64>() / 1000.0;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
    }

    #[test]
    fn what_is_stored_is_what_was_measured_in_either_way() {
        let directory = tempfile::tempdir().unwrap();
        stored(directory.path(), 40).unwrap();
        let expected: Vec<f64> = numbers(0..1600).into_iter().map(|number| (number * 4096.0).floor() / 16.0).collect();
        for name in ["zarr-zstd.zarr", "zarr-none.zarr"] {
            assert_eq!(computed(&DArray::read_zarr(directory.path().join(name))), expected, "{name}");
        }
    }
}
