//! Figures as text: three digits, and the unit that fits.

use super::Cell;

/// A number with three digits: `1.23`, `12.3`, `123`, `1234`.
fn digits(number: f64) -> String {
    match number.abs() {
        large if large >= 99.95 => format!("{number:.0}"),
        middle if middle >= 9.995 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// A time: `1.23 s`, `12.3 ms`, `4.56 µs`.
pub(super) fn seconds(seconds: f64) -> String {
    let (unit, factor) = match seconds {
        whole if whole >= 0.9995 => ("s", 1.0),
        thousandths if thousandths >= 0.9995e-3 => ("ms", 1e3),
        _ => ("µs", 1e6),
    };
    format!("{} {unit}", digits(seconds * factor))
}

/// Memory: `123 MiB`.
pub(crate) fn memory(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / (1u64 << 20) as f64)
}

/// A ratio: `1.23×`.
pub(super) fn ratio(ratio: f64) -> String {
    format!("{}×", digits(ratio))
}

/// What a side did, in a few words.
pub(super) fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Failed { reason } => reason.clone(),
        measured => match (measured.seconds(), measured.peak()) {
            (Some(time), Some(peak)) => format!("{}, {}", seconds(time), memory(peak)),
            (Some(time), None) => seconds(time),
            (None, _) => "not measured".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit_that_fits() {
        let given = [1.234, 123.4, 0.09999, 0.01234, 4.561e-6, 0.9999];
        assert_eq!(given.map(seconds), ["1.23 s", "123 s", "100 ms", "12.3 ms", "4.56 µs", "1.00 s"]);
    }

    #[test]
    fn memory_is_in_mebibytes() {
        assert_eq!(memory(3 << 20), "3 MiB");
    }

    #[test]
    fn a_side_without_a_figure_says_why() {
        assert_eq!(cell(&Cell::Failed { reason: "no".to_owned() }), "no");
        assert_eq!(cell(&Cell::Measured { seconds: Vec::new(), peak: Some(1) }), "not measured");
        assert_eq!(cell(&Cell::Measured { seconds: vec![2.0], peak: None }), "2.00 s");
    }
}
