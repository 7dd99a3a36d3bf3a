//! Conditions in which texts are compared with constants: by [`TextIn`] `=`, `<>`, `IN`, and alternatives of one column, which are
//! looked for all at once, and by [`TextLike`] `LIKE` with a pattern of several texts.

use super::{
    cost::{column_type, operands},
    like::TextLike,
    text::TextIn,
};
use arrow_schema::{DataType, Schema};
use datafusion::{
    logical_expr::Operator,
    physical_expr::{
        PhysicalExpr,
        expressions::{BinaryExpr, InListExpr, LikeExpr, Literal, NotExpr},
    },
};
use std::sync::Arc;

/// How many texts are looked for one by one. A table finds more of them sooner.
pub(super) const MOST: usize = 16;

/// The condition with its comparisons of texts as [`TextIn`] and its patterns of several as [`TextLike`]; the same condition, if
/// there are none. What may fail is evaluated for the rows for which it was before.
pub(super) fn with_texts(expr: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Arc<dyn PhysicalExpr> {
    match expr.downcast_ref::<BinaryExpr>().map(BinaryExpr::op) {
        Some(Operator::And) => {
            let written = operands(expr, Operator::And, schema);
            let made = written.iter().map(|part| with_texts(part, schema)).collect();
            return joined(expr, &written, made, Operator::And);
        }
        Some(Operator::Or) => return alternatives(expr, schema),
        _ => {}
    }
    if let Some(not) = expr.downcast_ref::<NotExpr>() {
        let made = with_texts(not.arg(), schema);
        return if Arc::ptr_eq(&made, not.arg()) { expr.clone() } else { Arc::new(NotExpr::new(made)) };
    }
    let comparison = Comparison::of(expr, schema).map(Comparison::expr);
    comparison.or_else(|| like(expr, schema)).unwrap_or_else(|| expr.clone())
}

/// A comparison that a [`TextIn`] does.
struct Comparison {
    column: Arc<dyn PhysicalExpr>,
    texts: Vec<String>,
    is_negated: bool,
}

impl Comparison {
    fn of(expr: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Option<Self> {
        if let Some(binary) = expr.downcast_ref::<BinaryExpr>() {
            let is_negated = match binary.op() {
                Operator::Eq => false,
                Operator::NotEq => true,
                _ => return None,
            };
            let (left, right) = (binary.left(), binary.right());
            let (column, constant) = if is_text(left, schema) { (left, right) } else { (right, left) };
            let texts = vec![text(constant)?];
            return is_text(column, schema).then(|| Comparison { column: column.clone(), texts, is_negated });
        }
        let list = expr.downcast_ref::<InListExpr>()?;
        if !(1..=MOST).contains(&list.len()) || !is_text(list.expr(), schema) {
            return None;
        }
        let texts = list.list().iter().map(text).collect::<Option<Vec<String>>>()?;
        Some(Comparison { column: list.expr().clone(), texts, is_negated: list.negated() })
    }

    /// Whether one look at the column does for both alternatives.
    fn takes(&self, other: &Comparison) -> bool {
        let is_positive = !self.is_negated && !other.is_negated;
        is_positive && self.column.eq(&other.column) && self.texts.len() + other.texts.len() <= MOST
    }

    fn expr(self) -> Arc<dyn PhysicalExpr> {
        Arc::new(TextIn::new(self.column, self.texts, self.is_negated))
    }
}

/// The [`TextLike`] of a pattern. It is not moved: what the texts are computed from may fail, and to search them takes long.
fn like(expr: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Option<Arc<dyn PhysicalExpr>> {
    let like = expr.downcast_ref::<LikeExpr>().filter(|like| !like.case_insensitive())?;
    let of = like.expr().data_type(schema).ok().filter(DataType::is_string)?;
    let pattern = like.pattern().downcast_ref::<Literal>().filter(|pattern| pattern.value().data_type() == of)?;
    let pattern = pattern.value().try_as_str()??;
    Some(Arc::new(TextLike::of(like.expr().clone(), pattern, like.negated())?))
}

/// One of several alternatives.
enum Alternative {
    Comparison(Comparison),
    Other(Arc<dyn PhysicalExpr>),
}

/// Alternatives, of which those of one column are where its first one was. They cannot fail, and are null where that was.
fn alternatives(expr: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Arc<dyn PhysicalExpr> {
    let written = operands(expr, Operator::Or, schema);
    let mut made: Vec<Alternative> = Vec::with_capacity(written.len());
    for part in &written {
        let Some(comparison) = Comparison::of(part, schema) else {
            made.push(Alternative::Other(with_texts(part, schema)));
            continue;
        };
        let before = made.iter_mut().find_map(|before| match before {
            Alternative::Comparison(before) if before.takes(&comparison) => Some(before),
            _ => None,
        });
        match before {
            Some(before) => before.texts.extend(comparison.texts),
            None => made.push(Alternative::Comparison(comparison)),
        }
    }
    let made = made.into_iter().map(|part| match part {
        Alternative::Comparison(comparison) => comparison.expr(),
        Alternative::Other(other) => other,
    });
    joined(expr, &written, made.collect(), Operator::Or)
}

/// What was made of the parts of an expression, as it was joined; the expression itself, if they are what they were.
fn joined(
    expr: &Arc<dyn PhysicalExpr>,
    written: &[&Arc<dyn PhysicalExpr>],
    made: Vec<Arc<dyn PhysicalExpr>>,
    operator: Operator,
) -> Arc<dyn PhysicalExpr> {
    let is_same = written.len() == made.len() && written.iter().copied().zip(&made).all(|(written, made)| Arc::ptr_eq(written, made));
    let join = |left, right| -> Arc<dyn PhysicalExpr> { Arc::new(BinaryExpr::new(left, operator, right)) };
    if is_same { expr.clone() } else { made.into_iter().reduce(join).unwrap_or_else(|| expr.clone()) }
}

fn is_text(expr: &Arc<dyn PhysicalExpr>, schema: &Schema) -> bool {
    column_type(expr, schema).is_some_and(DataType::is_string)
}

/// The text that a constant is. Null is none.
fn text(expr: &Arc<dyn PhysicalExpr>) -> Option<String> {
    expr.downcast_ref::<Literal>()?.value().try_as_str()?.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::Field;
    use datafusion::{
        common::ScalarValue,
        physical_expr::expressions::{cast, col, in_list, lit},
    };

    fn schema() -> Schema {
        let field = |name: &str, of: DataType| Field::new(name, of, true);
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        Schema::new(vec![field("s", DataType::Utf8View), field("r", DataType::Utf8), field("x", DataType::Int64), field("d", dictionary)])
    }

    fn column(name: &str) -> Arc<dyn PhysicalExpr> {
        col(name, &schema()).unwrap()
    }

    fn constant(text: Option<&str>) -> Arc<dyn PhysicalExpr> {
        lit(ScalarValue::Utf8View(text.map(str::to_owned)))
    }

    fn binary(left: Arc<dyn PhysicalExpr>, operator: Operator, right: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
        Arc::new(BinaryExpr::new(left, operator, right))
    }

    fn is(name: &str, text: &str) -> Arc<dyn PhysicalExpr> {
        binary(column(name), Operator::Eq, constant(Some(text)))
    }

    fn or(parts: impl IntoIterator<Item = Arc<dyn PhysicalExpr>>) -> Arc<dyn PhysicalExpr> {
        parts.into_iter().reduce(|left, right| binary(left, Operator::Or, right)).unwrap()
    }

    fn one_of(name: &str, texts: &[&str], is_negated: bool) -> Arc<dyn PhysicalExpr> {
        Arc::new(TextIn::new(column(name), texts.iter().map(|text| text.to_string()).collect(), is_negated))
    }

    fn like(text: Arc<dyn PhysicalExpr>, pattern: &str) -> Arc<dyn PhysicalExpr> {
        let constant = ScalarValue::Utf8(Some(pattern.to_owned())).cast_to(&text.data_type(&schema()).unwrap()).unwrap();
        Arc::new(LikeExpr::new(false, false, text, lit(constant)))
    }

    fn text_like(text: Arc<dyn PhysicalExpr>, pattern: &str, is_negated: bool) -> Arc<dyn PhysicalExpr> {
        Arc::new(TextLike::of(text, pattern, is_negated).unwrap())
    }

    fn check(written: &Arc<dyn PhysicalExpr>, expected: &Arc<dyn PhysicalExpr>) {
        let made = with_texts(written, &schema());
        assert!(made.eq(expected), "{made:?} is not {expected:?}");
    }

    #[test]
    fn comparisons_with_constants_are_found_on_both_sides() {
        check(&is("s", "a"), &one_of("s", &["a"], false));
        check(&is("r", "a"), &one_of("r", &["a"], false));
        check(&binary(constant(Some("a")), Operator::Eq, column("s")), &one_of("s", &["a"], false));
        check(&binary(column("s"), Operator::NotEq, constant(Some("a"))), &one_of("s", &["a"], true));
        let not: Arc<dyn PhysicalExpr> = Arc::new(NotExpr::new(is("s", "a")));
        let expected: Arc<dyn PhysicalExpr> = Arc::new(NotExpr::new(one_of("s", &["a"], false)));
        check(&not, &expected);
    }

    #[test]
    fn lists_of_constants_are_found_unless_they_are_long() {
        let list = |texts: usize, is_negated: bool| {
            let texts = (0..texts).map(|text| constant(Some(&text.to_string()))).collect();
            in_list(column("s"), texts, &is_negated, &schema()).unwrap()
        };
        check(&list(3, false), &one_of("s", &["0", "1", "2"], false));
        check(&list(2, true), &one_of("s", &["0", "1"], true));
        assert!(with_texts(&list(MOST, false), &schema()).is::<TextIn>());
        let long = list(MOST + 1, false);
        assert!(Arc::ptr_eq(&with_texts(&long, &schema()), &long));
    }

    #[test]
    fn alternatives_of_one_column_are_one() {
        check(&or([is("s", "a"), is("s", "b"), is("s", "c")]), &one_of("s", &["a", "b", "c"], false));
        check(&or([is("s", "a"), or([is("s", "b"), is("s", "c")])]), &one_of("s", &["a", "b", "c"], false));
        let (over, s) = (binary(column("x"), Operator::Gt, lit(1i64)), one_of("s", &["a", "b"], false));
        check(&or([is("s", "a"), over.clone(), is("r", "a"), is("s", "b")]), &or([s, over, one_of("r", &["a"], false)]));
        let not = binary(column("s"), Operator::NotEq, constant(Some("b")));
        check(&or([is("s", "a"), not]), &or([one_of("s", &["a"], false), one_of("s", &["b"], true)]));
    }

    #[test]
    fn patterns_of_several_texts_are_found_where_they_stand() {
        for name in ["s", "r"] {
            check(&like(column(name), "%a%b%"), &text_like(column(name), "%a%b%", false));
        }
        let not: Arc<dyn PhysicalExpr> = Arc::new(LikeExpr::new(true, false, column("s"), constant(Some("a%b"))));
        check(&not, &text_like(column("s"), "a%b", true));
        let not: Arc<dyn PhysicalExpr> = Arc::new(NotExpr::new(like(column("s"), "a%b")));
        let expected: Arc<dyn PhysicalExpr> = Arc::new(NotExpr::new(text_like(column("s"), "a%b", false)));
        check(&not, &expected);
        let (one, two) = (like(column("s"), "a%b"), like(column("s"), "%b"));
        check(&or([one.clone(), is("s", "a"), two.clone()]), &or([text_like(column("s"), "a%b", false), one_of("s", &["a"], false), two]));
        let over = binary(column("x"), Operator::Gt, lit(1i64));
        check(&binary(over.clone(), Operator::And, one), &binary(over, Operator::And, text_like(column("s"), "a%b", false)));
        let number = cast(column("x"), &schema(), DataType::Utf8).unwrap();
        check(&like(number.clone(), "1%2%"), &text_like(number, "1%2%", false));
    }

    #[test]
    fn what_guards_on_the_right_of_a_chain_stays_there() {
        let ratio = binary(binary(lit(10i64), Operator::Divide, column("x")), Operator::Gt, lit(1i64));
        for (operator, guard) in [(Operator::Or, Operator::Eq), (Operator::And, Operator::NotEq)] {
            let guarded = binary(binary(column("x"), guard, lit(0i64)), operator, ratio.clone());
            let chain = |first: Arc<dyn PhysicalExpr>| binary(first, operator, guarded.clone());
            check(&chain(is("s", "a")), &chain(one_of("s", &["a"], false)));
        }
        let before = or([is("s", "a"), ratio.clone(), is("s", "b")]);
        check(&before, &or([one_of("s", &["a", "b"], false), ratio]));
    }

    #[test]
    fn alternatives_that_are_many_are_several() {
        let many: Vec<String> = (0..MOST + 4).map(|text| text.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let expected = or([one_of("s", &many[..MOST], false), one_of("s", &many[MOST..], false)]);
        check(&or(many.iter().map(|text| is("s", text))), &expected);
    }

    #[test]
    fn conditions_without_such_comparisons_are_the_same() {
        let over = binary(column("x"), Operator::Gt, lit(1i64));
        let others = [
            binary(over.clone(), Operator::And, or([over.clone(), over.clone()])),
            binary(column("s"), Operator::Eq, constant(None)),
            binary(column("s"), Operator::Eq, column("s")),
            binary(column("s"), Operator::Lt, constant(Some("a"))),
            binary(constant(Some("a")), Operator::Eq, constant(Some("a"))),
            is("d", "a"),
            like(column("s"), "%a%"),
            like(column("s"), "a%b_"),
            like(column("d"), "%a%b%"),
            Arc::new(LikeExpr::new(false, true, column("s"), constant(Some("%a%b%")))),
            Arc::new(LikeExpr::new(false, false, column("s"), column("s"))),
            Arc::new(LikeExpr::new(false, false, column("s"), constant(None))),
            in_list(column("s"), vec![constant(Some("a")), constant(None)], &false, &schema()).unwrap(),
            over,
        ];
        for other in others {
            assert!(Arc::ptr_eq(&with_texts(&other, &schema()), &other), "{other}");
        }
    }
}
