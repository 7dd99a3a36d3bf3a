//! Joins by the nearest row in time: [`AsofOptions`].

use super::{DFrame, Keys};
use crate::{
    expr::{Expr, IntoExpr, IntoExprs},
    operators::Direction,
    steps,
};
use std::panic::Location;

/// How two frames are joined by time: by which columns, in which direction, and how far.
///
/// Times are dates, times, integers or floats; two types are widened to one. A null or `NaN` is no time and near nothing, and
/// a null key is equal to nothing. Of several rows of the right at the same time, which one is taken is not promised.
///
/// ```
/// use stratal_frame::{AsofOptions, frame};
/// let trades = frame! { "t" => [3i64, 7, 9], "sym" => ["a", "b", "a"] };
/// let quotes = frame! { "t" => [1i64, 2, 8], "sym" => ["a", "b", "a"], "bid" => [10.0, 20.0, 11.0] };
/// let bids = |options| trades.join_asof(&quotes, options).sort("t").collect()?.column::<Option<f64>>("bid");
/// assert_eq!(bids(AsofOptions::on("t").by("sym"))?, [Some(10.0), Some(20.0), Some(11.0)]);
/// assert_eq!(bids(AsofOptions::on("t").by("sym").tolerance(2))?, [Some(10.0), None, Some(11.0)]);
/// assert_eq!(bids(AsofOptions::on("t").forward())?, [Some(11.0), Some(11.0), None]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until they are given to join_asof(..)"]
pub struct AsofOptions {
    pub(crate) time: Keys,
    /// Columns of both sides.
    pub(crate) by: Vec<Expr>,
    pub(crate) direction: Direction,
    pub(crate) tolerance: Option<Expr>,
    /// Whether the same time is no match.
    pub(crate) is_strict: bool,
}

impl AsofOptions {
    fn new(time: Keys) -> Self {
        AsofOptions { time, by: Vec::new(), direction: Direction::Backward, tolerance: None, is_strict: false }
    }

