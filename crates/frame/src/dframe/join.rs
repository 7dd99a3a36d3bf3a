//! Joins by keys and by conditions: [`JoinOptions`], and how they are begun.

use super::DFrame;
use crate::{
    expr::{Expr, IntoExprs},
    steps,
};
use datafusion::{
    common::{Column, JoinType, NullEquality, TableReference},
    logical_expr::Expr as Logical,
};
use std::panic::Location;
use stratal_core::{Error, ErrorKind, Result};

/// What a column of the right is called where the left has its name.
pub(crate) const SUFFIX: &str = "_right";

/// What the sides are called while they are joined.
pub(crate) const LEFT: &str = "left";
pub(crate) const RIGHT: &str = "right";

/// Which columns have to be equal.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    /// Columns of these names on both sides, which come out as one.
    Both(Vec<Expr>),
    /// As many on each side, and all columns come out.
    Each { left: Vec<Expr>, right: Vec<Expr> },
}

/// The sides on which a key is there once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct UniqueSides {
    pub(crate) left: bool,
    pub(crate) right: bool,
}

impl UniqueSides {
    fn parse(text: &str) -> Result<Self> {
        match text {
            "1:1" => Ok(UniqueSides { left: true, right: true }),
            "1:m" => Ok(UniqueSides { left: true, right: false }),
            "m:1" => Ok(UniqueSides { left: false, right: true }),
            other => {
                let help = "write \"1:1\", \"1:m\" or \"m:1\": one row of a key, or many, on the left and on the right";
                Err(Error::new(ErrorKind::BadValue, format!("{other:?} is no validation of a join")).with_help(help))
            }
        }
    }
}

/// How two frames are joined: by which keys, which rows come out, and how they are called.
///
/// A null is equal to nothing, as in SQL, unless [`nulls_equal`](Self::nulls_equal) says otherwise. Keys of two types are
/// widened to one (`i32` and `i64` to `i64`); a text and a number are an error. The order of rows is not promised.
///
/// ```
/// use stratal_frame::{JoinOptions, frame, left_on, on};
/// let people = frame! { "id" => [1i64, 2, 3], "name" => ["Alice", "Bob", "Carol"] };
/// let sales = frame! { "id" => [3i64, 1, 1, 4], "name" => ["x", "y", "z", "u"], "seller" => [1i64, 2, 3, 3] };
/// assert_eq!(people.join(&sales, "id").columns()?, ["id", "name", "name_right", "seller"]);
/// assert_eq!(people.join(&sales, on("id").left()).count()?, 4);
/// assert_eq!(people.join(&sales, left_on("id").right_on("seller").suffix("_sold")).columns()?[2], "id_sold");
/// assert_eq!(people.join(&sales, JoinOptions::on(["id", "name"]).anti()).count()?, 3);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until they are given to join(..)"]
pub struct JoinOptions {
    pub(crate) keys: Keys,
    /// In place of keys.
    pub(crate) condition: Option<Expr>,
    pub(crate) kind: JoinType,
    pub(crate) nulls: NullEquality,
    pub(crate) suffix: String,
    /// As it was written, and what it means.
    pub(crate) unique: Option<(String, Result<UniqueSides>)>,
    pub(crate) broadcast: Option<bool>,
}

impl Default for JoinOptions {
    fn default() -> Self {
        JoinOptions {
            keys: Keys::Both(Vec::new()),
            condition: None,
            kind: JoinType::Inner,
            nulls: NullEquality::NullEqualsNothing,
            suffix: SUFFIX.to_owned(),
            unique: None,
            broadcast: None,
        }
    }
}

/// What [`on`] takes.
impl<K: IntoExprs> From<K> for JoinOptions {
    fn from(keys: K) -> Self {
        on(keys)
    }
}

/// Joins by columns that both sides have. They come out once: as the left's key, or the right's where there is no left row.
///
/// ```
/// use stratal_frame::{frame, on};
/// let (one, two) = (frame! { "k" => [1i64, 2] }, frame! { "k" => [2i64, 3] });
/// let all = one.join(&two, on("k").full()).sort("k").collect()?;
/// assert_eq!(all.column::<i64>("k")?, [1, 2, 3]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn on(keys: impl IntoExprs) -> JoinOptions {
    JoinOptions { keys: Keys::Both(keys.into_exprs()), ..JoinOptions::default() }
}

/// Joins by keys of the left, columns or expressions, and as many of the right: [`JoinOptions::right_on`]. All columns of
/// both sides come out.
///
/// ```
/// use stratal_frame::{col, frame, left_on};
/// let (one, two) = (frame! { "a" => [1i64, 12] }, frame! { "b" => [2i64, 3] });
/// let joined = one.join(&two, left_on(col("a") % 10).right_on("b")).collect()?;
/// assert_eq!((joined.columns(), joined.column::<i64>("a")?), (vec!["a", "b"], vec![12]));
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn left_on(keys: impl IntoExprs) -> JoinOptions {
    JoinOptions::default().left_on(keys)
}

