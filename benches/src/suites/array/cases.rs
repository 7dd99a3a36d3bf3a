//! What the cases are called, who does them, how large their arrays are, and what they cost at the least.
//!
//! A name says what is done: `chain-6` leaves its result in memory, `chain-6-sum` wants the sum of it; `var-0` is along an axis;
//! `matmul-2048-cut` has chunks of 1024.

/// Numbers at scale 1: half a gigabyte.
const NUMBERS: f64 = 64e6;
/// Sides of matrices. One is multiplied where it has no more numbers than other arrays.
const MATRICES: [u64; 5] = [512, 1024, 2048, 4096, 8192];
/// The side of the chunks of matrices that are cut.
pub(super) const CUT: u64 = 1024;
/// Slabs of the arrays that change from slabs of rows to slabs of columns.
pub(super) const SLABS: u64 = 16;

const ELEMENTWISE: &[&str] = &["Stratal", "NumPy", "numexpr", "dask.array", "STREAM"];
const REDUCED: &[&str] = &["Stratal", "NumPy", "dask.array", "STREAM"];

/// Cases that the same sides do.
pub(super) struct Group {
    pub(super) name: &'static str,
    /// By name. The first is the one that the others are compared with.
    pub(super) sides: &'static [&'static str],
    /// What the speed of the first is told in.
    pub(super) unit: &'static str,
    pub(super) cases: Vec<String>,
}

/// The groups, in the order of the report.
pub(super) fn groups(size: u64) -> Vec<Group> {
    let both = |name: String| [name.clone(), format!("{name}-sum")];
    let chains = [1, 3, 6, 12].into_iter().flat_map(|operations| both(format!("chain-{operations}")));
    let functions = ["exp", "sin"].into_iter().flat_map(|name| both(name.to_owned()));
    let reductions = ["sum", "var", "max"].into_iter().flat_map(|name| ["0", "1", "all"].map(|axis| format!("{name}-{axis}")));
    let matrices = MATRICES.into_iter().filter(|side| side * side <= size).flat_map(|side| {
        let whole = format!("matmul-{side}");
        let cut = (side > CUT).then(|| format!("{whole}-cut"));
        std::iter::once(whole).chain(cut)
    });
    let named = |cases: &[&str]| cases.iter().map(|case| (*case).to_owned()).collect();
    let group = |name, sides, unit, cases| Group { name, sides, unit, cases };
    let bytes = "GB/s";
    vec![
        group("bandwidth of memory", &["STREAM"], bytes, named(&["stream-copy", "stream-scale", "stream-triad", "stream-sum"])),
        group("chains of operations", ELEMENTWISE, bytes, chains.collect()),
        group("functions", ELEMENTWISE, bytes, functions.collect()),
        group("reductions", REDUCED, bytes, reductions.collect()),
        group("stencils", ELEMENTWISE, bytes, named(&["double-diff", "vorticity", "vorticity-sum"])),
        group("products of matrices", &["Stratal", "NumPy", "faer", "dask.array"], "Gflop/s", matrices.collect()),
        group("rechunk from rows to columns", REDUCED, bytes, named(&["rechunk"])),
        group("Zarr read", &["Stratal", "zarrs", "zarr-python", "dask.array"], bytes, named(&["zarr-zstd", "zarr-none"])),
    ]
}

/// Numbers in the arrays.
pub(super) fn size(scale: f64) -> u64 {
    (NUMBERS * scale).round().max(1e4) as u64
}

/// The side of a square of so many numbers, or a little fewer.
pub(super) fn side(size: u64) -> u64 {
    size.isqrt()
}

/// How many rows or columns a slab has.
pub(super) fn slab(side: u64) -> u64 {
    side.div_ceil(SLABS)
}

/// The side of the matrices of a case that multiplies some.
pub(crate) fn matrix(case: &str) -> Option<usize> {
    case.strip_prefix("matmul-")?.trim_end_matches("-cut").parse::<usize>().ok().filter(|side| *side > 0)
}

