//! Which rows of a window an aggregate covers, as it is written.

use crate::expr::every::Every;
use std::{
    fmt,
    ops::{Bound, RangeBounds},
};
use stratal_core::{Error, ErrorKind, Result};

/// Rows around a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Span {
    /// From so many rows after it to so many, both included.
    Rows(Option<i64>, Option<i64>),
    /// Those that are not so many nanoseconds before it, and not after it; and the text that says so.
    Time(i128, String),
}

impl Span {
    pub(super) fn rows(range: &impl RangeBounds<i64>) -> Result<Self> {
        let start = match range.start_bound() {
            Bound::Included(start) => Some(*start),
            Bound::Excluded(start) => Some(start.saturating_add(1)),
            Bound::Unbounded => None,
        };
        let end = match range.end_bound() {
            Bound::Included(end) => Some(*end),
            Bound::Excluded(end) => Some(end.saturating_sub(1)),
            Bound::Unbounded => None,
        };
        match (start, end) {
            (Some(first), Some(last)) if first > last => {
                let message = format!("there are no rows from {first} to {last}");
                Err(Error::new(ErrorKind::BadValue, message).with_help("give the earlier one first: rows(-6..=0)"))
            }
            _ => Ok(Span::Rows(start, end)),
        }
    }

    /// As many rows before a row as after it; one more before, if the number is even.
    pub(super) fn centered(rows: usize) -> Result<Self> {
        let rows = positive(rows as i128, "centered")?;
        Span::rows(&(-(rows / 2)..=rows - 1 - rows / 2))
    }
}

/// A number of rows that is not 0.
fn positive(rows: i128, method: &str) -> Result<i64> {
    i64::try_from(rows).ok().filter(|rows| *rows > 0).ok_or_else(|| {
        let message = format!("{method}({rows}) covers no rows");
        Error::new(ErrorKind::BadValue, message).with_help(format!("the row itself counts: {method}(1) is the row alone"))
    })
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |row: &Option<i64>| row.map(|row| row.to_string()).unwrap_or_default();
        match self {
            Span::Rows(start, Some(end)) => write!(f, "rows {}..={end}", shown(start)),
            Span::Rows(start, None) => write!(f, "rows {}..", shown(start)),
            Span::Time(_, text) => write!(f, "trailing {text}"),
        }
    }
}

/// How far [`Window::trailing`](super::Window::trailing) reaches back: a number of rows, or a span of time as text.
#[derive(Clone, Debug)]
pub struct Trailing(pub(super) Result<Span>);

macro_rules! rows {
    ($($type:ty)*) => {$(
        impl From<$type> for Trailing {
            fn from(rows: $type) -> Self {
                Trailing(positive(rows as i128, "trailing").map(|rows| Span::Rows(Some(1 - rows), Some(0))))
            }
        }
    )*};
}

rows! { i32 i64 u32 u64 usize }

impl From<&str> for Trailing {
    fn from(text: &str) -> Self {
        let span = Every::parse(text).and_then(|every| match every {
            Every { months: 0, nanos } if nanos > 0 => Ok(Span::Time(nanos, text.to_owned())),
            Every { months: 0, .. } => Err(Error::new(ErrorKind::BadValue, format!("trailing({text:?}) covers no time"))),
            _ => Err(Error::new(ErrorKind::BadValue, format!("trailing({text:?}) has no fixed length: months differ"))
                .with_help("count in days: trailing(\"30d\")")),
        });
        Trailing(span)
    }
}

impl From<String> for Trailing {
    fn from(text: String) -> Self {
        Trailing::from(text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_rows_include_both_ends() {
        assert_eq!(Span::rows(&(-6..=0)).unwrap(), Span::Rows(Some(-6), Some(0)));
        assert_eq!(Span::rows(&(-6..1)).unwrap(), Span::Rows(Some(-6), Some(0)));
        assert_eq!(Span::rows(&(..=0)).unwrap(), Span::Rows(None, Some(0)));
        assert_eq!(Span::rows(&(0..)).unwrap(), Span::Rows(Some(0), None));
        assert_eq!(Span::rows(&(..)).unwrap(), Span::Rows(None, None));
        assert_eq!(Span::rows(&std::ops::RangeInclusive::new(3, 1)).unwrap_err().message(), "there are no rows from 3 to 1");
    }

    #[test]
    fn a_centered_span_has_as_many_rows_as_it_says() {
        assert_eq!(Span::centered(7).unwrap(), Span::Rows(Some(-3), Some(3)));
        assert_eq!(Span::centered(4).unwrap(), Span::Rows(Some(-2), Some(1)));
        assert_eq!(Span::centered(1).unwrap(), Span::Rows(Some(0), Some(0)));
        assert!(Span::centered(0).is_err());
    }

    #[test]
    fn trailing_takes_rows_and_time() {
        let span = |trailing: Trailing| trailing.0.unwrap();
        assert_eq!(span(7.into()), Span::Rows(Some(-6), Some(0)));
        assert_eq!(span("7d".into()), Span::Time(604_800_000_000_000, "7d".to_owned()));
        assert_eq!(span("7d".into()).to_string(), "trailing 7d");
        assert_eq!(span(3usize.into()).to_string(), "rows -2..=0");
        for wrong in [Trailing::from(0), Trailing::from(-1), "1mo".into(), "0d".into(), "often".into()] {
            assert_eq!(wrong.0.unwrap_err().kind(), ErrorKind::BadValue);
        }
    }
}
