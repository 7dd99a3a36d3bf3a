//! Answers of sides, read from files and compared: Parquet, or a list of numbers as JSON, which stands for a table of places and
//! numbers.
//!
//! Rows are compared without regard to their order: ties are free, and that sorting sorts is tested elsewhere. Columns are compared by
//! their place. Numbers may differ by a millionth, for sums of floats depend on their order.

use arrow_array::{Array, RecordBatch, cast::AsArray, types::Float64Type};
use arrow_cast::{
    cast,
    display::{ArrayFormatter, FormatOptions},
};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::{
    cmp::Ordering,
    fmt,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};
use stratal::{Error, ErrorKind, Result};

const TOLERANCE: f64 = 1e-6;

#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Null,
    Number(f64),
    Text(String),
}

impl Cell {
    fn order(&self, other: &Cell) -> Ordering {
        match (self, other) {
            (Cell::Number(one), Cell::Number(other)) => one.total_cmp(other),
            (Cell::Text(one), Cell::Text(other)) => one.cmp(other),
            (one, other) => one.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Cell::Null => 0,
            Cell::Number(_) => 1,
            Cell::Text(_) => 2,
        }
    }

    fn same(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Number(one), Cell::Number(other)) => {
                (one.is_nan() && other.is_nan()) || (one - other).abs() <= TOLERANCE * one.abs().max(other.abs()).max(1.0)
            }
            (one, other) => one == other,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => f.write_str("null"),
            Cell::Number(number) => write!(f, "{number}"),
            Cell::Text(text) => write!(f, "{text:?}"),
        }
    }
}

#[derive(Clone, Debug)]
struct Column {
    /// Whether its values are floats, which no row can be told by.
    floats: bool,
    cells: Vec<Cell>,
}

/// The rows of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    columns: Vec<Column>,
    rows: usize,
}

impl Answer {
    /// Reads a file.
    ///
    /// # Errors
    /// What the file system or the file refuses.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let failed = |error: &dyn fmt::Display| Error::new(ErrorKind::BadValue, format!("{}: {error}", path.display()));
        let mut file = BufReader::new(File::open(path)?);
        if file.fill_buf()?.starts_with(b"[") {
            return Ok(Answer::listed(serde_json::from_reader(file).map_err(|error| failed(&error))?));
        }
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?).map_err(|error| failed(&error))?;
        let types: Vec<DataType> = builder.schema().fields().iter().map(|field| field.data_type().clone()).collect();
        let mut answer = Answer { columns: types.iter().map(Column::of).collect(), rows: 0 };
        for batch in builder.build().map_err(|error| failed(&error))? {
            answer.add(&batch?)?;
        }
        Ok(answer)
    }

    /// Numbers in order.
    fn listed(numbers: Vec<f64>) -> Self {
        let rows = numbers.len();
        let places = Column { floats: false, cells: (0..rows).map(|place| Cell::Number(place as f64)).collect() };
        let values = Column { floats: true, cells: numbers.into_iter().map(Cell::Number).collect() };
        Answer { columns: vec![places, values], rows }
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows();
        for (column, values) in self.columns.iter_mut().zip(batch.columns()) {
            if values.data_type().is_numeric() {
                let numbers = cast(values, &DataType::Float64)?;
                column.cells.extend(numbers.as_primitive::<Float64Type>().iter().map(|cell| cell.map_or(Cell::Null, Cell::Number)));
            } else {
                let options = FormatOptions::default();
                let texts = ArrayFormatter::try_new(values, &options)?;
                let cell = |row| if values.is_null(row) { Cell::Null } else { Cell::Text(texts.value(row).to_string()) };
                column.cells.extend((0..values.len()).map(cell));
            }
        }
        Ok(())
    }

    /// The first difference between this answer and another one.
    pub(crate) fn difference(&self, other: &Answer) -> Option<String> {
        if self.columns.len() != other.columns.len() {
            return Some(format!("{} and {} columns", self.columns.len(), other.columns.len()));
        }
        if self.rows != other.rows {
            return Some(format!("{} and {} rows", self.rows, other.rows));
        }
        // First by what is exact on both sides, then by the rest.
        let floats = |at: usize| self.columns[at].floats || other.columns[at].floats;
        let (mut keys, rest): (Vec<usize>, Vec<usize>) = (0..self.columns.len()).partition(|at| !floats(*at));
        keys.extend(rest);
        for (one, two) in self.sorted(&keys).into_iter().zip(other.sorted(&keys)) {
            for (at, (mine, theirs)) in self.columns.iter().zip(&other.columns).enumerate() {
                let (mine, theirs) = (&mine.cells[one], &theirs.cells[two]);
                if !mine.same(theirs) {
                    return Some(format!("{mine} and {theirs} in column {at}"));
                }
            }
        }
        None
    }

    /// The positions of the rows, in the order of these columns.
    fn sorted(&self, keys: &[usize]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows).collect();
        let cells = |key: usize, row: usize| &self.columns[key].cells[row];
        order.sort_by(|one, two| {
            let orders = keys.iter().map(|key| cells(*key, *one).order(cells(*key, *two)));
            orders.fold(Ordering::Equal, Ordering::then)
        });
        order
    }
}

