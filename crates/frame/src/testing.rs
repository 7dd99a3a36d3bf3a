//! For tests of programs that make frames: [`assert_frames_eq!`](crate::assert_frames_eq).

use crate::{Frame, format::csv, types::type_name};
use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{Float32Type, Float64Type},
};
use arrow_schema::DataType;
use datafusion::arrow::row::{RowConverter, SortField};
use std::{cmp::Ordering, fmt::Write};
use stratal_core::Result;

/// Rows that are printed.
const SHOWN: usize = 5;

/// Fails, printing the first rows that differ, unless two frames have the same columns and the same rows.
///
/// In order, unless the word `unordered` stands behind them. With `tol = 1e-9` two floats are equal if they differ by no more
/// than that, or by that share of the larger one. Null is equal to null alone, and `NaN` to `NaN`. Only columns of floats are
/// compared so; floats in lists and structs are compared exactly.
///
/// ```
/// use stratal_frame::{assert_frames_eq, frame};
/// let (one, two) = (frame! { "x" => [0.3, 1.0] }.collect()?, frame! { "x" => [1.0, 0.1 + 0.2] }.collect()?);
/// assert_frames_eq!(one, one.clone());
/// assert_frames_eq!(one, two, unordered, tol = 1e-9);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[macro_export]
macro_rules! assert_frames_eq {
    (@ $left:expr, $right:expr, $unordered:expr, $tol:expr) => {
        if let ::core::result::Result::Err(difference) = $crate::testing::__compare(&$left, &$right, $unordered, $tol) {
            ::core::panic!("the frames differ: {difference}")
        }
    };
    ($left:expr, $right:expr $(,)?) => {
        $crate::assert_frames_eq!(@ $left, $right, false, ::core::option::Option::None)
    };
    ($left:expr, $right:expr, unordered $(,)?) => {
        $crate::assert_frames_eq!(@ $left, $right, true, ::core::option::Option::None)
    };
    ($left:expr, $right:expr, tol = $tol:expr $(,)?) => {
        $crate::assert_frames_eq!(@ $left, $right, false, ::core::option::Option::Some($tol))
    };
    ($left:expr, $right:expr, unordered, tol = $tol:expr $(,)?) => {
        $crate::assert_frames_eq!(@ $left, $right, true, ::core::option::Option::Some($tol))
    };
}

#[doc(inline)]
pub use crate::assert_frames_eq;

/// For [`assert_frames_eq!`](crate::assert_frames_eq): how two frames differ.
#[doc(hidden)]
pub fn __compare(left: &Frame, right: &Frame, unordered: bool, tol: Option<f64>) -> Result<(), String> {
    let columns = |frame: &Frame| {
        let fields = frame.schema().fields().iter().map(|field| format!("{} {}", field.name(), type_name(field.data_type())));
        fields.collect::<Vec<_>>().join(", ")
    };
    let fields = |frame: &Frame| -> Vec<(String, DataType)> {
        frame.schema().fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect()
    };
    if fields(left) != fields(right) {
        return Err(format!("the columns are\n  left:  [{}]\n  right: [{}]", columns(left), columns(right)));
    }
    let rows = |frame: &Frame| Rows::of(frame, tol).map_err(|error| error.to_string());
    let (one, two) = (rows(left)?, rows(right)?);
    let pairs = if unordered { in_any_order(&one, &two) } else { in_order(&one, &two) };
    if pairs.is_empty() {
        return Ok(());
    }
    let mut message = format!("{} rows and {} rows; the first that differ:", left.len(), right.len());
    for (one, two) in pairs.into_iter().take(SHOWN) {
        for (side, frame, row) in [("left", left, one), ("right", right, two)] {
            let shown = row.map_or_else(|| format!("{side} has no such row"), |row| format!("{side} row {row}: {}", line(frame, row)));
            // A text takes all that is written to it.
            let _ = write!(message, "\n  {shown}");
        }
    }
    Err(message)
}

/// Rows that differ: their numbers on both sides, where they are.
type Pairs = Vec<(Option<usize>, Option<usize>)>;

/// Rows as what is compared: exact columns as bytes, and floats that need not be equal.
struct Rows {
    exact: Vec<Vec<u8>>,
    floats: Vec<Vec<Option<f64>>>,
    tol: f64,
}

impl Rows {
    fn of(frame: &Frame, tol: Option<f64>) -> Result<Self> {
        let type_of = |column: usize| frame.schema().field(column).data_type().clone();
        let is_float = |column: &usize| tol.is_some() && matches!(type_of(*column), DataType::Float32 | DataType::Float64);
        let (near, exact): (Vec<usize>, Vec<usize>) = (0..frame.num_columns()).partition(is_float);
        let converter = RowConverter::new(exact.iter().map(|column| SortField::new(type_of(*column))).collect())?;
        let (mut rows, mut floats) = (Vec::with_capacity(frame.len()), vec![Vec::with_capacity(frame.len()); near.len()]);
        for batch in frame.batches() {
            match exact.is_empty() {
                true => rows.resize(rows.len() + batch.num_rows(), Vec::new()),
                false => {
                    let columns: Vec<ArrayRef> = exact.iter().map(|column| batch.column(*column).clone()).collect();
                    rows.extend(converter.convert_columns(&columns)?.iter().map(|row| row.as_ref().to_vec()));
                }
            }
            for (values, column) in floats.iter_mut().zip(&near) {
                values.extend(wide(batch.column(*column)));
            }
        }
        Ok(Rows { exact: rows, floats, tol: tol.unwrap_or_default() })
    }

    fn len(&self) -> usize {
        self.exact.len()
    }

