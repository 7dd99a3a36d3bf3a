//! What an unaliased expression is called: its leftmost column, `count` for a count of rows, `rank` for a rank, `literal` for
//! a literal. What an aggregate or a window only looks at, as its filter and its keys, gives no name.

use super::{aggregate::is_count_of_rows, window::Marker};
use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    logical_expr::Expr as Logical,
};

/// What there is in an expression that could give it a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    column: Option<String>,
    word: Option<&'static str>,
}

impl Name {
    /// The name that an expression has.
    pub(crate) fn of(expr: &Logical) -> Self {
        let mut name = Name::default();
        // The visitor never fails.
        let _ = expr.apply(|node| {
            let inside = match (node, Marker::of_expr(node)) {
                (Logical::Alias(alias), _) => Name::column(&alias.name),
                (Logical::Column(column), _) => Name::column(&column.name),
                (Logical::AggregateFunction(function), _) if is_count_of_rows(function) => Name::word("count"),
                (Logical::AggregateFunction(function), _) => function.params.args.iter().map(Name::of).fold(Name::default(), Name::or),
                (_, Some((Marker::Over(_), arguments))) => arguments.first().map(Name::of).unwrap_or_default(),
                (_, Some((Marker::Call(call), _))) => call.name.clone(),
                (_, Some((Marker::Waiting(waiting), []))) => Name::word(waiting.name()),
                _ => return Ok(TreeNodeRecursion::Continue),
            };
            name = std::mem::take(&mut name).or(inside);
            Ok(if name.column.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Jump })
        });
        name
    }

    fn column(name: &str) -> Self {
        Name { column: Some(name.to_owned()), word: None }
    }

    fn word(word: &'static str) -> Self {
        Name { column: None, word: Some(word) }
    }

    fn or(self, other: Self) -> Self {
        Name { column: self.column.or(other.column), word: self.word.or(other.word) }
    }
}

/// The name of the column that an expression makes.
pub(crate) fn output_name(expr: &Logical) -> String {
    let Name { column, word } = Name::of(expr);
    column.unwrap_or_else(|| word.unwrap_or("literal").to_owned())
}
