//! What a text may be, and the narrowest type for all texts of a column.

use super::parse::{date, datetime, float, integer, signed, truth};
use arrow_schema::{DataType, TimeUnit};

/// What a value, or every value of a column, may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing was seen.
    Null,
    Bool,
    Int,
    Float,
    Date,
    Datetime,
    /// A date and time with an offset from UTC.
    Zoned,
    Text,
}

impl Kind {
    /// What a text may be. Integers that are too large for `i64` stay texts, so that no digit is lost.
    pub(super) fn of(text: &[u8]) -> Self {
        let text = text.trim_ascii();
        let Some(first) = text.first().copied() else { return Kind::Text };
        if first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.') {
            if integer::<i64>(text).is_some() {
                return Kind::Int;
            }
            let (_, digits) = signed(text);
            if digits.iter().all(u8::is_ascii_digit) {
                return Kind::Text;
            }
        }
        if float(text).is_some() {
            return Kind::Float;
        }
        if date(text).is_some() {
            return Kind::Date;
        }
        match datetime(text) {
            Some((_, false)) => Kind::Datetime,
            Some((_, true)) => Kind::Zoned,
            None if truth(text).is_some() => Kind::Bool,
            None => Kind::Text,
        }
    }

    /// What both may be.
    pub(super) fn widen(self, other: Self) -> Self {
        use Kind::{Date, Datetime, Float, Int, Null, Text};
        match (self, other) {
            (one, two) if one == two => one,
            (Null, one) | (one, Null) => one,
            (Int, Float) | (Float, Int) => Float,
            (Date, Datetime) | (Datetime, Date) => Datetime,
            _ => Text,
        }
    }

    /// The type of a column of it. A column without values is text, which takes whatever comes.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Kind::Bool => DataType::Boolean,
            Kind::Int => DataType::Int64,
            Kind::Float => DataType::Float64,
            Kind::Date => DataType::Date32,
            Kind::Datetime => DataType::Timestamp(TimeUnit::Microsecond, None),
            Kind::Zoned => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kind::Null | Kind::Text => DataType::Utf8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_narrowest_thing_that_they_may_be() {
        let kinds = [
            ("7", Kind::Int),
            ("-7", Kind::Int),
            ("007", Kind::Int),
            ("99999999999999999999", Kind::Text),
            ("7.5", Kind::Float),
            ("1e5", Kind::Float),
            ("nan", Kind::Float),
            ("12,5", Kind::Text),
            ("true", Kind::Bool),
            ("2024-01-31", Kind::Date),
            ("2024-02-30", Kind::Text),
            ("2024-01-31 10:00:00.5", Kind::Datetime),
            ("2024-01-31T10:00:00Z", Kind::Zoned),
            ("4998-01-01", Kind::Date),
            ("", Kind::Text),
            ("Alice", Kind::Text),
        ];
        for (text, kind) in kinds {
            assert_eq!(Kind::of(text.as_bytes()), kind, "{text}");
        }
    }

    #[test]
    fn widening_is_commutative_and_ends_at_text() {
        use Kind::*;
        let all = [Null, Bool, Int, Float, Date, Datetime, Zoned, Text];
        for one in all {
            for two in all {
                assert_eq!(one.widen(two), two.widen(one));
            }
            assert_eq!(one.widen(Text), Text);
            assert_eq!(one.widen(Null), one);
        }
        assert_eq!((Int.widen(Float), Int.widen(Bool), Date.widen(Datetime)), (Float, Text, Datetime));
    }
}
