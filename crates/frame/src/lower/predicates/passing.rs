//! [`Passing`]: the condition of a filter, evaluated for what a filter asks, which is the rows for which it is true.
//!
//! Where neither a conjunction nor an alternative is negated, a part that is null may as well be false: the same rows pass. So
//! truths are bits without nulls. Parts that are cheap and cannot fail are evaluated for whole batches: to pick rows would
//! take longer, but for texts where hardly any row is left. Then come the others, in their order: for all rows, or, as soon as
//! a fifth of the batch is left or less, for what is left. That is how DataFusion evaluates conjunctions too, but it picks rows of a batch for every conjunct anew,
//! also for one that takes an instruction a row, and picks none where a null may be among the truths. So what may fail is
//! evaluated for no row that DataFusion would not have evaluated it for.

use super::{comparisons::with_texts, cost::Cost};
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use arrow_schema::{DataType, Schema};
use arrow_select::filter::filter_record_batch;
use datafusion::{
    common::{Result as DfResult, ScalarValue, cast::as_boolean_array},
    logical_expr::{ColumnarValue, Operator},
    physical_expr::{PhysicalExpr, expressions::BinaryExpr, split_conjunction, utils::split_disjunction},
    physical_expr_common::physical_expr::is_volatile,
};
use std::{
    fmt,
    hash::{Hash, Hasher},
    mem,
    sync::Arc,
};

/// Of so many rows at most one is left where rows are picked: DataFusion's measure.
const ONE_OF: usize = 5;
/// The same for texts, many of which are compared in the time in which one row is picked.
const ONE_OF_TEXTS: usize = 64;

/// Which rows pass a filter.
#[derive(Debug)]
pub(super) struct Passing {
    written: Arc<dyn PhysicalExpr>,
    /// What is cheap.
    test: Test,
    /// What is not, or may fail, behind its measure of when rows are picked for it.
    others: Vec<(usize, Test)>,
}

