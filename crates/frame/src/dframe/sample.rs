//! Builders that take some rows, by chance. The same seed takes the same rows.

use super::DFrame;
use crate::steps;
use std::panic::Location;

impl DFrame {
    /// About this part of the rows, from 0 to 1, in their order. Each row is taken or not by its own chance, so that their
    /// number varies with the seed; [`sample_n`](Self::sample_n) takes so many.
    ///
    /// Chance is a function of the seed, the partition and the row's number in it: the same frame over the same partitions
    /// gives the same rows, also on another machine. After a step that gives rows in no promised order it does not.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let all = frame! { "x" => (0i64..1000).collect::<Vec<_>>() };
    /// let tenth = all.sample(0.1, 42).collect()?;
    /// assert!((50..150).contains(&tenth.len()));
    /// assert!(tenth.equals(&all.sample(0.1, 42).collect()?));
    /// assert!(!tenth.equals(&all.sample(0.1, 43).collect()?));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sample(&self, fraction: f64, seed: u64) -> Self {
        self.then(steps::Sample { fraction, seed }, Location::caller())
    }

    /// `rows` rows in their order, any of them as likely as any other; all of them, if there are fewer. What makes the same
    /// rows come out again is as for [`sample`](Self::sample). About twice as many rows are held in memory.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let all = frame! { "x" => (0i64..1000).collect::<Vec<_>>() };
    /// let ten = all.sample_n(10, 42).collect()?;
    /// assert_eq!(ten.len(), 10);
    /// assert!(ten.column::<i64>("x")?.is_sorted());
    /// assert_eq!(all.sample_n(5000, 42).count()?, 1000);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sample_n(&self, rows: usize, seed: u64) -> Self {
        self.then(steps::SampleN { rows, seed }, Location::caller())
    }
}
