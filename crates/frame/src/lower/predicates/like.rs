//! [`TextLike`]: whether texts are like a pattern of several texts, which are looked for one after another.
//!
//! Where a pattern has no `_` and no `\`, it is texts between which is anything. What is in front of the first `%` is how a text
//! begins, what is behind the last one is how it ends, and the others are somewhere between, in their order. Each of them is
//! taken where it is found first: what is left for those after it is then as long as can be. A regular expression, which is what
//! DataFusion makes of such a pattern for every batch, steps through all bytes instead.

use crate::error::to_datafusion;
use arrow_array::{ArrayAccessor, BooleanArray, RecordBatch, cast::AsArray};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Schema};
use datafusion::{common::Result as DfResult, logical_expr::ColumnarValue, physical_expr::PhysicalExpr};
use memchr::memmem::Finder;
use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use stratal_core::Error;

/// Whether texts are like a pattern, or are not. Null where the text is.
#[derive(Debug)]
pub(super) struct TextLike {
    texts: Arc<dyn PhysicalExpr>,
    pattern: Pattern,
    is_negated: bool,
}

impl TextLike {
    /// Whether `texts` are like the pattern, or are not; nothing, if the pattern is none of several texts.
    pub(super) fn of(texts: Arc<dyn PhysicalExpr>, pattern: &str, is_negated: bool) -> Option<Self> {
        Some(TextLike { texts, pattern: Pattern::of(pattern)?, is_negated })
    }

    fn values<'a>(&self, texts: impl ArrayAccessor<Item = &'a str>) -> BooleanBuffer {
        BooleanBuffer::collect_bool(texts.len(), |row| self.pattern.fits(texts.value(row)) != self.is_negated)
    }
}

/// Texts between which is anything.
#[derive(Clone, Debug)]
struct Pattern {
    written: String,
    /// How a text begins and ends. Empty, if it may as it likes.
    start: String,
    end: String,
    /// What is between the two, in this order.
    between: Vec<Finder<'static>>,
    /// No text of fewer bytes fits.
    shortest: usize,
}

impl Pattern {
    /// A pattern, unless it has `_` or `\`, or `%` only at its ends: what DataFusion makes of these needs no regular expression.
    fn of(written: &str) -> Option<Self> {
        let inner = written.strip_prefix('%').unwrap_or(written);
        let inner = inner.strip_suffix('%').unwrap_or(inner);
        if !inner.contains('%') || written.contains(['_', '\\']) {
            return None;
        }
        let (start, rest) = written.split_once('%')?;
        let (between, end) = rest.rsplit_once('%').unwrap_or(("", rest));
        let between = between.split('%').filter(|text| !text.is_empty()).map(|text| Finder::new(text).into_owned());
        Some(Pattern {
            written: written.to_owned(),
            start: start.to_owned(),
            end: end.to_owned(),
            between: between.collect(),
            shortest: written.bytes().filter(|byte| *byte != b'%').count(),
        })
    }

    fn fits(&self, text: &str) -> bool {
        if text.len() < self.shortest {
            return false;
        }
        // The end is no part of the start: `ab%ba` is not what `aba` is like.
        let rest = text.strip_prefix(self.start.as_str()).and_then(|rest| rest.strip_suffix(self.end.as_str()));
        let Some(mut rest) = rest.map(str::as_bytes) else { return false };
        for next in &self.between {
            let Some(at) = next.find(rest) else { return false };
            rest = &rest[at + next.needle().len()..];
        }
        true
    }
}

impl PhysicalExpr for TextLike {
    fn data_type(&self, _: &Schema) -> DfResult<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, schema: &Schema) -> DfResult<bool> {
        self.texts.nullable(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> DfResult<ColumnarValue> {
        let array = self.texts.evaluate(batch)?.into_array(batch.num_rows())?;
        let values = match array.data_type() {
            DataType::Utf8View => self.values(array.as_string_view()),
            DataType::Utf8 => self.values(array.as_string::<i32>()),
            DataType::LargeUtf8 => self.values(array.as_string::<i64>()),
            other => return Err(to_datafusion(Error::internal(format!("values that should be texts are {other}")))),
        };
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::new(values, array.nulls().cloned()))))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.texts]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> DfResult<Arc<dyn PhysicalExpr>> {
        let texts = children.into_iter().next().unwrap_or_else(|| self.texts.clone());
        Ok(Arc::new(TextLike { texts, pattern: self.pattern.clone(), is_negated: self.is_negated }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.texts.fmt_sql(f)?;
        write!(f, "{}", Asked(self))
    }
}

impl fmt::Display for TextLike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.texts, Asked(self))
    }
}

/// What is asked of the texts.
struct Asked<'a>(&'a TextLike);

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = if self.0.is_negated { " NOT" } else { "" };
        write!(f, "{not} LIKE {}", self.0.pattern.written)
    }
}

impl PartialEq for TextLike {
    fn eq(&self, other: &Self) -> bool {
        self.texts.eq(&other.texts) && self.pattern.written == other.pattern.written && self.is_negated == other.is_negated
    }
}

impl Eq for TextLike {}