    /// A time that both frames have. It comes out once, as the left's.
    ///
    /// ```
    /// use stratal_frame::{AsofOptions, frame};
    /// let (one, two) = (frame! { "t" => [5i64] }, frame! { "t" => [4i64, 6], "v" => ["x", "y"] });
    /// let joined = one.join_asof(&two, AsofOptions::on("t")).collect()?;
    /// assert_eq!((joined.columns(), joined.column::<String>("v")?), (vec!["t", "v"], vec!["x".into()]));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn on(time: impl IntoExprs) -> Self {
        AsofOptions::new(Keys::Both(time.into_exprs()))
    }

    /// The time of the left, a column or an expression; [`right_on`](Self::right_on) gives that of the right. Both come out.
    ///
    /// ```
    /// use stratal_frame::{AsofOptions, col, frame};
    /// let (one, two) = (frame! { "sold" => [5i64] }, frame! { "quoted" => [4i64, 6] });
    /// let joined = one.join_asof(&two, AsofOptions::left_on("sold").right_on("quoted")).collect()?;
    /// assert_eq!((joined.columns(), joined.column::<i64>("quoted")?), (vec!["sold", "quoted"], vec![4]));
    /// let later = one.join_asof(&two, AsofOptions::left_on(col("sold") + 10).right_on("quoted")).collect()?;
    /// assert_eq!(later.column::<i64>("quoted")?, [6]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn left_on(time: impl IntoExprs) -> Self {
        AsofOptions::new(Keys::Each { left: time.into_exprs(), right: Vec::new() })
    }

    /// The time of the right, after [`left_on`](Self::left_on).
    pub fn right_on(mut self, time: impl IntoExprs) -> Self {
        let left = match self.time {
            Keys::Each { left, .. } | Keys::Both(left) => left,
        };
        self.time = Keys::Each { left, right: time.into_exprs() };
        self
    }

    /// Columns of both frames that have to be equal. They come out once.
    ///
    /// With keys, rows are spread by them; without, all rows of both frames pass through one task.
    ///
    /// ```
    /// use stratal_frame::{AsofOptions, frame};
    /// let one = frame! { "t" => [5i64, 5], "k" => ["a", "b"] };
    /// let two = frame! { "t" => [1i64, 4], "k" => ["a", "b"], "v" => [10i64, 20] };
    /// let joined = one.join_asof(&two, AsofOptions::on("t").by("k")).sort("k").collect()?;
    /// assert_eq!((joined.columns(), joined.column::<i64>("v")?), (vec!["t", "k", "v"], vec![10, 20]));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn by(mut self, keys: impl IntoExprs) -> Self {
        self.by = keys.into_exprs();
        self
    }

    fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// The latest row of the right at or before the row of the left. So it is unless told.
    pub fn backward(self) -> Self {
        self.direction(Direction::Backward)
    }

    /// The earliest row of the right at or after the row of the left.
    ///
    /// ```
    /// use stratal_frame::{AsofOptions, frame};
    /// let (one, two) = (frame! { "t" => [5i64, 9] }, frame! { "t" => [4i64, 6], "v" => ["x", "y"] });
    /// let joined = one.join_asof(&two, AsofOptions::on("t").forward()).sort("t").collect()?;
    /// assert_eq!(joined.column::<Option<String>>("v")?, [Some("y".into()), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn forward(self) -> Self {
        self.direction(Direction::Forward)
    }

    /// The nearest row of the right on either side; the one before, where both are as near.
    ///
    /// ```
    /// use stratal_frame::{AsofOptions, frame};
    /// let (one, two) = (frame! { "t" => [5i64, 9] }, frame! { "t" => [4i64, 6], "v" => ["x", "y"] });
    /// let joined = one.join_asof(&two, AsofOptions::on("t").nearest()).sort("t").collect()?;
    /// assert_eq!(joined.column::<String>("v")?, ["x", "y"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn nearest(self) -> Self {
        self.direction(Direction::Nearest)
    }

    /// How far from each other two rows may be at most: a span of time as in `"2s"` or `"1d"`, or a number where the times
    /// are numbers. Months and years differ in length and are no tolerance.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use stratal_frame::{AsofOptions, frame};
    /// let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).expect("a day of January");
    /// let (one, two) = (frame! { "day" => [day(10), day(20)] }, frame! { "day" => [day(8), day(12)], "v" => [1i64, 2] });
    /// let joined = one.join_asof(&two, AsofOptions::on("day").tolerance("1w")).sort("day").collect()?;
    /// assert_eq!(joined.column::<Option<i64>>("v")?, [Some(1), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn tolerance(mut self, tolerance: impl IntoExpr) -> Self {
        self.tolerance = Some(tolerance.into_expr());
        self
    }

    /// The same time is no match.
    ///
    /// ```
    /// use stratal_frame::{AsofOptions, frame};
    /// let (one, two) = (frame! { "t" => [5i64] }, frame! { "t" => [4i64, 5], "v" => ["x", "y"] });
    /// let joined = one.join_asof(&two, AsofOptions::on("t").strict()).collect()?;
    /// assert_eq!(joined.column::<String>("v")?, ["x"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }
}

impl DFrame {
    /// Every row of this frame, once, with the row of the other that is nearest in time: see [`AsofOptions`]. Where there is
    /// none the other's columns are null. A column of the other whose name is taken gets the suffix `_right`. The order of
    /// rows is not promised.
    ///
    /// ```
    /// use stratal_frame::{AsofOptions, frame};
    /// let trades = frame! { "t" => [3i64, 7], "sym" => ["a", "b"] };
    /// let quotes = frame! { "t" => [1i64, 6], "sym" => ["a", "b"], "bid" => [10.0, 20.0] };
    /// let priced = trades.join_asof(&quotes, AsofOptions::on("t").by("sym")).sort("t").collect()?;
    /// assert_eq!(priced.columns(), ["t", "sym", "bid"]);
    /// assert_eq!(priced.column::<f64>("bid")?, [10.0, 20.0]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn join_asof(&self, other: &DFrame, options: AsofOptions) -> Self {
        self.combine(steps::JoinAsof(options), vec![other.steps.clone()], Location::caller())
    }
}
