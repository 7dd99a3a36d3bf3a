//! [`Array`]: the tables, and who is in which.

use super::{
    cases::{self, Group, amount, groups},
    memory, work,
};
use crate::{
    data,
    measure::{self, Case, Check},
    report::{Row, Section},
    settings::{Format, Settings},
    sides::{Request, Role, Side, Work},
    suites::Suite,
};
use std::path::{Path, PathBuf};
use stratal::Result;

/// What one must know who reads the tables.
const NOTES: [&str; 4] = [
    "A name with -sum wants the sum of the result, which is small; one without leaves the result in memory.",
    "GB/s: the bytes that a case must read and write, once, over the time of the first side.",
    "STREAM goes through as many bytes as the case must, in arrays that are there already: the figure behind it is the part of that \
     speed which the first side reaches.",
    "NumPy works on one thread, but for products of matrices; numexpr sums on one.",
];

pub(crate) struct Array;

impl Suite for Array {
    fn name(&self) -> &'static str {
        "array"
    }

    fn about(&self) -> &'static str {
        "Arrays of 64 million numbers times the scale: chains of operations, functions, reductions, stencils, products of matrices, rechunking and Zarr, beside NumPy, numexpr, dask.array, faer, zarrs, and the bandwidth of memory."
    }

    fn measure(&self, settings: &Settings, section: &mut Section) -> Result<()> {
        let size = cases::size(settings.scale);
        let wanted = |group: &Group| group.cases.iter().any(|case| settings.wants(case));
        let groups: Vec<Group> = groups(size).into_iter().filter(wanted).collect();
        let asked = sides().into_iter().filter(|side| groups.iter().any(|group| group.sides.contains(&side.name.as_str())));
        let present = measure::present(asked, settings, section);
        section.notes.push(format!("{:e} numbers: {}", size as f64, crate::report::memory(8 * size)));
        section.notes.extend(NOTES.map(str::to_owned));
        let mut by_stratal = Vec::new();
        for group in &groups {
            let in_group = |name: &&str| present.iter().find(|side| side.name == **name).cloned();
            let sides: Vec<Side> = group.sides.iter().filter_map(in_group).collect();
            if sides.is_empty() {
                continue;
            }
            let directory = directory(group, settings, size, section)?;
            let cases: Vec<Case> = group.cases.iter().map(|name| case(name, size, &directory)).collect();
            let mut table = measure::table(format!("{}, scale {}", group.name, settings.scale), &sides, &cases, settings)?;
            table.more = vec![group.unit.to_owned()];
            table.rows.iter_mut().for_each(|row| row.more = vec![speed(row, size)]);
            section.tables.push(table);
            if group.sides[0] == "Stratal" {
                by_stratal.extend(cases);
            }
        }
        if !by_stratal.is_empty() {
            section.tables.push(memory::table(&Side::stratal(), &by_stratal, settings));
        }
        Ok(())
    }

    fn ready(&'static self, request: &Request) -> Result<Work> {
        work::ready(request)
    }
}

/// All who take part in some table.
fn sides() -> [Side; 8] {
    [
        Side::stratal(),
        Side::script("NumPy", "numpy_peer.py"),
        Side::script("numexpr", "numexpr_peer.py"),
        Side::script("dask.array", "dask_array_peer.py"),
        Side::this("faer", Role::Faer),
        Side::this("zarrs", Role::Zarrs),
        Side::script("zarr-python", "zarr_peer.py"),
        Side::this("STREAM", Role::Stream),
    ]
}

/// Where the files of a group are, which only storage has.
fn directory(group: &Group, settings: &Settings, size: u64, section: &mut Section) -> Result<PathBuf> {
    if group.cases.iter().all(|case| !case.starts_with("zarr-")) {
        return Ok(PathBuf::new());
    }
    let directory = data::zarr(settings, cases::side(size))?;
    section.notes.push(data::size("Zarr, compressed by zstd and plain", &directory)?);
    Ok(directory)
}

fn case(name: &str, size: u64, directory: &Path) -> Case {
    let check = if name.starts_with("stream-") { Check::Itself } else { Check::Rows };
    let request = Request { size, ..Request::new("array", name, directory, Format::Parquet) };
    Case { name: name.to_owned(), request, check }
}

/// How fast the first side was, in thousands of millions a second.
fn speed(row: &Row, size: u64) -> String {
    let seconds = row.cells.first().and_then(|cell| cell.seconds());
    let speed = seconds.zip(amount(&row.case, size)).map(|(seconds, amount)| amount as f64 / seconds / 1e9);
    speed.map(|speed| format!("{speed:.1}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Cell;

    #[test]
    fn every_side_of_a_group_is_there() {
        let names: Vec<String> = sides().into_iter().map(|side| side.name).collect();
        for group in groups(cases::size(1.0)) {
            assert!(group.sides.iter().all(|side| names.iter().any(|name| name == side)), "{}", group.name);
        }
    }

    #[test]
    fn speed_is_that_of_the_first_side() {
        let cell = |seconds: f64| Cell::Measured { seconds: vec![seconds], peak: None };
        let row = |case: &str, cells| Row { case: case.to_owned(), cells, more: Vec::new() };
        assert_eq!(speed(&row("chain-1", vec![cell(0.1), cell(1.0)]), 1_000_000_000), "160.0");
        assert_eq!(speed(&row("matmul-1000", vec![cell(0.5)]), 0), "4.0");
        assert_eq!(speed(&row("chain-1", vec![Cell::Failed { reason: "no".to_owned() }]), 1), "");
    }
}