/// How a case goes through memory where it does so once: kernels of STREAM (McCalpin, Memory bandwidth and machine balance in current
/// high performance computers, 1995) and a sum, with the numbers in each array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// `a = b`
    Copy(u64),
    /// `a = 3 b`
    Scale(u64),
    /// `a = b + 3 c`
    Triad(u64),
    /// `sum(a)`
    Sum(u64),
}

impl Traffic {
    /// Bytes that are read and written, as STREAM counts them: not what a cache fetches in order to overwrite it.
    pub(crate) fn bytes(self) -> u64 {
        match self {
            Traffic::Copy(len) | Traffic::Scale(len) => 16 * len,
            Traffic::Triad(len) => 24 * len,
            Traffic::Sum(len) => 8 * len,
        }
    }
}

/// The traffic of a case.
pub(crate) fn traffic(case: &str, size: u64) -> Option<Traffic> {
    let parts: Vec<&str> = case.split('-').collect();
    let (square, half) = (side(size).pow(2), side(size / 2).pow(2));
    match parts.as_slice() {
        ["stream", "copy"] => Some(Traffic::Copy(size)),
        ["stream", "triad"] => Some(Traffic::Triad(size)),
        ["stream", "scale"] | ["chain", _] | ["exp" | "sin"] => Some(Traffic::Scale(size)),
        ["stream", "sum"] | ["chain", _, "sum"] | ["exp" | "sin", "sum"] | ["double", "diff"] => Some(Traffic::Sum(size)),
        ["sum" | "var" | "max", _] => Some(Traffic::Sum(square)),
        ["vorticity"] => Some(Traffic::Triad(half)),
        ["vorticity", "sum"] => Some(Traffic::Sum(2 * half)),
        ["rechunk"] => Some(Traffic::Copy(square)),
        _ => None,
    }
}

/// What there is to do at the least: bytes to read and write, or operations on numbers.
pub(super) fn amount(case: &str, size: u64) -> Option<u64> {
    if let Some(side) = matrix(case) {
        return Some(2 * (side as u64).pow(3));
    }
    match case.starts_with("zarr-") {
        true => Some(8 * side(size).pow(2)),
        false => traffic(case, size).map(Traffic::bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_costs_something_and_has_a_name_of_its_own() {
        let size = size(1.0);
        let cases: Vec<String> = groups(size).into_iter().flat_map(|group| group.cases).collect();
        assert!(cases.iter().all(|case| amount(case, size).is_some_and(|amount| amount > 0)), "{cases:?}");
        let names: std::collections::BTreeSet<&String> = cases.iter().collect();
        assert_eq!(names.len(), cases.len());
        assert_eq!(amount("chain", size), None);
    }

    #[test]
    fn whoever_is_compared_with_stream_goes_through_memory_once() {
        let size = size(1.0);
        for group in groups(size).iter().filter(|group| group.sides.contains(&"STREAM")) {
            assert!(group.cases.iter().all(|case| traffic(case, size).is_some()), "{}", group.name);
        }
    }

    #[test]
    fn arrays_at_scale_1_are_half_a_gigabyte() {
        assert_eq!((size(1.0), size(0.0), side(size(1.0)), slab(8000)), (64_000_000, 10_000, 8000, 500));
        assert_eq!(traffic("sum-1", size(1.0)).map(Traffic::bytes), Some(512_000_000));
        assert_eq!(traffic("chain-6", size(1.0)).map(Traffic::bytes), Some(1_024_000_000));
    }

    #[test]
    fn matrices_are_no_larger_than_other_arrays_and_cut_where_that_makes_several_chunks() {
        let matrices = |scale| {
            let cases = groups(size(scale)).into_iter().flat_map(|group| group.cases);
            cases.filter(|case| matrix(case).is_some()).collect::<Vec<String>>()
        };
        assert_eq!(matrices(0.1), ["matmul-512", "matmul-1024", "matmul-2048", "matmul-2048-cut"]);
        assert_eq!(matrices(1.0).last().map(String::as_str), Some("matmul-4096-cut"));
        assert_eq!((matrix("matmul-2048-cut"), matrix("matmul-x"), matrix("matmul-0"), matrix("sum-0")), (Some(2048), None, None, None));
        assert_eq!(amount("matmul-512", 0), Some(268_435_456));
    }
}
