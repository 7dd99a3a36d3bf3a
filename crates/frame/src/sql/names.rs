//! What a query calls columns and tables, spelled as they are.

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArguments, Ident, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, Select, SelectItem, TableAlias, TableFactor,
    VisitMut, VisitorMut,
};
use std::{collections::BTreeSet, ops::ControlFlow};

/// The names that a query may mean: of columns, of tables, and those that it gives itself.
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Names of tables and columns.
    pub(super) fn new(known: impl IntoIterator<Item = String>) -> Self {
        Names(known.into_iter().collect())
    }

    /// Spells every unquoted name of a query as it is, and calls unnamed columns by their text.
    pub(super) fn spell<T: VisitMut>(mut self, tree: &mut T) {
        let _ = tree.visit(&mut Words(&self));
        let mut gather = Gather(BTreeSet::new());
        let _ = tree.visit(&mut gather);
        self.0.extend(gather.0);
        let _ = tree.visit(&mut Label);
        let _ = tree.visit(&mut SetApart(0));
        let _ = tree.visit(&mut Spell(&self));
    }

    /// The name that is written so, else the one that is equal but for case.
    fn found(&self, written: &str) -> Option<&str> {
        if let Some(known) = self.0.get(written) {
            return Some(known);
        }
        let folded = written.to_lowercase();
        let mut alike = self.0.iter().filter(|known| known.to_lowercase() == folded);
        match (alike.next(), alike.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    fn mend(&self, ident: &mut Ident) {
        if ident.quote_style.is_none()
            && let Some(known) = self.found(&ident.value)
        {
            ident.value = known.to_owned();
        }
    }

    fn mend_name(&self, name: &mut ObjectName) {
        for part in &mut name.0 {
            if let ObjectNamePart::Identifier(ident) = part {
                self.mend(ident);
            }
        }
    }
}

/// The word, of an expression that is only one and that SQL has a meaning for: `user`, `current_date`.
pub(crate) fn word(expr: &Expr) -> Option<&Ident> {
    let Expr::Function(function) = expr else { return None };
    match (&function.name.0[..], &function.args) {
        ([ObjectNamePart::Identifier(word)], FunctionArguments::None) if word.quote_style.is_none() => Some(word),
        _ => None,
    }
}

/// Takes words of SQL for columns where there are such in the tables. What a query calls itself does not count: it may call the
/// date of today `current_date`.
struct Words<'a>(&'a Names);

impl VisitorMut for Words<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Some(word) = word(expr)
            && self.0.found(&word.value).is_some()
        {
            *expr = Expr::Identifier(word.clone());
        }
        ControlFlow::Continue(())
    }
}

/// Collects the names that a query gives: aliases of columns and tables.
struct Gather(BTreeSet<String>);

impl VisitorMut for Gather {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                self.0.insert(alias.value.clone());
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &mut datafusion::sql::sqlparser::ast::Query) -> ControlFlow<()> {
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.alias(&table.alias);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let alias = match factor {
            TableFactor::Table { alias, .. } | TableFactor::Derived { alias, .. } | TableFactor::NestedJoin { alias, .. } => alias.as_ref(),
            _ => None,
        };
        if let Some(alias) = alias {
            self.alias(alias);
        }
        ControlFlow::Continue(())
    }
}

impl Gather {
    fn alias(&mut self, alias: &TableAlias) {
        self.0.insert(alias.name.value.clone());
        self.0.extend(alias.columns.iter().map(|column| column.name.value.clone()));
    }
}

/// Calls columns that have no name by their text, without qualifiers: `sum(x)`.
struct Label;

impl VisitorMut for Label {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for item in &mut select.projection {
            let SelectItem::UnnamedExpr(expr) = item else { continue };
            if matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
                continue;
            }
            let mut shown = expr.clone();
            let _ = shown.visit(&mut Unqualified);
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias: Ident::with_quote('"', shown.to_string()) };
        }
        ControlFlow::Continue(())
    }
}

/// Takes qualifiers off, and writes functions in lower case.
struct Unqualified;