impl Passing {
    /// The condition of a filter over rows of this schema, unless nothing is gained.
    pub(super) fn of(written: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Option<Self> {
        if is_volatile(written) {
            return None;
        }
        let conjuncts = split_conjunction(written);
        let mut is_faster = conjuncts.len() > 1;
        let (mut tests, mut texts, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for conjunct in conjuncts {
            let made = with_texts(conjunct, schema);
            is_faster |= !Arc::ptr_eq(&made, conjunct);
            match Cost::of(conjunct, schema) {
                Cost::Constants | Cost::Columns => tests.push(Test::of(&made)),
                Cost::Texts => texts.push((ONE_OF_TEXTS, Test::of(&made))),
                Cost::Other => others.push((ONE_OF, Test::One(made))),
            }
        }
        is_faster |= tests.iter().any(|test| matches!(test, Test::Any(_)));
        texts.append(&mut others);
        is_faster.then(|| Passing { written: written.clone(), test: Test::All(tests), others: texts })
    }
}

/// A condition that is evaluated for whole batches.
#[derive(Debug)]
enum Test {
    One(Arc<dyn PhysicalExpr>),
    All(Vec<Test>),
    Any(Vec<Test>),
}

impl Test {
    fn of(expr: &Arc<dyn PhysicalExpr>) -> Self {
        match expr.downcast_ref::<BinaryExpr>().map(BinaryExpr::op) {
            Some(Operator::And) => Test::All(split_conjunction(expr).into_iter().map(Test::of).collect()),
            Some(Operator::Or) => Test::Any(split_disjunction(expr).into_iter().map(Test::of).collect()),
            _ => Test::One(expr.clone()),
        }
    }

    /// The rows that pass.
    fn rows(&self, batch: &RecordBatch) -> DfResult<BooleanBuffer> {
        match self {
            Test::One(expr) => surely(expr.evaluate(batch)?, batch.num_rows()),
            Test::All(tests) => {
                let mut passing = BooleanBuffer::new_set(batch.num_rows());
                for test in tests {
                    if !passing.has_true() {
                        break;
                    }
                    passing &= &test.rows(batch)?;
                }
                Ok(passing)
            }
            Test::Any(tests) => {
                let mut passing = BooleanBuffer::new_unset(batch.num_rows());
                for test in tests {
                    if !passing.has_false() {
                        break;
                    }
                    passing |= &test.rows(batch)?;
                }
                Ok(passing)
            }
        }
    }
}

/// The rows for which a truth is neither false nor null.
fn surely(truths: ColumnarValue, rows: usize) -> DfResult<BooleanBuffer> {
    match truths {
        ColumnarValue::Scalar(ScalarValue::Boolean(Some(true))) => Ok(BooleanBuffer::new_set(rows)),
        ColumnarValue::Scalar(_) => Ok(BooleanBuffer::new_unset(rows)),
        ColumnarValue::Array(array) => {
            let truths = as_boolean_array(&array)?;
            Ok(match truths.nulls() {
                Some(known) => truths.values() & known.inner(),
                None => truths.values().clone(),
            })
        }
    }
}

/// Of the rows that `outer` picks, those that `inner` does: as rows among which `outer` picks.
fn within(outer: &BooleanBuffer, inner: &BooleanBuffer) -> BooleanBuffer {
    let mut rows = BooleanBufferBuilder::new(outer.len());
    rows.append_n(outer.len(), false);
    outer.set_indices().zip(inner).filter(|(_, passes)| *passes).for_each(|(row, _)| rows.set_bit(row, true));
    rows.finish()
}

impl PhysicalExpr for Passing {
    fn data_type(&self, _: &Schema) -> DfResult<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, _: &Schema) -> DfResult<bool> {
        Ok(false)
    }

    fn evaluate(&self, batch: &RecordBatch) -> DfResult<ColumnarValue> {
        let mut passing = self.test.rows(batch)?;
        let (mut picked, mut rows) = (Vec::new(), batch.clone());
        for (one_of, other) in &self.others {
            let left = passing.count_set_bits();
            if left == 0 {
                break;
            }
            if left < rows.num_rows() && left * one_of <= batch.num_rows() {
                rows = filter_record_batch(&rows, &BooleanArray::new(passing.clone(), None))?;
                picked.push(mem::replace(&mut passing, BooleanBuffer::new_set(left)));
            }
            passing &= &other.rows(&rows)?;
        }
        let passing = picked.iter().rfold(passing, |inner, outer| within(outer, &inner));
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::new(passing, None))))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.written]
    }

    /// The condition itself says the same of all rows that pass.
    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> DfResult<Arc<dyn PhysicalExpr>> {
        Ok(children.into_iter().next().unwrap_or(self))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt_sql(f)
    }
}

/// As it was written: plans say what is asked of rows.
impl fmt::Display for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.written, f)
    }
}

impl PartialEq for Passing {
    fn eq(&self, other: &Self) -> bool {
        self.written.eq(&other.written)
    }
}

impl Eq for Passing {}

