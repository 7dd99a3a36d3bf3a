//! A frame as a table: the shape, names and types, the first and the last rows.

use super::Frame;
use crate::types::type_name;
use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{Float32Type, Float64Type},
};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use comfy_table::{Cell, CellAlignment, Table};
use std::fmt;

/// Box lines without lines between rows.
const LINES: &str = "││──╞═╪╡│    ┬┴┌┐└┘";

/// Rows that are printed in full, and how many at each end of a longer frame.
const ROWS: (usize, usize) = (10, 5);

/// Columns that are printed in full, and how many at each end of a wider frame.
const COLUMNS: (usize, usize) = (8, 4);

/// Characters of a text that are printed.
const TEXT: usize = 32;

/// What is printed of `all` things: so many at the front and at the back.
fn ends(all: usize, (most, each): (usize, usize)) -> (usize, usize) {
    if all <= most { (all, 0) } else { (each, each) }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_table(f, ROWS)
    }
}

/// A frame as a table of another length.
struct Longer<'a>(&'a Frame, usize);

impl fmt::Display for Longer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_table(f, (self.1, self.1 / 2))
    }
}

impl Frame {
    /// The table that `Display` prints, with up to `rows` rows in full.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let frame = frame! { "x" => (0..20i64).collect::<Vec<_>>() }.collect()?;
    /// assert!(!frame.table(20).to_string().contains('…'));
    /// assert!(frame.to_string().contains('…'));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn table(&self, rows: usize) -> impl fmt::Display + '_ {
        Longer(self, rows)
    }

    fn write_table(&self, f: &mut fmt::Formatter<'_>, most: (usize, usize)) -> fmt::Result {
        let (rows, columns) = (self.len(), self.num_columns());
        let (first, last) = ends(columns, COLUMNS);
        let shown: Vec<Option<usize>> = if last == 0 {
            (0..columns).map(Some).collect()
        } else {
            (0..first).map(Some).chain([None]).chain((columns - last..columns).map(Some)).collect()
        };
        write!(f, "shape: ({rows}, {columns})")?;
        if columns == 0 {
            return Ok(());
        }
        let (top, bottom) = ends(rows, most);
        let cells: Vec<Vec<Cell>> = shown.iter().map(|column| self.cells(*column, top, bottom)).collect::<Result<_, _>>()?;
        let mut table = Table::new();
        table.load_preset(LINES);
        table.set_header(shown.iter().map(|column| self.head(*column)));
        for row in 0..cells[0].len() {
            table.add_row(cells.iter().map(|column| column[row].clone()));
        }
        write!(f, "\n{table}")
    }
}

impl Frame {
    fn head(&self, column: Option<usize>) -> Cell {
        let Some(at) = column else { return Cell::new("…") };
        let field = self.schema().field(at);
        aligned(format!("{}\n{}", cut(field.name()), type_name(field.data_type())), field.data_type())
    }

    /// The cells of a column: the first rows, a row of dots, the last rows.
    fn cells(&self, column: Option<usize>, top: usize, bottom: usize) -> Result<Vec<Cell>, fmt::Error> {
        let dots = (bottom > 0).then(|| "…".to_owned());
        let Some(at) = column else {
            return Ok(vec![Cell::new("…"); top + bottom + usize::from(bottom > 0)]);
        };
        let data_type = self.schema().field(at).data_type();
        let mut texts = self.texts(at, 0, top)?;
        texts.extend(dots);
        texts.extend(self.texts(at, self.len() - bottom, bottom)?);
        Ok(texts.into_iter().map(|text| aligned(text, data_type)).collect())
    }

    fn texts(&self, column: usize, start: usize, rows: usize) -> Result<Vec<String>, fmt::Error> {
        let part = self.slice(start..start + rows);
        let texts = part.batches().iter().map(|batch| texts(batch.column(column)));
        Ok(texts.collect::<Result<Vec<_>, _>>()?.concat())
    }
}

fn aligned(text: String, data_type: &DataType) -> Cell {
    let cell = Cell::new(text);
    if data_type.is_numeric() { cell.set_alignment(CellAlignment::Right) } else { cell }
}

