//! Two reports: what became faster and what became slower.
//!
//! Times are of the first side of each table. The ratio to each peer stands beside them: it holds where the machines differ, or were
//! not equally busy.

use super::{Report, Row, Table, format};
use crate::measure::stats::geometric_mean;
use std::{collections::BTreeSet, fmt::Write};

/// A change by less than this is noise.
const NOISE: f64 = 1.1;

/// What changed, as text.
pub(crate) fn compared(old: &Report, new: &Report) -> String {
    let mut text = format!("{} -> {}; times of the first side, and of each peer divided by them\n", old.date, new.date);
    for section in &new.sections {
        for table in &section.tables {
            let mut tables = old.sections.iter().filter(|before| before.suite == section.suite).flat_map(|before| &before.tables);
            // Writing to a text cannot fail.
            let _ = writeln!(text, "\n{}: {}", section.suite, table.name);
            match tables.find(|before| before.name == table.name) {
                Some(before) => changes(&mut text, before, table),
                None => text.push_str("  was not measured before\n"),
            }
        }
    }
    text
}

fn changes(text: &mut String, old: &Table, new: &Table) {
    let mut factors = Vec::new();
    for row in &new.rows {
        let Some(before) = old.rows.iter().find(|before| before.case == row.case) else {
            let _ = writeln!(text, "  {:<14}was not measured before", row.case);
            continue;
        };
        let times = (before.cells.first().and_then(|cell| cell.seconds()), row.cells.first().and_then(|cell| cell.seconds()));
        let (Some(then), Some(now)) = times else {
            let cells = [before, row].map(|row| row.cells.first().map(format::cell).unwrap_or_default());
            let _ = writeln!(text, "  {:<14}{}", row.case, cells.join(" -> "));
            continue;
        };
        factors.push(then / now);
        let times = format!("{} -> {}", format::seconds(then), format::seconds(now));
        let _ = writeln!(text, "  {:<14}{times:<24}{:<18}{}", row.case, verdict(then / now), ratios(old, new, before, row));
    }
    let measured: BTreeSet<&str> = new.rows.iter().map(|row| row.case.as_str()).collect();
    for gone in old.rows.iter().filter(|row| !measured.contains(row.case.as_str())) {
        let _ = writeln!(text, "  {:<14}is not measured any more", gone.case);
    }
    if let Some(mean) = geometric_mean(&factors) {
        let _ = writeln!(text, "  geometric mean: {} as fast as before", format::ratio(mean));
    }
}

fn verdict(factor: f64) -> String {
    match factor {
        faster if faster >= NOISE => format!("{} as fast", format::ratio(faster)),
        slower if slower <= 1.0 / NOISE => format!("{} as slow", format::ratio(1.0 / slower)),
        _ => "the same".to_owned(),
    }
}

/// `Polars 0.90× -> 1.10×`, of all peers that both reports have.
fn ratios(old: &Table, new: &Table, before: &Row, row: &Row) -> String {
    let both = new.sides.iter().enumerate().skip(1).filter_map(|(now, name)| {
        let then = old.sides.iter().position(|side| side == name)?;
        let (then, now) = (before.ratio(then)?, row.ratio(now)?);
        Some(format!("{name} {} -> {}", format::ratio(then), format::ratio(now)))
    });
    both.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{
        Cell,
        model::tests::{cell, report},
    };

    #[test]
    fn every_case_says_what_became_of_it() {
        let (mut old, mut new) = (report(), report());
        let rows = &mut new.sections[0].tables[0].rows;
        rows[0].cells[0] = cell(&[0.1], 100);
        rows[1].cells[0] = cell(&[0.04], 100);
        rows[2].case = "q4".to_owned();
        old.sections[0].tables[0].rows[2].cells[0] = Cell::Failed { reason: "no".to_owned() };
        let text = compared(&old, &new);
        let lines: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        for line in [
            "tpch: parquet, scale 1",
            "q1 200 ms -> 100 ms 2.00× as fast Polars 2.00× -> 4.00×",
            "q2 20.0 ms -> 40.0 ms 2.00× as slow Polars 0.50× -> 0.25×",
            "q4 was not measured before",
            "q3 is not measured any more",
            "geometric mean: 1.00× as fast as before",
        ] {
            assert!(lines.iter().any(|found| found == line), "{line}:\n{text}");
        }
    }

    #[test]
    fn a_small_change_is_none_and_a_failure_is_told() {
        let (mut old, mut new) = (report(), report());
        new.sections[0].tables[0].rows[0].cells[0] = cell(&[0.205], 100);
        old.sections[0].tables[0].rows[2].cells[0] = Cell::Failed { reason: "no".to_owned() };
        let text = compared(&old, &new);
        assert!(text.contains("the same"), "{text}");
        assert!(text.contains("no -> 1.50 s, 10 MiB"), "{text}");
    }

    #[test]
    fn a_table_that_is_new_is_no_error() {
        let mut new = report();
        new.sections[0].tables[0].name = "csv, scale 1".to_owned();
        assert!(compared(&report(), &new).contains("was not measured before"));
    }
}
