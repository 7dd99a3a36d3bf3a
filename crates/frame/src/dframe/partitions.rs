//! Builders that change partitions: [`Partitioning`], and how many there are.

use super::DFrame;
use crate::{
    expr::{Expr, IntoExprs, IntoSortKeys, SortKey},
    steps,
};
use std::{fmt, ops::Range, panic::Location};
use stratal_core::{Result, config::parse_bytes};

/// How rows are partitioned: a number of partitions, or what these functions make.
///
/// ```
/// use stratal_frame::{Partitioning, frame};
/// let df = frame! { "k" => ["a", "b", "a", "c"], "x" => [1i64, 2, 3, 4] };
/// assert_eq!(df.repartition(4).npartitions()?, 4);
/// assert_eq!(df.repartition(Partitioning::hash(3, "k")).npartitions()?, 3);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a partitioning does nothing until it is given to repartition(..)"]
pub struct Partitioning(pub(crate) PartitionedBy);

/// By what rows are partitioned.
#[derive(Clone)]
pub(crate) enum PartitionedBy {
    Count(usize),
    Bytes(Result<u64>),
    Hash(usize, Vec<Expr>),
    Range(usize, Vec<SortKey>),
}

impl From<usize> for Partitioning {
    fn from(partitions: usize) -> Self {
        Partitioning(PartitionedBy::Count(partitions))
    }
}

impl Partitioning {
    /// As many partitions as it takes for each to have about so many bytes: `"128MiB"`. Rows stay in their order.
    ///
    /// It is an estimate: of rows in memory their size there, of files the bytes that are read of them, of computed rows what
    /// DataFusion makes of these. Where nothing is known, the verb says so.
    ///
    /// ```
    /// use stratal_frame::{Partitioning, frame};
    /// let df = frame! { "x" => vec![1i64; 1000] };
    /// assert!(df.repartition(Partitioning::bytes("2KiB")).npartitions()? >= 4);
    /// assert!(df.repartition(Partitioning::bytes("much")).check().is_err());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn bytes(size: &str) -> Self {
        Partitioning(PartitionedBy::Bytes(parse_bytes(size)))
    }

    /// So many partitions; rows whose keys are equal are in the same one. The order of rows is not promised.
    ///
    /// ```
    /// use stratal_frame::{Frame, Partitioning, SameSchema, frame};
    /// let df = frame! { "k" => ["a", "b", "a", "c"] }.repartition(Partitioning::hash(2, "k"));
    /// let keys = df.map_partitions(|part: Frame| part.lazy().unique("k").collect(), SameSchema);
    /// assert_eq!(keys.count()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn hash(partitions: usize, keys: impl IntoExprs) -> Self {
        Partitioning(PartitionedBy::Hash(partitions, keys.into_exprs()))
    }

    /// So many partitions by ranges of the keys: no row of a partition comes after one of the next, in the order of a sort by
    /// them. Within a partition rows are in no order. Ranges are about even, as far as a sample of the keys tells, and equal
    /// keys are in the same one.
    ///
    /// ```
    /// use stratal_frame::{Partitioning, col, frame};
    /// let df = frame! { "t" => [5i64, 3, 4, 1, 2, 6] }.repartition(Partitioning::range(3, col("t").desc()));
    /// let mut last = df.partitions(2..3).collect()?.column::<i64>("t")?;
    /// last.sort();
    /// assert_eq!(last, [1, 2]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn range(partitions: usize, keys: impl IntoSortKeys) -> Self {
        Partitioning(PartitionedBy::Range(partitions, keys.into_sort_keys()))
    }
}

/// As steps print it.
impl fmt::Display for Partitioning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |keys: &dyn fmt::Debug| format!("{keys:?}").trim_matches(['[', ']']).to_owned();
        match &self.0 {
            PartitionedBy::Count(partitions) => write!(f, "{partitions}"),
            PartitionedBy::Bytes(Ok(bytes)) => write!(f, "{bytes} bytes"),
            PartitionedBy::Bytes(Err(error)) => f.write_str(error.message()),
            PartitionedBy::Hash(partitions, keys) => write!(f, "{partitions} by the hash of {}", listed(keys)),
            PartitionedBy::Range(partitions, keys) => write!(f, "{partitions} by ranges of {}", listed(keys)),
        }
    }
}

impl fmt::Debug for Partitioning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl DFrame {
    /// The same rows in other partitions: so many, or as a [`Partitioning`] says.
    ///
    /// A plain number keeps the order of rows. Fewer partitions than before are neighbours put together; for more, each is cut
    /// into pieces of as many rows. Partitions of other steps follow from the plan: those of a source are its files or parts
    /// of them, sorting leaves one, and after a `group_by` or a `join` there are as many as tasks can run at once.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let df = frame! { "x" => [1i64, 2, 3, 4, 5] }.repartition(2);
    /// assert_eq!(df.partitions(0..1).collect()?.column::<i64>("x")?, [1, 2]);
    /// assert_eq!(df.repartition(1).collect()?.column::<i64>("x")?, [1, 2, 3, 4, 5]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn repartition(&self, partitioning: impl Into<Partitioning>) -> Self {
        self.then(steps::Repartition(partitioning.into()), Location::caller())
    }

    /// The rows of these partitions alone, counted from 0. The others are not made. A range past the end is cut off.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let df = frame! { "x" => [1i64, 2, 3, 4, 5, 6] }.repartition(3);
    /// assert_eq!(df.partitions(1..2).collect()?.column::<i64>("x")?, [3, 4]);
    /// assert_eq!(df.partitions(1..9).npartitions()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn partitions(&self, partitions: Range<usize>) -> Self {
        self.then(steps::Partitions(partitions), Location::caller())
    }
}
