//! [`sql_expr`]: an expression written as SQL.

use super::{Expr, later::Later};
use crate::{bind::column, error::of_datafusion, session, sql::word};
use datafusion::{
    common::{DFSchema, SchemaError, tree_node::TreeNode},
    error::DataFusionError,
    logical_expr::Expr as Logical,
    sql::sqlparser::ast::{Expr as SqlExpr, Ident, visit_expressions_mut},
};
use std::ops::ControlFlow;
use stratal_core::{Error, ErrorKind, Result};

/// An expression written as SQL, for what has no method. A name that is not quoted is the column of exactly this name, else
/// the one whose name is equal but for case. Positions count from 1 here. There may be aggregates in it, where these may stand,
/// and no windows. A text that is no SQL is an error of the verb.
///
/// ```
/// use stratal_frame::{frame, sql_expr};
/// let df = frame! { "Amount" => [10i64, 20], "name" => ["a", "b"] };
/// assert_eq!(df.filter(sql_expr("amount > 15 AND name LIKE 'b%'")).count()?, 1);
/// let sum = df.agg(sql_expr("sum(\"Amount\") / count(*)").alias("mean"));
/// assert_eq!(sum.collect()?.item::<i64>()?, 15);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn sql_expr(text: impl Into<String>) -> Expr {
    Expr(Ok(Later::Sql(text.into()).stand(Vec::new())))
}

/// The expression over the columns of `schema`.
///
/// # Errors
/// `Sql` for what cannot be parsed or planned; `UnknownColumn` for a name that no column has.
pub(super) fn planned(text: &str, schema: &DFSchema) -> Result<Logical> {
    let session = session::functions();
    let dialect = session.config_options().sql_parser.dialect;
    let mut parsed = session.sql_to_expr_with_alias(text, &dialect).map_err(|error| wrong(text, error, schema))?;
    let _: ControlFlow<()> = visit_expressions_mut(&mut parsed.expr, |node| {
        if let Some(word) = word(node)
            && found(&word.value, schema).is_some()
        {
            *node = SqlExpr::Identifier(word.clone());
        }
        match node {
            SqlExpr::Identifier(name) => spell(name, schema),
            SqlExpr::CompoundIdentifier(names) => names.iter_mut().take(1).for_each(|name| spell(name, schema)),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    let planned = session.create_logical_expr_from_sql_expr(parsed, schema).map_err(|error| wrong(text, error, schema))?;
    // The visitor never fails.
    match planned.exists(|node| Ok(matches!(node, Logical::WindowFunction(_)))).unwrap_or(false) {
        true => Err(Error::new(ErrorKind::Sql, format!("sql_expr({text:?}) has a window in it"))
            .with_help("use methods with .over(Window::by(..)), or a whole query: DFrame::sql(..)")),
        false => Ok(planned),
    }
}

/// Whether there is SQL in an expression: what it looks at is not known before it is bound.
pub(crate) fn has_sql(expr: &Logical) -> bool {
    let is_sql = |node: &Logical| match node {
        Logical::ScalarFunction(function) => matches!(Later::of(function), Some(Later::Sql(_))),
        _ => false,
    };
    // The visitor never fails.
    expr.exists(|node| Ok(is_sql(node))).unwrap_or(false)
}

/// Spells a name as the column does that it means.
fn spell(name: &mut Ident, schema: &DFSchema) {
    if name.quote_style.is_none()
        && let Some(known) = found(&name.value, schema)
    {
        name.value = known.to_owned();
    }
}

/// The column that is written so, else the one whose name is equal but for case.
fn found<'a>(written: &str, schema: &'a DFSchema) -> Option<&'a str> {
    let names = || schema.fields().iter().map(|field| field.name().as_str());
    if let Some(known) = names().find(|name| *name == written) {
        return Some(known);
    }
    let folded = written.to_lowercase();
    let mut alike = names().filter(|name| name.to_lowercase() == folded);
    match (alike.next(), alike.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// What is wrong with a text.
fn wrong(text: &str, error: DataFusionError, schema: &DFSchema) -> Error {
    let message = match error.find_root() {
        DataFusionError::SchemaError(named, _) => match &**named {
            SchemaError::FieldNotFound { field, .. } => match column(&field.name, schema) {
                Err(unknown) => return unknown,
                Ok(_) => named.to_string(),
            },
            other => other.to_string(),
        },
        DataFusionError::SQL(parser, _) => parser.to_string().trim_start_matches("sql parser error: ").to_owned(),
        _ => of_datafusion(error).message().to_owned(),
    };
    Error::new(ErrorKind::Sql, format!("sql_expr({text:?}): {message}"))
        .with_help("write it as what stands in a SELECT, as in \"a + 1 > b\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::{DataType, Field, Schema};

    fn schema() -> DFSchema {
        let fields = ["Amount", "b", "B", "a.c"].map(|name| Field::new(name, DataType::Int64, true));
        DFSchema::try_from(Schema::new(fields.to_vec())).unwrap()
    }

    #[test]
    fn names_are_found_exactly_and_else_but_for_case() {
        let shown = |text: &str| crate::expr::show(&planned(text, &schema()).unwrap());
        assert_eq!(shown("amount + 1 > b"), "Amount + 1 > b");
        assert_eq!(shown("AMOUNT * B"), "Amount * B");
        assert_eq!(shown("\"a.c\" = 1"), "a.c = 1");
        let fields = ["User", "b"].map(|name| Field::new(name, DataType::Int64, true));
        let schema = DFSchema::try_from(Schema::new(fields.to_vec())).unwrap();
        assert_eq!(crate::expr::show(&planned("user + 1 > b", &schema).unwrap()), "User + 1 > b");
        assert_eq!(planned("user + 1", &self::schema()).unwrap_err().kind(), ErrorKind::UnknownColumn);
    }

    #[test]
    fn a_wrong_text_says_what_is_wrong_and_where() {
        let error = planned("a +", &schema()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Sql);
        assert!(error.message().starts_with("sql_expr(\"a +\"): Expected: "), "{error}");
        let error = planned("\"amount\" + 1", &schema()).unwrap_err();
        assert_eq!((error.kind(), error.help()), (ErrorKind::UnknownColumn, Some("did you mean \"Amount\"?")));
        assert_eq!(planned("amont > 1", &schema()).unwrap_err().help(), Some("did you mean \"Amount\"?"));
        assert_eq!(planned("flor(b)", &schema()).unwrap_err().kind(), ErrorKind::Sql);
        assert_eq!(planned("b; drop", &schema()).unwrap_err().kind(), ErrorKind::Sql);
        let error = planned("sum(b) OVER (ORDER BY b)", &schema()).unwrap_err();
        assert!(error.message().ends_with("has a window in it"), "{error}");
    }
}
