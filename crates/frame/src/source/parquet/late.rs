//! Late materialization: whether the decoder evaluates the filters of a scan, or a filter above the scan does.
//!
//! A decoder that filters reads the columns that filters look at, and of the other columns only the rows that pass. It reads
//! no less of the filters' own columns, and does more: every conjunct is a pass over a row group of its own, columns that the
//! result needs too are kept until it is known which rows pass, and rows that lie apart are picked one by one. That pays
//! where the other columns are most of what is read: wide texts, lists, many columns. Else whole batches are decoded and
//! filtered, which is what processors do fastest.
//!
//! How many rows pass is not asked. Footers know extremes alone, and one date of the year 9999 among those of a month would
//! have wide columns decoded in vain, which costs more than is ever lost here.
//!
//! Row groups and pages without a row that can pass are left out either way.

use datafusion::{common::stats::Precision, datasource::physical_plan::FileScanConfig};
use std::collections::BTreeSet;

/// What a row of the files costs when rows are picked, in bytes of numbers that would be decoded in the same time: four numbers
/// of 8 bytes. `tpch --formats parquet`, whose scans read few and narrow columns, measures whether it is too small; filters on
/// tables with wide texts, whether it is too large.
const PICKED_ROW: usize = 32;

/// What a scan reads, as far as footers know it.
#[derive(Clone, Copy, Debug)]
struct Read {
    rows: usize,
    /// Bytes of the columns that filters look at, once they are decoded.
    filters: usize,
    /// Those of the columns that only the result needs.
    others: usize,
}

impl Read {
    /// What `scan` reads with filters on these columns of its table.
    fn of(scan: &FileScanConfig, filtered: &BTreeSet<usize>) -> Self {
        let (source, known) = (scan.file_source(), scan.statistics());
        let schema = source.table_schema();
        let all: BTreeSet<usize> = match source.projection() {
            Some(projection) => projection.column_indices().into_iter().collect(),
            None => (0..schema.table_schema().fields().len()).collect(),
        };
        // Columns behind the files' own are the same value in all rows of a file: nothing is decoded.
        let in_files = schema.file_schema().fields().len();
        let bytes = |at: &usize| match known.column_statistics.get(*at) {
            Some(column) if *at < in_files => number(column.byte_size),
            _ => 0,
        };
        let filters = filtered.iter().map(bytes).fold(0, usize::saturating_add);
        let others = all.difference(filtered).map(bytes).fold(0, usize::saturating_add);
        Read { rows: number(known.num_rows), filters, others }
    }

    /// Whether decoding the other columns costs more than the work that the decoder does to pick rows of them.
    fn is_better_late(self) -> bool {
        self.others > self.filters.saturating_add(self.rows.saturating_mul(PICKED_ROW))
    }
}

/// Whether the decoder should evaluate filters on these columns of the table.
pub(super) fn is_better_late(scan: &FileScanConfig, filtered: &BTreeSet<usize>) -> bool {
    Read::of(scan, filtered).is_better_late()
}

fn number(known: Precision<usize>) -> usize {
    known.get_value().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million rows with columns of so many bytes a row.
    fn is_late(filters: &[usize], others: &[usize]) -> bool {
        let rows = 1_000_000;
        let bytes = |columns: &[usize]| columns.iter().sum::<usize>() * rows;
        Read { rows, filters: bytes(filters), others: bytes(others) }.is_better_late()
    }

    #[test]
    fn wide_columns_that_only_the_result_needs_are_decoded_late() {
        assert!(is_late(&[8], &[1000]));
        assert!(is_late(&[4, 8], &[16 + 45, 8, 8]));
        assert!(is_late(&[8], &[8; 20]));
    }

    #[test]
    fn numbers_and_columns_of_filters_are_not() {
        assert!(!is_late(&[4, 8, 8], &[8]));
        assert!(!is_late(&[8], &[8]));
        assert!(!is_late(&[16 + 45], &[8, 8]));
        assert!(!is_late(&[1000], &[500]));
    }

    #[test]
    fn nothing_is_late_where_nothing_else_is_read_or_known() {
        assert!(!is_late(&[8], &[]));
        assert!(!is_late(&[1000], &[]));
        assert!(!Read { rows: 0, filters: 0, others: 0 }.is_better_late());
        assert!(!Read { rows: usize::MAX, filters: usize::MAX, others: usize::MAX }.is_better_late());
    }

    #[test]
    fn the_number_of_rows_does_not_matter() {
        for rows in [1, 1000, 1_000_000_000] {
            assert!(Read { rows, filters: 8 * rows, others: 100 * rows }.is_better_late(), "{rows}");
            assert!(!Read { rows, filters: 8 * rows, others: 16 * rows }.is_better_late(), "{rows}");
        }
    }
}
