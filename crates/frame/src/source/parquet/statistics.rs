//! What footers say of rows: how many there are, how many are null, and between which values they lie.
//!
//! What is called exact here is taken for an answer: `count`, `min` and `max` read no rows where they find it. So nothing is
//! exact that a footer does not say of every row group. Extremes of floats never are: `NaN`, which is larger than all numbers
//! here, does not count in footers.

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field, Schema};
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics, stats::Precision};
use parquet::{
    arrow::arrow_reader::statistics::StatisticsConverter,
    basic::Type,
    file::{
        metadata::{ParquetMetaData, RowGroupMetaData},
        statistics::Statistics as Known,
    },
};
use std::cmp::Ordering;

/// Of a file, in the columns of its table. `own` are the file's columns, all of them, in its order.
pub(super) fn of_file(footer: &ParquetMetaData, own: &Schema, table: &Schema) -> Statistics {
    let rows = rows(footer);
    let columns: Vec<ColumnStatistics> = table.fields().iter().map(|field| column(footer, own, field, rows)).collect();
    let bytes: usize = columns.iter().filter_map(|column| column.byte_size.get_value()).sum();
    Statistics { num_rows: Precision::Exact(rows), total_byte_size: Precision::Inexact(bytes), column_statistics: columns }
}

/// The number of rows of a file.
pub(super) fn rows(footer: &ParquetMetaData) -> usize {
    footer.row_groups().iter().map(|group| count(group.num_rows())).sum()
}

/// Of a column that has the same value in every row.
pub(super) fn of_value(value: &ScalarValue, rows: usize) -> ColumnStatistics {
    let value = if rows == 0 { ScalarValue::try_from(&value.data_type()).unwrap_or(ScalarValue::Null) } else { value.clone() };
    let nulls = if value.is_null() { rows } else { 0 };
    ColumnStatistics {
        null_count: Precision::Exact(nulls),
        min_value: Precision::Exact(value.clone()),
        max_value: Precision::Exact(value.clone()),
        sum_value: Precision::Absent,
        distinct_count: Precision::Inexact(usize::from(!value.is_null())),
        byte_size: Precision::Inexact(value.data_type().primitive_width().unwrap_or(16) * rows),
    }
}

/// Of several files of one table with so many columns.
pub(super) fn of_all<'a>(files: impl IntoIterator<Item = &'a Statistics>, columns: usize) -> Statistics {
    let none = ColumnStatistics {
        null_count: Precision::Exact(0),
        min_value: Precision::Exact(ScalarValue::Null),
        max_value: Precision::Exact(ScalarValue::Null),
        sum_value: Precision::Absent,
        distinct_count: Precision::Inexact(0),
        byte_size: Precision::Inexact(0),
    };
    let none = Statistics { num_rows: Precision::Exact(0), total_byte_size: Precision::Inexact(0), column_statistics: vec![none; columns] };
    files.into_iter().fold(none, |all, file| Statistics {
        num_rows: all.num_rows.add(&file.num_rows),
        total_byte_size: all.total_byte_size.add(&file.total_byte_size),
        column_statistics: all.column_statistics.iter().zip(&file.column_statistics).map(|(one, two)| both(one, two)).collect(),
    })
}

fn both(one: &ColumnStatistics, two: &ColumnStatistics) -> ColumnStatistics {
    ColumnStatistics {
        null_count: one.null_count.add(&two.null_count),
        min_value: further(&one.min_value, &two.min_value, Ordering::Less),
        max_value: further(&one.max_value, &two.max_value, Ordering::Greater),
        sum_value: Precision::Absent,
        // At least as many as in one of them.
        distinct_count: one.distinct_count.max(&two.distinct_count).to_inexact(),
        byte_size: one.byte_size.add(&two.byte_size),
    }
}

