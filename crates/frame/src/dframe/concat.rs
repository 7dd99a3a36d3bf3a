//! Frames one after another.

use super::DFrame;
use crate::{
    source::Memory,
    steps::{self, Op},
};
use std::{panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind};

/// How the columns of frames that are put together find each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum How {
    /// By name, in the order of the first frame. All frames have the same names.
    #[default]
    ByName,
    /// By position, under the names of the first frame. All frames have as many columns.
    ByPosition,
    /// By name; a column that a frame does not have is null there. Columns stand in the order in which they are met.
    Fill,
}

impl DFrame {
    /// The rows of several frames, in the order of the frames and of the rows in each. Columns of two types are widened to
    /// one (`i64` and `f64` to `f64`); a text and a number are an error.
    ///
    /// ```
    /// use stratal_frame::{DFrame, How, frame};
    /// let (one, two) = (frame! { "a" => [1i64], "b" => ["x"] }, frame! { "b" => ["y"], "a" => [2i64] });
    /// let both = DFrame::concat(&[&one, &two], How::ByName).collect()?;
    /// assert_eq!((both.column::<i64>("a")?, both.column::<String>("b")?), (vec![1, 2], vec!["x".into(), "y".into()]));
    /// let filled = DFrame::concat(&[&one, &two.drop("a")], How::Fill).collect()?;
    /// assert_eq!(filled.column::<Option<i64>>("a")?, [Some(1), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn concat(frames: &[&DFrame], how: How) -> Self {
        let at = Location::caller();
        match frames.split_first() {
            Some((first, others)) => first.combine(steps::Concat(how), others.iter().map(|frame| frame.steps.clone()).collect(), at),
            None => {
                let error = Error::new(ErrorKind::BadValue, "there are no frames to put together").with_help("give at least one frame");
                DFrame::begin(Op::Source(Arc::new(Memory::new("concat", Err(error)))), at)
            }
        }
    }
}
