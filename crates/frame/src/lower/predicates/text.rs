//! [`TextIn`]: whether texts are one of a few constants, in one pass over them.
//!
//! A view of a text is 16 bytes: its length, and all of it if it has at most 12 bytes, else its first four and where the rest
//! is. So a text equals a short constant if its view does, which is a comparison of two numbers, and no text of another length
//! or beginning is looked at for a long one.

use crate::error::to_datafusion;
use arrow_array::{
    Array, BooleanArray, GenericStringArray, OffsetSizeTrait, RecordBatch, StringViewArray, builder::make_view, cast::AsArray,
};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Schema};
use datafusion::{common::Result as DfResult, logical_expr::ColumnarValue, physical_expr::PhysicalExpr};
use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use stratal_core::Error;

/// How many bytes a view holds.
const IN_VIEW: usize = 12;

/// Whether a column of texts is one of these, or none of them. Null where the column is.
#[derive(Debug)]
pub(super) struct TextIn {
    column: Arc<dyn PhysicalExpr>,
    texts: Vec<String>,
    is_negated: bool,
    /// The views of those that fit into one.
    short: Vec<u128>,
    /// The others, behind the first half of their views: length and beginning.
    long: Vec<(u64, String)>,
}

impl TextIn {
    /// Whether the texts of `column` are among `texts`, or are not.
    pub(super) fn new(column: Arc<dyn PhysicalExpr>, texts: Vec<String>, is_negated: bool) -> Self {
        let view = |text: &String| make_view(text.as_bytes(), 0, 0);
        let (short, long): (Vec<&String>, Vec<&String>) = texts.iter().partition(|text| text.len() <= IN_VIEW);
        let short = short.into_iter().map(view).collect();
        let long = long.into_iter().map(|text| (view(text) as u64, text.clone())).collect();
        TextIn { column, texts, is_negated, short, long }
    }

    fn of_views(&self, array: &StringViewArray) -> BooleanBuffer {
        // Texts that are all in their views are no long ones.
        let long: &[(u64, String)] = if array.data_buffers().is_empty() { &[] } else { &self.long };
        let words = array.views().chunks(64).enumerate().map(|(chunk, views)| {
            let mut word = self.short.iter().fold(0u64, |word, text| word | bits(views, |view| view == *text));
            for (head, text) in long {
                let mut candidates = bits(views, |view| view as u64 == *head);
                while candidates != 0 {
                    let bit = candidates.trailing_zeros();
                    candidates &= candidates - 1;
                    word |= u64::from(array.value(chunk * 64 + bit as usize) == text) << bit;
                }
            }
            if self.is_negated { !word } else { word }
        });
        let words: Vec<u64> = words.collect();
        BooleanBuffer::new(words.into(), 0, array.len())
    }

    fn of_strings<O: OffsetSizeTrait>(&self, array: &GenericStringArray<O>) -> BooleanBuffer {
        let is_one = |value: &str| self.texts.iter().any(|text| text == value);
        BooleanBuffer::collect_bool(array.len(), |row| is_one(array.value(row)) != self.is_negated)
    }
}

/// Which of up to 64 views pass, the first in the lowest bit.
fn bits(views: &[u128], passes: impl Fn(u128) -> bool) -> u64 {
    views.iter().enumerate().fold(0, |word, (bit, view)| word | (u64::from(passes(*view)) << bit))
}

impl PhysicalExpr for TextIn {
    fn data_type(&self, _: &Schema) -> DfResult<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, schema: &Schema) -> DfResult<bool> {
        self.column.nullable(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> DfResult<ColumnarValue> {
        let array = self.column.evaluate(batch)?.into_array(batch.num_rows())?;
        let values = match array.data_type() {
            DataType::Utf8View => self.of_views(array.as_string_view()),
            DataType::Utf8 => self.of_strings(array.as_string::<i32>()),
            DataType::LargeUtf8 => self.of_strings(array.as_string::<i64>()),
            other => return Err(to_datafusion(Error::internal(format!("a column that should be text is {other}")))),
        };
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::new(values, array.nulls().cloned()))))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.column]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> DfResult<Arc<dyn PhysicalExpr>> {
        let column = children.into_iter().next().unwrap_or_else(|| self.column.clone());
        Ok(Arc::new(TextIn::new(column, self.texts.clone(), self.is_negated)))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.column.fmt_sql(f)?;
        write!(f, "{}", Listed(self))
    }
}

impl fmt::Display for TextIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.column, Listed(self))
    }
}

/// What is said of the column.
struct Listed<'a>(&'a TextIn);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = if self.0.is_negated { " NOT" } else { "" };
        write!(f, "{not} IN ({})", self.0.texts.join(", "))
    }
}