/// The smaller, or the larger, of two extremes. One that is exactly null is that of no values.
fn further(one: &Precision<ScalarValue>, two: &Precision<ScalarValue>, wanted: Ordering) -> Precision<ScalarValue> {
    let is_none = |extreme: &Precision<ScalarValue>| matches!(extreme, Precision::Exact(value) if value.is_null());
    if is_none(one) {
        return two.clone();
    }
    if is_none(two) {
        return one.clone();
    }
    let (Some(first), Some(second)) = (one.get_value(), two.get_value()) else { return Precision::Absent };
    let Some(order) = second.partial_cmp(first) else { return Precision::Absent };
    let value = if order == wanted { second.clone() } else { first.clone() };
    match (one, two) {
        (Precision::Exact(_), Precision::Exact(_)) => Precision::Exact(value),
        _ => Precision::Inexact(value),
    }
}

/// Of one column of a file.
fn column(footer: &ParquetMetaData, own: &Schema, field: &Field, rows: usize) -> ColumnStatistics {
    let null = ScalarValue::try_from(field.data_type()).unwrap_or(ScalarValue::Null);
    let Ok(found) = own.field_with_name(field.name()) else { return of_value(&null, rows) };
    let mut known = ColumnStatistics::new_unknown().with_byte_size(Precision::Inexact(bytes(footer, found, rows)));
    let converter = StatisticsConverter::try_new(field.name(), own, footer.file_metadata().schema_descr()).ok();
    let Some((converter, at)) = converter.and_then(|converter| converter.parquet_column_index().map(|at| (converter, at))) else {
        return known;
    };
    let column = Column { groups: footer.row_groups(), at };
    known.null_count = column.nulls();
    let extreme = |values: parquet::errors::Result<ArrayRef>, wanted, is_exact: fn(&Known) -> bool| match values {
        Ok(values) => as_type(column.extreme(&values, wanted, is_exact, &null), found.data_type(), field.data_type(), wanted),
        Err(_) => Precision::Absent,
    };
    known.min_value = extreme(converter.row_group_mins(column.groups), Ordering::Less, Known::min_is_exact);
    known.max_value = extreme(converter.row_group_maxes(column.groups), Ordering::Greater, Known::max_is_exact);
    known
}

/// A column as the footer has it.
#[derive(Clone, Copy)]
struct Column<'a> {
    groups: &'a [RowGroupMetaData],
    at: usize,
}

impl Column<'_> {
    /// How many values of a row group are null, if that is said.
    fn nulls_of(&self, group: &RowGroupMetaData) -> Option<usize> {
        let chunk = group.column(self.at);
        if chunk.column_descr().max_def_level() == 0 {
            return Some(0);
        }
        chunk.statistics().and_then(Known::null_count_opt).and_then(|nulls| usize::try_from(nulls).ok())
    }

    fn nulls(&self) -> Precision<usize> {
        let all: Option<usize> = self.groups.iter().map(|group| self.nulls_of(group)).sum();
        all.map_or(Precision::Absent, Precision::Exact)
    }

    /// The smallest or the largest value of all row groups, of which each has one in `values`; `null` if there are no values.
    fn extreme(&self, values: &ArrayRef, wanted: Ordering, is_exact: fn(&Known) -> bool, null: &ScalarValue) -> Precision<ScalarValue> {
        let (mut best, mut all_exact): (Option<ScalarValue>, bool) = (None, true);
        for (nth, group) in self.groups.iter().enumerate() {
            if self.nulls_of(group) == Some(count(group.num_rows())) {
                continue;
            }
            let known = group.column(self.at).statistics();
            // Before the format said how values are ordered, some were as if they were signed.
            let is_ordered = |known: &&Known| !known.is_min_max_deprecated() || known.is_min_max_backwards_compatible();
            let Some(known) = known.filter(is_ordered) else { return Precision::Absent };
            let value = ScalarValue::try_from_array(values, nth).unwrap_or(ScalarValue::Null);
            if value.is_null() {
                return Precision::Absent;
            }
            // Only texts and bytes are ever cut.
            all_exact &= is_exact(known) || matches!(known.physical_type(), Type::BOOLEAN | Type::INT32 | Type::INT64);
            if best.as_ref().is_none_or(|best| value.partial_cmp(best) == Some(wanted)) {
                best = Some(value);
            }
        }
        match best {
            None => Precision::Exact(null.clone()),
            Some(value) if all_exact => Precision::Exact(value),
            Some(value) => Precision::Inexact(value),
        }
    }
}