impl Hash for TextLike {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.texts.hash(state);
        self.pattern.written.hash(state);
        self.is_negated.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, LargeStringArray, StringArray, builder::StringViewBuilder};
    use datafusion::{
        common::ScalarValue,
        physical_expr::expressions::{Column, LikeExpr, lit},
    };
    use proptest::prelude::*;

    /// The same texts in all three forms. The views are into several small buffers.
    fn arrays(values: &[Option<String>]) -> [ArrayRef; 3] {
        let mut views = StringViewBuilder::new().with_fixed_block_size(32);
        values.iter().for_each(|value| views.append_option(value.as_deref()));
        let strings: StringArray = values.iter().map(Option::as_deref).collect();
        let large: LargeStringArray = values.iter().map(Option::as_deref).collect();
        [Arc::new(views.finish()), Arc::new(strings), Arc::new(large)]
    }

    fn truths(expr: &dyn PhysicalExpr, array: &ArrayRef) -> Vec<Option<bool>> {
        let batch = RecordBatch::try_from_iter_with_nullable([("s", array.clone(), true)]).unwrap();
        let values = expr.evaluate(&batch).unwrap().into_array(batch.num_rows()).unwrap();
        values.as_boolean().iter().collect()
    }

    /// Compares with what DataFusion says of the same texts, and of those without some rows at both ends.
    fn check(values: &[Option<String>], pattern: &str, cut: usize) {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new("s", 0));
        let cut = cut.min(values.len());
        let length = (values.len() - cut).saturating_sub(cut / 2);
        for is_negated in [false, true] {
            let own = TextLike::of(column.clone(), pattern, is_negated).unwrap();
            for array in arrays(values) {
                let constant = ScalarValue::Utf8(Some(pattern.to_owned())).cast_to(array.data_type()).unwrap();
                let like = LikeExpr::new(is_negated, false, column.clone(), lit(constant));
                for array in [array.slice(cut, length), array] {
                    assert_eq!(truths(&own, &array), truths(&like, &array), "{like} of {array:?}");
                }
            }
        }
    }

    #[test]
    fn texts_are_found_in_their_order_and_do_not_overlap() {
        let fits = |pattern: &str, text: &str| Pattern::of(pattern).unwrap().fits(text);
        let comment = "the special packages sleep above the final requests";
        assert!(fits("%special%requests%", comment));
        assert!(!fits("%requests%special%", comment));
        assert!(!fits("special%requests", comment));
        assert!(fits("the%special%requests", comment));
        assert!(fits("ab%ba", "abba") && fits("ab%ba", "ab-ba"));
        assert!(!fits("ab%ba", "aba") && !fits("%ab%ba%", "aba"));
        // The end is not taken for what is between, nor is the start.
        assert!(!fits("a%b%b", "ab") && fits("a%b%b", "abb"));
        assert!(!fits("a%a%b", "ab") && fits("a%a%b", "aab"));
        assert!(fits("%a%a%", "aa") && !fits("%a%a%", "a"));
        assert!(fits("a%ä%\n", "a.ä.\n.\n") && !fits("a%ä%\n", "a.a.\n"));
        assert!(fits("%%%", "") && fits("a%%b", "ab") && !fits("a%%b", "a"));
    }

    #[test]
    fn only_patterns_of_several_texts_are_taken() {
        for pattern in ["%a%b%", "a%b", "a%b%", "%a%b", "a%b%c", "%%a%", "a%%", "%%%", "a%.*%b"] {
            assert!(Pattern::of(pattern).is_some(), "{pattern}");
        }
        for pattern in ["", "a", "%", "%%", "a%", "%a", "%a%", "a_b%c", "%a%b_", r"%a\%b%c%", r"a%b\"] {
            assert!(Pattern::of(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn texts_of_all_lengths_are_what_datafusion_says() {
        let texts = ["", "a", "ab", "aba", "abba", "a\nb", "a%b", "a.b", "äb", "aäb", "a text that is long", "a text\nthat is longer"];
        let values: Vec<Option<String>> = texts.iter().map(|text| Some(text.to_string())).chain([None]).collect();
        for pattern in ["a%b", "ab%ba", "%a%b%", "%%%", "a%%", "%%a", "%%b%%", "a%t%long%", "%.%b", "a%ä%b", "%text%that%", "%\n%r"] {
            check(&values, pattern, 3);
        }
    }

    #[test]
    fn a_column_without_rows_or_without_values_gives_as_much() {
        check(&[], "%a%b%", 0);
        let nothing: Vec<Option<String>> = vec![None; 130];
        check(&nothing, "%a%b%", 65);
        check(&nothing, "%%%", 65);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn all_texts_are_what_datafusion_says(
            values in prop::collection::vec(prop::option::of("[abä.%\n]{0,16}"), 0..150),
            parts in prop::collection::vec("[abä.\n]{0,2}", 4..7),
            cut in 0usize..80,
        ) {
            check(&values, &parts.join("%"), cut);
        }

        #[test]
        fn texts_which_begin_and_end_as_they_should_are_what_datafusion_says(
            values in prop::collection::vec(prop::option::of("a?b?(ab|ba|ä){0,5}b?a?"), 0..80),
            (start, between, end) in ("[ab]{1,2}", prop::option::of("[abä]{0,2}"), "[ab]{1,2}"),
            cut in 0usize..40,
        ) {
            let parts = [Some(start), between, Some(end)];
            check(&values, &parts.into_iter().flatten().collect::<Vec<_>>().join("%"), cut);
        }
    }
}
