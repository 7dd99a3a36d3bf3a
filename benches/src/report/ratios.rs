//! How a side compares with the first one over all cases of a table.

use super::{Table, format};
use crate::measure::stats::geometric_mean;

/// `Stratal beside Polars: faster in 12 of 22, geometric mean 1.10×, least 0.41× (q21); the peak memory of Polars is …`
pub(super) fn summary(table: &Table, side: usize) -> Option<String> {
    let (ours, theirs) = (table.sides.first()?, table.sides.get(side)?);
    let ratios: Vec<(f64, &str)> = table.rows.iter().filter_map(|row| Some((row.ratio(side)?, row.case.as_str()))).collect();
    let times: Vec<f64> = ratios.iter().map(|(ratio, _)| *ratio).collect();
    let mean = geometric_mean(&times)?;
    let (least, at) = ratios.iter().min_by(|one, two| one.0.total_cmp(&two.0))?;
    let faster = times.iter().filter(|ratio| **ratio > 1.0).count();
    let peaks: Vec<f64> = table.rows.iter().filter_map(|row| row.peak_ratio(side)).collect();
    let memory = geometric_mean(&peaks).map(|mean| format!("; the peak memory of {theirs} is {} that of {ours}", format::ratio(mean)));
    Some(format!(
        "{ours} beside {theirs}: faster in {faster} of {}, geometric mean {}, least {} ({at}){}.",
        times.len(),
        format::ratio(mean),
        format::ratio(*least),
        memory.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use crate::report::model::tests::report;

    #[test]
    fn a_summary_counts_what_was_measured_on_both_sides() {
        let table = &report().sections[0].tables[0];
        let expected = "Stratal beside Polars: faster in 1 of 2, geometric mean 1.00×, least 0.50× (q2); \
                        the peak memory of Polars is 1.00× that of Stratal.";
        assert_eq!(table.summaries(), [expected]);
    }

    #[test]
    fn there_is_none_where_nothing_was_measured_on_both_sides() {
        let mut table = report().sections[0].tables[0].clone();
        table.rows.drain(..2);
        assert!(table.summaries().is_empty());
    }
}