impl Hash for Passing {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.written.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array, StringViewArray};
    use datafusion::physical_expr::expressions::{Column, LikeExpr, NotExpr, lit};

    fn column(at: usize) -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new(["x", "y", "s"][at], at))
    }

    fn binary(left: Arc<dyn PhysicalExpr>, operator: Operator, right: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
        Arc::new(BinaryExpr::new(left, operator, right))
    }

    fn number(at: usize, operator: Operator, number: i64) -> Arc<dyn PhysicalExpr> {
        binary(column(at), operator, lit(number))
    }

    fn text(text: &str) -> Arc<dyn PhysicalExpr> {
        lit(ScalarValue::Utf8View(Some(text.to_owned())))
    }

    fn is(one: &str) -> Arc<dyn PhysicalExpr> {
        binary(column(2), Operator::Eq, text(one))
    }

    /// `10 / x > 1`.
    fn ratio() -> Arc<dyn PhysicalExpr> {
        binary(binary(lit(10i64), Operator::Divide, column(0)), Operator::Gt, lit(1i64))
    }

    fn and(left: Arc<dyn PhysicalExpr>, right: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
        binary(left, Operator::And, right)
    }

    fn or(left: Arc<dyn PhysicalExpr>, right: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
        binary(left, Operator::Or, right)
    }

    const TEXTS: [&str; 4] = ["MAIL", "SHIP", "a text that is long", "a text that is long, too"];

    /// Of a thousand rows: `x`, nine tenths of which are zero, `y`, and a text; the last two are null now and then.
    fn values(row: usize) -> (i64, Option<i64>, Option<&'static str>) {
        let x = if row.is_multiple_of(10) { row as i64 / 10 % 13 + 1 } else { 0 };
        let y = (!row.is_multiple_of(7)).then_some(row as i64 % 9);
        (x, y, (!row.is_multiple_of(11)).then_some(TEXTS[(row + row / 10) % 5 % 4]))
    }

    fn batch(rows: usize) -> RecordBatch {
        let columns: [(&str, ArrayRef, bool); 3] = [
            ("x", Arc::new((0..rows).map(|row| Some(values(row).0)).collect::<Int64Array>()), false),
            ("y", Arc::new((0..rows).map(|row| values(row).1).collect::<Int64Array>()), true),
            ("s", Arc::new((0..rows).map(|row| values(row).2).collect::<StringViewArray>()), true),
        ];
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }

    /// The rows for which a condition is true.
    fn passing(condition: &dyn PhysicalExpr, batch: &RecordBatch) -> DfResult<Vec<usize>> {
        let truths = condition.evaluate(batch)?.into_array(batch.num_rows())?;
        let truths = as_boolean_array(&truths)?;
        Ok(truths.iter().enumerate().filter(|(_, truth)| *truth == Some(true)).map(|(row, _)| row).collect())
    }

    fn of(condition: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Passing {
        Passing::of(condition, &batch.schema()).unwrap()
    }

    #[test]
    fn the_rows_that_pass_are_those_of_plain_conditions() {
        type Passes = fn((i64, Option<i64>, Option<&str>)) -> bool;
        let none_of: Arc<dyn PhysicalExpr> = Arc::new(NotExpr::new(or(is("MAIL"), is(TEXTS[3]))));
        let pattern = |pattern: &str| -> Arc<dyn PhysicalExpr> { Arc::new(LikeExpr::new(false, false, column(2), text(pattern))) };
        let larger = |number| self::number(1, Operator::Gt, number);
        let there = || number(0, Operator::NotEq, 0);
        let cases: [(Arc<dyn PhysicalExpr>, Passes); 16] = [
            (is("SHIP"), |(_, _, s)| s == Some("SHIP")),
            (or(is("SHIP"), is(TEXTS[2])), |(_, _, s)| s == Some("SHIP") || s == Some(TEXTS[2])),
            (and(larger(2), is("MAIL")), |(_, y, s)| y > Some(2) && s == Some("MAIL")),
            // Null or true is true.
            (or(larger(2), is("MAIL")), |(_, y, s)| y > Some(2) || s == Some("MAIL")),
            (and(or(larger(6), is("MAIL")), or(is(TEXTS[3]), there())), |(x, y, s)| {
                (y > Some(6) || s == Some("MAIL")) && (s == Some(TEXTS[3]) || x != 0)
            }),
            (none_of, |(_, _, s)| s.is_some_and(|s| s != "MAIL" && s != TEXTS[3])),
            (and(pattern("a text%"), larger(3)), |(_, y, s)| s.is_some_and(|s| s.starts_with("a text")) && y > Some(3)),
            (and(and(there(), pattern("a text%")), ratio()), |(x, _, s)| {
                x != 0 && s.is_some_and(|s| s.starts_with("a text")) && 10 / x > 1
            }),
            (and(and(there(), ratio()), larger(3)), |(x, y, _)| x != 0 && 10 / x > 1 && y > Some(3)),
            (and(larger(100), ratio()), |_| false),
            (pattern("%x%lo%too"), |(_, _, s)| s == Some(TEXTS[3])),
            (Arc::new(NotExpr::new(pattern("a%that%g"))), |(_, _, s)| s.is_some_and(|s| s != TEXTS[2])),
            (or(larger(6), pattern("%x%lo%too")), |(_, y, s)| y > Some(6) || s == Some(TEXTS[3])),
            (and(and(there(), ratio()), pattern("%A%L")), |(x, _, s)| x != 0 && 10 / x > 1 && s == Some("MAIL")),
            // So few are left that texts are looked at in picked rows.
            (and(number(0, Operator::Eq, 13), or(is("MAIL"), is("SHIP"))), |(x, _, s)| {
                x == 13 && s.is_some_and(|s| s == "MAIL" || s == "SHIP")
            }),
            // What guards on the right is not kept from it by the nulls on the left.
            (or(is("MAIL"), or(number(0, Operator::Eq, 0), ratio())), |(x, _, s)| s == Some("MAIL") || x == 0 || 10 / x > 1),
        ];
        for rows in [0, 1, 64, 1000] {
            let batch = batch(rows);
            for (condition, passes) in &cases {
                // Few rows may be many of them, and then those without `x` are divided by too.
                if rows < 64 && condition.to_string().contains('/') {
                    continue;
                }
                let expected: Vec<usize> = (0..rows).filter(|row| passes(values(*row))).collect();
                assert_eq!(passing(&of(condition, &batch), &batch).unwrap(), expected, "{condition} of {rows}");
            }
        }
    }

    #[test]
    fn rows_that_are_picked_twice_are_found_again() {
        let batch = batch(1000);
        let like = |pattern: &str| -> Arc<dyn PhysicalExpr> { Arc::new(LikeExpr::new(false, false, column(2), text(pattern))) };
        let condition = and(and(and(number(0, Operator::NotEq, 0), like("a%")), ratio()), like("%too"));
        let passes = |row: &usize| {
            let (x, _, s) = values(*row);
            x != 0 && s == Some(TEXTS[3]) && 10 / x > 1
        };
        let expected: Vec<usize> = (0..1000).filter(passes).collect();
        assert!(!expected.is_empty());
        assert_eq!(passing(&of(&condition, &batch), &batch).unwrap(), expected);
        // A batch that begins within another.
        let later = batch.slice(333, 501);
        let expected: Vec<usize> = expected.iter().filter(|row| (333..834).contains(*row)).map(|row| row - 333).collect();
        assert_eq!(passing(&of(&condition, &later), &later).unwrap(), expected);
    }

    #[test]
    fn a_null_does_not_take_a_guard_away() {
        let batch = batch(1000);
        let guarded = and(and(number(0, Operator::NotEq, 0), number(1, Operator::Gt, 3)), ratio());
        assert!(passing(guarded.as_ref(), &batch).is_err(), "DataFusion evaluates it for all rows");
        assert!(passing(&of(&guarded, &batch), &batch).is_ok());
        let bare = and(ratio(), is("MAIL"));
        assert!(passing(&of(&bare, &batch), &batch).is_err(), "more than one in five are left");
    }

    #[test]
    fn nothing_is_made_of_what_is_fast_as_it_is() {
        let schema = batch(1).schema();
        for condition in [number(0, Operator::Gt, 1), ratio()] {
            assert!(Passing::of(&condition, &schema).is_none(), "{condition}");
        }
        let condition = and(number(0, Operator::Gt, 1), ratio());
        assert_eq!(of(&condition, &batch(1)).to_string(), condition.to_string());
    }
}