/// As [`left_on`], begun with the keys of the right.
///
/// ```
/// use stratal_frame::{frame, right_on};
/// let (one, two) = (frame! { "a" => [1i64, 2] }, frame! { "b" => [2i64, 3] });
/// assert_eq!(one.join(&two, right_on("b").left_on("a")).count()?, 1);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn right_on(keys: impl IntoExprs) -> JoinOptions {
    JoinOptions::default().right_on(keys)
}

/// Joins the rows for which a condition is true; null is not true. A column is found on the side that has it; where both
/// have it, [`left_col`] and [`right_col`] tell them apart. All columns of both sides come out.
///
/// Equalities between the sides, put together by `and`, are joined by as keys are. A condition without one looks at every
/// pair of rows, and takes as long.
///
/// ```
/// use stratal_frame::{col, frame, left_col, on_expr, right_col};
/// let sales = frame! { "day" => [3i64, 8], "what" => ["x", "y"] };
/// let prices = frame! { "from" => [1i64, 5], "until" => [4i64, 9], "what" => ["x", "x"] };
/// let in_force = col("day").between(col("from"), col("until"));
/// assert_eq!(sales.join(&prices, on_expr(&in_force)).count()?, 2);
/// let of_what = left_col("what").eq(right_col("what")).and(in_force);
/// let priced = sales.join(&prices, on_expr(of_what).left()).sort("day").collect()?;
/// assert_eq!(priced.columns(), ["day", "what", "from", "until", "what_right"]);
/// assert_eq!(priced.column::<Option<i64>>("from")?, [Some(1), None]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn on_expr(condition: impl Into<Expr>) -> JoinOptions {
    JoinOptions { condition: Some(condition.into()), ..JoinOptions::default() }
}

/// The column of this name on the left, in the condition of a join: [`on_expr`].
///
/// ```
/// use stratal_frame::{frame, left_col, on_expr, right_col};
/// let x = frame! { "x" => [1i64, 2, 3] };
/// assert_eq!(x.join(&x, on_expr(left_col("x").lt(right_col("x")))).count()?, 3);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn left_col(name: impl Into<String>) -> Expr {
    of_side(LEFT, name.into())
}

/// The column of this name on the right, in the condition of a join: [`on_expr`].
///
/// ```
/// use stratal_frame::{frame, left_col, on_expr, right_col};
/// let (one, two) = (frame! { "x" => [1i64, 2] }, frame! { "x" => [20i64, 30] });
/// assert_eq!(one.join(&two, on_expr((left_col("x") * 10).eq(right_col("x")))).count()?, 1);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn right_col(name: impl Into<String>) -> Expr {
    of_side(RIGHT, name.into())
}

fn of_side(side: &'static str, name: String) -> Expr {
    Expr::from(Logical::Column(Column::new(Some(TableReference::bare(side)), name)))
}