/// An extreme of a column of the type `own`, read as `data_type`.
fn as_type(extreme: Precision<ScalarValue>, own: &DataType, data_type: &DataType, wanted: Ordering) -> Precision<ScalarValue> {
    let extreme = match extreme {
        // One of no values has the table's type already.
        Precision::Exact(value) if value.is_null() => return Precision::Exact(value),
        Precision::Exact(value) | Precision::Inexact(value) if own.is_floating() => match beyond(&value, wanted) {
            Some(value) => Precision::Inexact(value),
            None => return Precision::Absent,
        },
        other => other,
    };
    let is_monotonous = (own.is_numeric() && data_type.is_numeric()) || (own.is_string() && data_type.is_string());
    match own == data_type {
        true => extreme,
        false if is_monotonous => extreme.cast_to(data_type).unwrap_or(Precision::Absent),
        false => Precision::Absent,
    }
}

/// A float a little beyond an extreme, so that bounds never meet: DataFusion would conclude that all rows have that value.
fn beyond(value: &ScalarValue, wanted: Ordering) -> Option<ScalarValue> {
    let (up, down) = (|value: f64| value.next_up().next_up(), |value: f64| value.next_down().next_down());
    let (up_32, down_32) = (|value: f32| value.next_up().next_up(), |value: f32| value.next_down().next_down());
    match value {
        ScalarValue::Float64(Some(value)) => Some((if wanted == Ordering::Less { down(*value) } else { up(*value) }).into()),
        ScalarValue::Float32(Some(value)) => Some((if wanted == Ordering::Less { down_32(*value) } else { up_32(*value) }).into()),
        _ => None,
    }
}