impl PartialEq for TextIn {
    fn eq(&self, other: &Self) -> bool {
        self.column.eq(&other.column) && self.texts == other.texts && self.is_negated == other.is_negated
    }
}

impl Eq for TextIn {}

impl Hash for TextIn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.column.hash(state);
        self.texts.hash(state);
        self.is_negated.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, LargeStringArray, StringArray, builder::StringViewBuilder};
    use arrow_schema::Field;
    use datafusion::{
        common::ScalarValue,
        logical_expr::Operator,
        physical_expr::expressions::{BinaryExpr, Column, in_list, lit},
    };
    use proptest::prelude::*;

    /// Views into several small buffers.
    fn views(values: &[Option<String>]) -> StringViewArray {
        let mut builder = StringViewBuilder::new().with_fixed_block_size(32);
        values.iter().for_each(|value| builder.append_option(value.as_deref()));
        builder.finish()
    }

    fn truths(expr: &dyn PhysicalExpr, batch: &RecordBatch) -> Vec<Option<bool>> {
        let values = expr.evaluate(batch).unwrap().into_array(batch.num_rows()).unwrap();
        values.as_boolean().iter().collect()
    }

    /// Compares with what DataFusion says of the same array, by a list and by a chain of comparisons.
    fn check(array: ArrayRef, texts: &[String], constant: fn(String) -> ScalarValue) {
        let schema = Arc::new(Schema::new(vec![Field::new("s", array.data_type().clone(), true)]));
        let batch = RecordBatch::try_new(schema.clone(), vec![array]).unwrap();
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new("s", 0));
        let constants: Vec<Arc<dyn PhysicalExpr>> = texts.iter().map(|text| lit(constant(text.clone()))).collect();
        for is_negated in [false, true] {
            let given = truths(&TextIn::new(column.clone(), texts.to_vec(), is_negated), &batch);
            let list = in_list(column.clone(), constants.clone(), &is_negated, &schema).unwrap();
            assert_eq!(given, truths(list.as_ref(), &batch), "{list} {batch:?}");
            let (compare, join) = if is_negated { (Operator::NotEq, Operator::And) } else { (Operator::Eq, Operator::Or) };
            let compared = constants.iter().map(|constant| {
                let comparison = BinaryExpr::new(column.clone(), compare, constant.clone());
                Arc::new(comparison) as Arc<dyn PhysicalExpr>
            });
            let joined = |left, right| -> Arc<dyn PhysicalExpr> { Arc::new(BinaryExpr::new(left, join, right)) };
            let chain = compared.reduce(joined).unwrap();
            assert_eq!(given, truths(chain.as_ref(), &batch), "{chain} {batch:?}");
        }
    }

    /// The same texts in all three forms, and without some rows at both ends.
    fn check_all(values: &[Option<String>], texts: &[String], cut: usize) {
        let cut = cut.min(values.len());
        let length = (values.len() - cut).saturating_sub(cut / 2);
        for (from, length) in [(0, values.len()), (cut, length)] {
            check(Arc::new(views(values).slice(from, length)), texts, |text| ScalarValue::Utf8View(Some(text)));
            let strings: StringArray = values.iter().map(Option::as_deref).collect();
            check(Arc::new(strings.slice(from, length)), texts, |text| ScalarValue::Utf8(Some(text)));
            let strings: LargeStringArray = values.iter().map(Option::as_deref).collect();
            check(Arc::new(strings.slice(from, length)), texts, |text| ScalarValue::LargeUtf8(Some(text)));
        }
    }

    #[test]
    fn texts_around_the_size_of_a_view_are_told_apart() {
        let all: Vec<String> = (0..=20).flat_map(|length| ["a", "b"].map(|last| "a".repeat(length) + last)).collect();
        let values: Vec<Option<String>> = all.iter().cloned().map(Some).chain([None, Some(String::new())]).collect();
        for text in &all {
            check_all(&values, std::slice::from_ref(text), 7);
        }
        check_all(&values, &all[20..36], 3);
        check_all(&values, &[String::new()], 3);
    }

    #[test]
    fn a_column_without_rows_or_without_values_gives_as_much() {
        check_all(&[], &["a".to_owned()], 0);
        let nothing: Vec<Option<String>> = vec![None; 130];
        check_all(&nothing, &[String::new(), "a".to_owned()], 65);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn all_texts_are_what_datafusion_says(
            values in prop::collection::vec(prop::option::of("a{0,14}[abä]{0,6}"), 0..200),
            others in prop::collection::vec("a{0,14}[abä]{0,6}", 1..8),
            (from, cut) in (0usize..100, 0usize..80),
        ) {
            // Some that are there, and some that may not be.
            let texts: Vec<String> = values.iter().skip(from).flatten().take(8).chain(&others).cloned().collect();
            check_all(&values, &texts, cut);
        }
    }
}