impl JoinOptions {
    /// As the function [`on_expr`].
    ///
    /// ```
    /// use stratal_frame::{JoinOptions, col, frame};
    /// let (one, two) = (frame! { "a" => [1i64, 5] }, frame! { "b" => [3i64, 4] });
    /// assert_eq!(one.join(&two, JoinOptions::on_expr(col("a").lt(col("b")))).count()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn on_expr(condition: impl Into<Expr>) -> Self {
        on_expr(condition)
    }

    /// As the function [`on`](fn@on).
    pub fn on(keys: impl IntoExprs) -> Self {
        on(keys)
    }

    /// The keys of the left.
    pub fn left_on(mut self, keys: impl IntoExprs) -> Self {
        let right = match self.keys {
            Keys::Each { right, .. } => right,
            Keys::Both(_) => Vec::new(),
        };
        self.keys = Keys::Each { left: keys.into_exprs(), right };
        self.condition = None;
        self
    }

    /// The keys of the right, as many as of the left.
    pub fn right_on(mut self, keys: impl IntoExprs) -> Self {
        let left = match self.keys {
            Keys::Each { left, .. } => left,
            Keys::Both(_) => Vec::new(),
        };
        self.keys = Keys::Each { left, right: keys.into_exprs() };
        self.condition = None;
        self
    }

    fn kind(mut self, kind: JoinType) -> Self {
        self.kind = kind;
        self
    }

    /// Every row of the left; nulls where the right has no match.
    pub fn left(self) -> Self {
        self.kind(JoinType::Left)
    }

    /// Every row of the right; nulls where the left has no match.
    pub fn right(self) -> Self {
        self.kind(JoinType::Right)
    }

    /// Every row of both; nulls where the other has no match.
    pub fn full(self) -> Self {
        self.kind(JoinType::Full)
    }

    /// The rows of the left that have a match, each once, with the columns of the left alone.
    pub fn semi(self) -> Self {
        self.kind(JoinType::LeftSemi)
    }

    /// The rows of the left that have no match, with the columns of the left alone. A null key has none.
    pub fn anti(self) -> Self {
        self.kind(JoinType::LeftAnti)
    }

    /// A null key is equal to a null key. In a condition, that is said by `eq_null_safe`.
    ///
    /// ```
    /// use stratal_frame::{frame, on};
    /// let (one, two) = (frame! { "k" => [Some(1i64), None] }, frame! { "k" => [Some(2i64), None] });
    /// assert_eq!(one.join(&two, "k").count()?, 0);
    /// assert_eq!(one.join(&two, on("k").nulls_equal()).count()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn nulls_equal(mut self) -> Self {
        self.nulls = NullEquality::NullEqualsNull;
        self
    }

    /// Checks while it runs that a key is there once on the left (`"1:m"`), on the right (`"m:1"`) or on both (`"1:1"`); two
    /// rows of one key there are an error that names it. A key with a null is equal to nothing and not counted, unless
    /// [`nulls_equal`](Self::nulls_equal).
    ///
    /// The keys of a side that is checked are held in memory while it is read. What nobody reads, as of a join below a
    /// `head`, is not checked.
    ///
    /// ```
    /// use stratal_frame::{frame, on};
    /// let sales = frame! { "who" => [1i64, 1, 2], "amount" => [10i64, 20, 30] };
    /// let people = frame! { "who" => [1i64, 2], "name" => ["Alice", "Bob"] };
    /// assert_eq!(sales.join(&people, on("who").validate("m:1")).count()?, 3);
    /// let error = sales.join(&people, on("who").validate("1:1")).count().unwrap_err();
    /// assert_eq!(error.message(), "the left frame has more than one row with who = 1, and validate(..) wants one");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn validate(mut self, rows: impl Into<String>) -> Self {
        let rows = rows.into();
        let sides = UniqueSides::parse(&rows);
        self.unique = Some((rows, sides));
        self
    }

    /// Whether every task gets the whole of the right frame, instead of both frames being spread by their keys. Without it,
    /// a frame that is known to be small is broadcast.
    ///
    /// It is about speed and memory alone, and followed where the kind of join allows it: of a right or a full join every row
    /// of the right comes out once, so that tasks of several processes cannot each have all of them; [`validate`](Self::validate)
    /// spreads the left that it checks by its keys; and without keys, as by [`on_expr`], one side is always broadcast.
    ///
    /// ```
    /// use stratal_frame::{frame, on};
    /// let (large, small) = (frame! { "k" => [1i64, 2, 2] }, frame! { "k" => [2i64], "name" => ["x"] });
    /// assert_eq!(large.join(&small, on("k").broadcast(true)).count()?, 2);
    /// assert_eq!(large.join(&small, on("k").broadcast(false)).count()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn broadcast(mut self, broadcast: bool) -> Self {
        self.broadcast = Some(broadcast);
        self
    }

    /// What is appended to the name of a column of the right where the left has a column of its name; `_right` unless told.
    pub fn suffix(mut self, suffix: impl Into<String>) -> Self {
        self.suffix = suffix.into();
        self
    }
}

impl DFrame {
    /// The rows of both frames whose keys are equal, side by side: names of columns that both have, or [`JoinOptions`] for
    /// other keys and other rows.
    ///
    /// ```
    /// use stratal_frame::{frame, on};
    /// let people = frame! { "id" => [1i64, 2], "name" => ["Alice", "Bob"] };
    /// let sales = frame! { "id" => [1i64, 1, 3], "amount" => [10i64, 20, 30] };
    /// assert_eq!(people.join(&sales, "id").sort("amount").collect()?.column::<i64>("amount")?, [10, 20]);
    /// assert_eq!(people.join(&sales, on("id").anti()).collect()?.column::<String>("name")?, ["Bob"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn join(&self, other: &DFrame, options: impl Into<JoinOptions>) -> Self {
        self.combine(steps::Join(options.into()), vec![other.steps.clone()], Location::caller())
    }

    /// Every row of this frame with every row of the other. A column of the other whose name is taken gets the suffix
    /// `_right`.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let (sizes, colors) = (frame! { "size" => [1i64, 2, 3] }, frame! { "color" => ["red", "blue"] });
    /// assert_eq!(sizes.join_cross(&colors).count()?, 6);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn join_cross(&self, other: &DFrame) -> Self {
        self.combine(steps::JoinCross(SUFFIX.to_owned()), vec![other.steps.clone()], Location::caller())
    }
}