/// Bytes that a column takes once it was decoded, roughly.
fn bytes(footer: &ParquetMetaData, field: &Field, rows: usize) -> usize {
    match (field.data_type(), field.data_type().primitive_width()) {
        (_, Some(width)) => return width * rows,
        (DataType::Boolean, _) => return rows.div_ceil(8),
        _ => {}
    }
    let of_group = |group: &RowGroupMetaData| {
        let own = group.columns().iter().filter(|chunk| chunk.column_path().parts().first() == Some(field.name()));
        own.map(|chunk| count(chunk.uncompressed_size())).sum::<usize>()
    };
    // A text is a view of 16 bytes, and the text.
    footer.row_groups().iter().map(of_group).sum::<usize>() + 16 * rows
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::plain::plain;
    use arrow_array::{BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray};
    use parquet::{
        arrow::{ArrowWriter, parquet_to_arrow_schema},
        file::{
            metadata::ParquetMetaDataReader,
            properties::{EnabledStatistics, WriterProperties},
        },
    };
    use std::sync::Arc;

    /// The footer of a file of these columns, a row group every `rows`.
    fn footer(columns: Vec<(&str, ArrayRef)>, rows: usize, statistics: EnabledStatistics) -> ParquetMetaData {
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows)).set_statistics_enabled(statistics);
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        ParquetMetaDataReader::new().parse_and_finish(&bytes::Bytes::from(writer.into_inner().unwrap())).unwrap()
    }

    fn of(footer: &ParquetMetaData) -> Statistics {
        let schema = parquet_to_arrow_schema(footer.file_metadata().schema_descr(), None).unwrap();
        let own = plain(&schema, true);
        of_file(footer, &own, &own)
    }

    #[test]
    fn counts_and_extremes_are_those_of_all_row_groups() {
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![Some(3), None, Some(7), Some(-2), None, None]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("b"), Some("a"), None, Some("c"), None, None]));
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true; 6]));
        for rows in 1..8 {
            let known =
                of(&footer(vec![("n", numbers.clone()), ("s", texts.clone()), ("f", flags.clone())], rows, EnabledStatistics::Page));
            assert_eq!(known.num_rows, Precision::Exact(6), "{rows}");
            let [n, s, f] = &known.column_statistics[..] else { panic!("three columns") };
            assert_eq!((n.null_count, s.null_count, f.null_count), (Precision::Exact(3), Precision::Exact(3), Precision::Exact(0)));
            assert_eq!(n.min_value, Precision::Exact(ScalarValue::Int32(Some(-2))));
            assert_eq!(n.max_value, Precision::Exact(ScalarValue::Int32(Some(7))));
            assert_eq!(s.max_value, Precision::Exact(ScalarValue::Utf8View(Some("c".into()))));
            assert_eq!(f.min_value, Precision::Exact(ScalarValue::Boolean(Some(true))));
            assert_eq!((n.byte_size, f.byte_size), (Precision::Inexact(4 * 6), Precision::Inexact(1)));
        }
    }

    #[test]
    fn extremes_of_floats_are_bounds_of_those_that_are_numbers() {
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, f64::NAN, 1.0]));
        let known = of(&footer(vec![("x", numbers)], 10, EnabledStatistics::Page));
        let column = &known.column_statistics[0];
        let bound = |bound: &Precision<ScalarValue>| match bound {
            Precision::Inexact(ScalarValue::Float64(Some(value))) => *value,
            other => panic!("{other:?}"),
        };
        assert!(bound(&column.min_value) < 1.0 && bound(&column.max_value) > 1.0);
    }

    #[test]
    fn long_texts_are_bounds_and_columns_without_statistics_unknown() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a".repeat(1000), "b".repeat(1000)]));
        let known = of(&footer(vec![("s", texts.clone())], 10, EnabledStatistics::Page));
        assert!(matches!(known.column_statistics[0].max_value, Precision::Inexact(_)), "{known:?}");
        let known = of(&footer(vec![("s", texts)], 10, EnabledStatistics::None));
        assert_eq!(known.num_rows, Precision::Exact(2));
        assert_eq!((&known.column_statistics[0].min_value, known.column_statistics[0].null_count), (&Precision::Absent, Precision::Absent));
    }

    #[test]
    fn a_column_is_null_where_it_is_missing_and_of_the_tables_type_where_that_is_wider() {
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![5, 4]));
        let footer = footer(vec![("n", numbers)], 10, EnabledStatistics::Page);
        let own = Schema::new(vec![Field::new("n", DataType::Int32, true)]);
        let table = Schema::new(vec![Field::new("n", DataType::Int64, true), Field::new("more", DataType::Utf8, true)]);
        let known = of_file(&footer, &own, &table);
        assert_eq!(known.column_statistics[0].max_value, Precision::Exact(ScalarValue::Int64(Some(5))));
        assert_eq!(known.column_statistics[1].null_count, Precision::Exact(2));
        assert_eq!(known.column_statistics[1].max_value, Precision::Exact(ScalarValue::Utf8(None)));
    }

    #[test]
    fn files_without_values_do_not_change_extremes() {
        let of_numbers =
            |numbers: Vec<Option<i32>>| of(&footer(vec![("n", Arc::new(Int32Array::from(numbers)))], 2, EnabledStatistics::Page));
        let files = [of_numbers(vec![None, None]), of_numbers(vec![Some(3), Some(9), None]), of_numbers(vec![]), of_numbers(vec![Some(4)])];
        let all = of_all(&files, 1);
        assert_eq!(all.num_rows, Precision::Exact(6));
        assert_eq!(all.column_statistics[0].null_count, Precision::Exact(3));
        assert_eq!(all.column_statistics[0].min_value, Precision::Exact(ScalarValue::Int32(Some(3))));
        assert_eq!(all.column_statistics[0].max_value, Precision::Exact(ScalarValue::Int32(Some(9))));
        let unknown = Statistics::new_unknown(&Schema::new(vec![Field::new("n", DataType::Int32, true)]));
        let all = of_all(files.iter().chain([&unknown]), 1);
        assert_eq!((all.num_rows, &all.column_statistics[0].max_value), (Precision::Absent, &Precision::Absent));
    }
}