    /// Whether a row is another's.
    fn is_like(&self, row: usize, other: &Rows, at: usize) -> bool {
        let is_near = |one: Option<f64>, two: Option<f64>| match (one, two) {
            (Some(one), Some(two)) => {
                one == two || (one.is_nan() && two.is_nan()) || (one - two).abs() <= self.tol * one.abs().max(two.abs()).max(1.0)
            }
            (one, two) => one.is_none() && two.is_none(),
        };
        self.exact[row] == other.exact[at] && self.floats.iter().zip(&other.floats).all(|(one, two)| is_near(one[row], two[at]))
    }

    /// The rows by their exact columns, then by the others.
    fn sorted(&self) -> Vec<usize> {
        let by_floats = |one: usize, two: usize| {
            let each = self.floats.iter().map(|values| match (values[one], values[two]) {
                (Some(one), Some(two)) => one.total_cmp(&two),
                (one, two) => one.is_none().cmp(&two.is_none()),
            });
            each.fold(Ordering::Equal, Ordering::then)
        };
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|one, two| self.exact[*one].cmp(&self.exact[*two]).then_with(|| by_floats(*one, *two)));
        order
    }
}

fn wide(column: &ArrayRef) -> Vec<Option<f64>> {
    match column.data_type() {
        DataType::Float32 => column.as_primitive::<Float32Type>().iter().map(|value| value.map(f64::from)).collect(),
        _ => column.as_primitive::<Float64Type>().iter().collect(),
    }
}

fn in_order(left: &Rows, right: &Rows) -> Pairs {
    let place = |rows: &Rows, row: usize| (row < rows.len()).then_some(row);
    let rows = (0..left.len().max(right.len())).map(|row| (place(left, row), place(right, row)));
    rows.filter(|pair| !matches!(pair, (Some(one), Some(two)) if left.is_like(*one, right, *two))).collect()
}

/// Rows of equal exact columns are matched one by one, each with the first that is near enough.
fn in_any_order(left: &Rows, right: &Rows) -> Pairs {
    let (lefts, rights) = (left.sorted(), right.sorted());
    let (mut only_left, mut only_right) = (Vec::new(), Vec::new());
    let (mut l, mut r) = (0, 0);
    while let Some(key) = lefts.get(l).map(|row| &left.exact[*row]).into_iter().chain(rights.get(r).map(|row| &right.exact[*row])).min() {
        let run = |rows: &Rows, order: &[usize]| order.iter().take_while(|row| rows.exact[**row] == *key).count();
        let (end_l, end_r) = (l + run(left, &lefts[l..]), r + run(right, &rights[r..]));
        let mut free = rights[r..end_r].to_vec();
        for row in &lefts[l..end_l] {
            match free.iter().position(|other| left.is_like(*row, right, *other)) {
                Some(at) => {
                    free.remove(at);
                }
                None => only_left.push(*row),
            }
        }
        only_right.extend(free);
        (l, r) = (end_l, end_r);
    }
    let most = only_left.len().max(only_right.len());
    (0..most).map(|at| (only_left.get(at).copied(), only_right.get(at).copied())).collect()
}

/// A row as a line of CSV.
fn line(frame: &Frame, row: usize) -> String {
    let mut out = Vec::new();
    frame.slice(row..row + 1).batches().iter().for_each(|batch| csv::rows(batch, b',', &mut out));
    String::from_utf8_lossy(&out).trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame;

    fn frame(k: &[&str], x: &[Option<f64>]) -> Frame {
        frame! { "k" => k.to_vec(), "x" => x.to_vec() }.collect().unwrap()
    }

    #[test]
    fn the_first_rows_that_differ_are_printed() {
        let (one, two) = (frame(&["a", "b", "c"], &[Some(1.0), None, Some(2.0)]), frame(&["a", "b"], &[Some(1.0), Some(0.0)]));
        let text = __compare(&one, &two, false, None).unwrap_err();
        let expected = "3 rows and 2 rows; the first that differ:\n  left row 1: b,\n  right row 1: b,0.0\n  left row 2: c,2.0\n  \
                        right has no such row";
        assert_eq!(text, expected);
        assert!(__compare(&one, &one, false, None).is_ok());
        let text = __compare(&one, &frame! { "k" => ["a"] }.collect().unwrap(), false, None).unwrap_err();
        assert_eq!(text, "the columns are\n  left:  [k str, x f64]\n  right: [k str]");
    }

    #[test]
    fn rows_in_any_order_are_a_multiset() {
        let (one, two) = (frame(&["a", "b", "a"], &[Some(1.0), None, Some(2.0)]), frame(&["b", "a", "a"], &[None, Some(2.0), Some(1.0)]));
        assert!(__compare(&one, &two, true, None).is_ok() && __compare(&one, &two, false, None).is_err());
        let twice = frame(&["b", "a", "a"], &[None, Some(2.0), Some(2.0)]);
        let text = __compare(&one, &twice, true, None).unwrap_err();
        assert!(
            text.ends_with("\n  left row 0: a,1.0\n  right row 1: a,2.0") || text.ends_with("\n  left row 0: a,1.0\n  right row 2: a,2.0"),
            "{text}"
        );
    }

    #[test]
    fn floats_are_near_within_the_tolerance_and_nothing_else_is() {
        let (one, two) = (frame(&["a", "a"], &[Some(1.0), Some(1e12)]), frame(&["a", "a"], &[Some(1e12 + 1.0), Some(1.0 + 1e-10)]));
        assert!(__compare(&one, &two, true, Some(1e-9)).is_ok());
        assert!(__compare(&one, &two, true, Some(1e-13)).is_err() && __compare(&one, &two, true, None).is_err());
        let nothing = frame(&["a", "a"], &[None, Some(f64::NAN)]);
        assert!(__compare(&nothing, &nothing, false, Some(1e-9)).is_ok() && __compare(&one, &nothing, false, Some(1e9)).is_err());
    }
}