impl Column {
    fn of(data_type: &DataType) -> Self {
        let floats = data_type.is_floating() || matches!(data_type, DataType::Decimal128(..) | DataType::Decimal256(..));
        Column { floats, cells: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray, StringViewArray};
    use parquet::arrow::ArrowWriter;
    use std::sync::Arc;

    fn answer(columns: Vec<ArrayRef>) -> Answer {
        let named = columns.into_iter().enumerate().map(|(at, column)| (format!("c{at}"), column, true));
        let batch = RecordBatch::try_from_iter_with_nullable(named).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("answer.parquet");
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        Answer::read(&path).unwrap()
    }

    fn column(array: impl Array + 'static) -> ArrayRef {
        Arc::new(array)
    }

    fn texts(texts: &[&str]) -> ArrayRef {
        column(StringArray::from(texts.to_vec()))
    }

    fn floats(numbers: &[f64]) -> ArrayRef {
        column(Float64Array::from(numbers.to_vec()))
    }

    #[test]
    fn rows_may_come_in_any_order() {
        let one = answer(vec![texts(&["a", "b", "c"]), floats(&[1.0, 2.0, 3.0])]);
        let two = answer(vec![texts(&["c", "a", "b"]), floats(&[3.0, 1.0, 2.0])]);
        assert_eq!((one.rows, one.difference(&two)), (3, None));
        let mixed = answer(vec![texts(&["c", "a", "b"]), floats(&[3.0, 2.0, 1.0])]);
        assert_eq!(one.difference(&mixed).as_deref(), Some("1 and 2 in column 1"));
    }

    #[test]
    fn floats_may_differ_by_a_millionth_and_no_more() {
        let one = answer(vec![floats(&[1e9, 0.05, f64::NAN])]);
        assert_eq!(one.difference(&answer(vec![floats(&[1e9 + 100.0, 0.050_000_1, f64::NAN])])), None);
        assert!(one.difference(&answer(vec![floats(&[1e9 + 10_000.0, 0.05, f64::NAN])])).is_some());
    }

    #[test]
    fn rows_are_told_apart_by_what_is_exact_before_floats_are_looked_at() {
        // By floats alone the rows would be paired wrongly.
        let one = answer(vec![floats(&[1.0, 1.000_000_1]), texts(&["a", "b"])]);
        let two = answer(vec![floats(&[1.000_000_1, 1.0]), texts(&["a", "b"])]);
        assert_eq!(one.difference(&two), None);
    }

    #[test]
    fn types_of_other_sides_are_no_difference() {
        let money = Decimal128Array::from(vec![15_050]).with_precision_and_scale(15, 2).unwrap();
        let one = answer(vec![column(Int64Array::from(vec![7])), texts(&["x"]), column(money)]);
        let two = answer(vec![column(Int32Array::from(vec![7])), column(StringViewArray::from(vec!["x"])), floats(&[150.5])]);
        assert_eq!(one.difference(&two), None);
    }

    #[test]
    fn a_list_of_numbers_is_a_table_of_places_and_numbers() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("answer.json");
        let listed = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Answer::read(&path)
        };
        let one = answer(vec![column(Int64Array::from(vec![1, 0])), floats(&[2.5, 1e9])]);
        assert_eq!(one.difference(&listed("[1000000000, 2.5]").unwrap()), None);
        assert_eq!(one.difference(&listed("[2.5, 1000000000]").unwrap()).as_deref(), Some("1000000000 and 2.5 in column 1"));
        assert!(listed("[1, NaN]").is_err());
    }

    #[test]
    fn days_are_compared_as_days() {
        let one = answer(vec![column(Date32Array::from(vec![Some(9_000), None]))]);
        assert_eq!(one.difference(&answer(vec![column(Date32Array::from(vec![None, Some(9_000)]))])), None);
        assert!(one.difference(&answer(vec![column(Date32Array::from(vec![Some(9_001), None]))])).is_some());
    }

    #[test]
    fn numbers_of_rows_and_columns_are_looked_at_first() {
        let one = answer(vec![floats(&[1.0])]);
        assert_eq!(one.difference(&answer(vec![floats(&[1.0, 1.0])])).as_deref(), Some("1 and 2 rows"));
        assert_eq!(one.difference(&answer(vec![floats(&[1.0]), floats(&[1.0])])).as_deref(), Some("1 and 2 columns"));
    }
}