impl VisitorMut for Unqualified {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::CompoundIdentifier(parts) => {
                if let Some(last) = parts.pop() {
                    *expr = Expr::Identifier(last);
                }
            }
            Expr::Function(function) => {
                for part in &mut function.name.0 {
                    if let ObjectNamePart::Identifier(ident) = part
                        && ident.quote_style.is_none()
                    {
                        ident.value = ident.value.to_lowercase();
                    }
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Gives queries that stand in place of a table a name, if they have none: of two projections of equal expressions, one in
/// the other, DataFusion drops one, be they idempotent or not.
struct SetApart(usize);

impl VisitorMut for SetApart {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Derived { alias: alias @ None, .. } = factor {
            self.0 += 1;
            let name = Ident::with_quote('"', format!("query {}", self.0));
            *alias = Some(TableAlias { explicit: true, name, columns: Vec::new(), at: None });
        }
        ControlFlow::Continue(())
    }
}

/// Spells names as they are.
struct Spell<'a>(&'a Names);

impl VisitorMut for Spell<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => self.0.mend(ident),
            Expr::CompoundIdentifier(parts) => parts.iter_mut().for_each(|part| self.0.mend(part)),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        self.0.mend_name(relation);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for item in &mut select.projection {
            if let SelectItem::QualifiedWildcard(datafusion::sql::sqlparser::ast::SelectItemQualifiedWildcardKind::ObjectName(name), _) =
                item
            {
                self.0.mend_name(name);
            }
        }
        for join in select.from.iter_mut().flat_map(|from| &mut from.joins) {
            if let Some(JoinConstraint::Using(columns)) = constraint(&mut join.join_operator) {
                columns.iter_mut().for_each(|column| self.0.mend_name(column));
            }
        }
        ControlFlow::Continue(())
    }
}

fn constraint(join: &mut JoinOperator) -> Option<&mut JoinConstraint> {
    use JoinOperator::{Anti, FullOuter, Inner, Join, Left, LeftAnti, LeftOuter, LeftSemi, Right, RightAnti, RightOuter, RightSemi, Semi};
    match join {
        Join(of) | Inner(of) | Left(of) | LeftOuter(of) | Right(of) | RightOuter(of) | FullOuter(of) => Some(of),
        Semi(of) | LeftSemi(of) | RightSemi(of) | Anti(of) | LeftAnti(of) | RightAnti(of) => Some(of),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Query;
    use datafusion::sql::parser::Statement;

    fn spelled(text: &str) -> String {
        spelled_by(["Orders", "Id", "amount", "Amount", "City"], text)
    }

    fn spelled_by<const N: usize>(names: [&str; N], text: &str) -> String {
        let Statement::Statement(mut sql) = Query::parse(text).unwrap().statement() else { panic!("no statement") };
        Names::new(names.map(str::to_owned)).spell(&mut *sql);
        sql.to_string()
    }

    #[test]
    fn words_of_sql_are_columns_where_there_are_such() {
        let text = "SELECT user, current_date FROM t WHERE user > 'a' ORDER BY CURRENT_TIMESTAMP";
        let columns = "SELECT User, current_date FROM t WHERE User > 'a' ORDER BY CURRENT_TIMESTAMP";
        assert_eq!(spelled_by(["t", "User", "current_date"], text), columns);
        let words = "SELECT user AS \"user\", current_date AS \"current_date\" FROM t WHERE user > 'a' ORDER BY CURRENT_TIMESTAMP";
        assert_eq!(spelled_by(["t"], text), words);
        assert_eq!(spelled("SELECT current_date AS current_date"), "SELECT current_date AS current_date");
        let called = spelled_by(["current_date"], "SELECT current_date() AS today");
        assert_eq!(called, "SELECT current_date() AS today");
    }

    #[test]
    fn names_are_found_exactly_and_else_but_for_case() {
        assert_eq!(spelled("SELECT id, city FROM orders"), "SELECT Id, City FROM Orders");
        assert_eq!(spelled("SELECT amount, Amount FROM Orders"), "SELECT amount, Amount FROM Orders");
        // Neither of the two.
        assert_eq!(spelled("SELECT AMOUNT FROM Orders"), "SELECT AMOUNT FROM Orders");
        assert_eq!(spelled("SELECT \"city\" FROM Orders"), "SELECT \"city\" FROM Orders");
        assert_eq!(spelled("SELECT O.id FROM Orders AS o JOIN x USING(ID)"), "SELECT o.Id FROM Orders AS o JOIN x USING(Id)");
    }

    #[test]
    fn columns_without_a_name_are_called_by_their_text() {
        assert_eq!(
            spelled("SELECT SUM(o.amount), COUNT(*) FROM Orders AS o"),
            "SELECT SUM(o.amount) AS \"sum(amount)\", COUNT(*) AS \"count(*)\" FROM Orders AS o"
        );
        assert_eq!(spelled("SELECT amount + 1 FROM Orders"), "SELECT amount + 1 AS \"amount + 1\" FROM Orders");
    }
}
