//! Joins: [`JoinOptions`], and how they are begun.

use super::DFrame;
use crate::{
    expr::{Expr, IntoExprs},
    steps,
};
use datafusion::common::{JoinType, NullEquality};
use std::panic::Location;

/// What a column of the right is called where the left has its name.
const SUFFIX: &str = "_right";

/// Which columns have to be equal.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    /// Columns of these names on both sides, which come out as one.
    Both(Vec<Expr>),
    /// As many on each side, and all columns come out.
    Each { left: Vec<Expr>, right: Vec<Expr> },
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
    pub(crate) kind: JoinType,
    pub(crate) nulls: NullEquality,
    pub(crate) suffix: String,
}

impl Default for JoinOptions {
    fn default() -> Self {
        JoinOptions {
            keys: Keys::Both(Vec::new()),
            kind: JoinType::Inner,
            nulls: NullEquality::NullEqualsNothing,
            suffix: SUFFIX.to_owned(),
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

impl JoinOptions {
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
        self
    }

    /// The keys of the right, as many as of the left.
    pub fn right_on(mut self, keys: impl IntoExprs) -> Self {
        let left = match self.keys {
            Keys::Each { left, .. } => left,
            Keys::Both(_) => Vec::new(),
        };
        self.keys = Keys::Each { left, right: keys.into_exprs() };
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

    /// A null key is equal to a null key.
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