fn texts(array: &ArrayRef) -> Result<Vec<String>, fmt::Error> {
    let or_null = |value: Option<f64>| value.map_or_else(|| "null".to_owned(), float);
    match array.data_type() {
        DataType::Float64 => Ok(array.as_primitive::<Float64Type>().iter().map(or_null).collect()),
        // By its own digits: 0.1, and not what 0.1 becomes when it is widened.
        DataType::Float32 => Ok(array.as_primitive::<Float32Type>().iter().map(|value| or_null(value.map(widened))).collect()),
        _ => {
            let options = FormatOptions::new()
                .with_null("null")
                .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
                .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.f%:z"))
                .with_datetime_format(Some("%Y-%m-%d %H:%M:%S%.f"));
            let formatter = ArrayFormatter::try_new(array, &options).map_err(|_| fmt::Error)?;
            let text = |row| {
                let text = formatter.value(row).try_to_string().map_err(|_| fmt::Error)?;
                Ok(if array.data_type().is_numeric() { text } else { cut(&text) })
            };
            (0..array.len()).map(text).collect()
        }
    }
}

fn widened(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

/// At most 32 characters on one line, and `…` for the rest.
fn cut(text: &str) -> String {
    let line: String = text
        .chars()
        .flat_map(|character| match character {
            '\n' => vec!['\\', 'n'],
            '\r' => vec!['\\', 'r'],
            '\t' => vec!['\\', 't'],
            other => vec![other],
        })
        .collect();
    match line.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Six digits after the point, at least one: `1.0`, `0.333333`; `1e20` outside 1e-4..1e15.
fn float(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        let text = format!("{value:.6e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.'));
    }
    let text = format!("{value:.6}");
    let trimmed = text.trim_end_matches('0');
    if trimmed.ends_with('.') { format!("{trimmed}0") } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;

    fn frame(columns: Vec<(&str, ArrayRef)>) -> Frame {
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap().into()
    }

    #[test]
    fn the_table_of_the_contract() {
        let frame = frame(vec![
            ("name", Arc::new(StringArray::from(vec!["Alice"]))),
            ("amount", Arc::new(Int64Array::from(vec![110]))),
            ("day", Arc::new(Date32Array::from(vec![19753]))),
            ("share", Arc::new(Float64Array::from(vec![1.0 / 3.0]))),
        ]);
        let table = "\
shape: (1, 4)
┌───────┬────────┬────────────┬──────────┐
│ name  │ amount │ day        │    share │
│ str   │    i64 │ date       │      f64 │
╞═══════╪════════╪════════════╪══════════╡
│ Alice │    110 │ 2024-01-31 │ 0.333333 │
└───────┴────────┴────────────┴──────────┘";
        assert_eq!(frame.to_string(), table);
    }

    #[test]
    fn a_long_frame_shows_both_ends() {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter((0..12).map(|n| (n != 11).then_some(n))));
        let texts: ArrayRef = Arc::new(StringArray::from_iter_values((0..12).map(|n| "ab".repeat(n * 2))));
        let table = "\
shape: (12, 2)
┌──────┬───────────────────────────────────┐
│    n │ s                                 │
│  i64 │ str                               │
╞══════╪═══════════════════════════════════╡
│    0 │                                   │
│    1 │ abab                              │
│    2 │ abababab                          │
│    3 │ abababababab                      │
│    4 │ abababababababab                  │
│    … │ …                                 │
│    7 │ abababababababababababababab      │
│    8 │ abababababababababababababababab  │
│    9 │ abababababababababababababababab… │
│   10 │ abababababababababababababababab… │
│ null │ abababababababababababababababab… │
└──────┴───────────────────────────────────┘";
        assert_eq!(frame(vec![("n", numbers), ("s", texts)]).to_string(), table);
    }

    #[test]
    fn a_wide_frame_shows_both_sides_and_an_empty_one_its_heads() {
        let column = |n: i64| -> ArrayRef { Arc::new(Int64Array::from(vec![n])) };
        let names: Vec<String> = (0..9).map(|n| format!("c{n}")).collect();
        let wide = frame(names.iter().map(|name| (name.as_str(), column(1))).collect());
        assert!(wide.to_string().contains("│  c3 │ … │  c5 │"), "{wide}");
        let empty = "shape: (0, 1)\n┌─────┐\n│   x │\n│ i64 │\n╞═════╡\n└─────┘";
        assert_eq!(frame(vec![("x", column(1))]).slice(0..0).to_string(), empty);
    }

    #[test]
    fn floats_have_six_digits_after_the_point() {
        let texts =
            [1.0, 0.1 + 0.2, 1.0 / 3.0, -2.5, 0.0, -0.0, 1e20, 1.5e-5, 1e15, 999_999_999_999_999.0, 1e-4, 123_456.789_012_3, f64::NAN];
        let expected = [
            "1.0",
            "0.3",
            "0.333333",
            "-2.5",
            "0.0",
            "-0.0",
            "1e20",
            "1.5e-5",
            "1e15",
            "999999999999999.0",
            "0.0001",
            "123456.789012",
            "nan",
        ];
        assert_eq!(texts.map(float), expected);
    }
}
