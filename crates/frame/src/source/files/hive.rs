//! Keys in the names of directories: `year=2024/month=01/`, and what their values may be.

use arrow_schema::DataType;
use chrono::NaiveDate;

/// What stands for a null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The keys and values of a path below the directory that was asked for; none for null.
pub(super) fn keys(below: &str) -> Vec<(String, Option<String>)> {
    let Some((directories, _)) = below.rsplit_once('/') else { return Vec::new() };
    let pairs = directories.split('/').filter_map(|name| name.split_once('=')).filter(|(key, _)| !key.is_empty());
    pairs.map(|(key, value)| (decoded(key), (value != NULL).then(|| decoded(value)))).collect()
}

/// `New%20York` as `New York`. What does not decode stays as it is.
fn decoded(text: &str) -> String {
    let (bytes, mut plain, mut at) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    while at < bytes.len() {
        let digit = |at: usize| bytes.get(at).and_then(|byte| (*byte as char).to_digit(16));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(plain).unwrap_or_else(|_| text.to_owned())
}

/// What a value, or every value of a key, may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Int,
    Float,
    Date,
    Text,
}

impl Kind {
    /// What a value may be. Integers that are too large for `i64` stay texts, so that no digit is lost.
    pub(super) fn of(value: &str) -> Self {
        let is_number = value.trim_start_matches(['+', '-']).starts_with(|first: char| first.is_ascii_digit() || first == '.');
        if is_number && value.parse::<i64>().is_ok() {
            Kind::Int
        } else if value.len() == 10
            && value.starts_with(|first: char| first.is_ascii_digit())
            && NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok()
        {
            Kind::Date
        } else if is_number && value.contains(['.', 'e', 'E']) && value.parse::<f64>().is_ok() {
            Kind::Float
        } else {
            Kind::Text
        }
    }

    /// What both may be.
    pub(super) fn widen(self, other: Self) -> Self {
        match (self, other) {
            (one, two) if one == two => one,
            (Kind::Null, one) | (one, Kind::Null) => one,
            (Kind::Int, Kind::Float) | (Kind::Float, Kind::Int) => Kind::Float,
            _ => Kind::Text,
        }
    }

    pub(super) fn data_type(self) -> DataType {
        match self {
            Kind::Int => DataType::Int64,
            Kind::Float => DataType::Float64,
            Kind::Date => DataType::Date32,
            Kind::Null | Kind::Text => DataType::Utf8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_directories_and_are_decoded() {
        let pair = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
        let read = keys("city=New%20York/year=2024/deep/k=__HIVE_DEFAULT_PARTITION__/a=b=c/x=1.csv");
        assert_eq!(read, [pair("city", Some("New York")), pair("year", Some("2024")), pair("k", None), pair("a", Some("b=c"))]);
        assert_eq!(keys("k=100%/k%3d=%zz/=1/x.csv"), [pair("k", Some("100%")), pair("k=", Some("%zz"))]);
        assert!(keys("year=2024.csv").is_empty());
    }

    #[test]
    fn values_are_the_narrowest_thing_that_they_may_be() {
        let kinds = [
            ("2024", Kind::Int),
            ("01", Kind::Int),
            ("-7", Kind::Int),
            ("1.5", Kind::Float),
            ("1e3", Kind::Float),
            ("2024-01-31", Kind::Date),
            ("2024-02-30", Kind::Text),
            ("nan", Kind::Text),
            ("", Kind::Text),
            ("99999999999999999999", Kind::Text),
            ("a", Kind::Text),
        ];
        for (value, kind) in kinds {
            assert_eq!(Kind::of(value), kind, "{value}");
        }
        assert_eq!(Kind::Int.widen(Kind::Float), Kind::Float);
        assert_eq!(Kind::Date.widen(Kind::Int), Kind::Text);
        assert_eq!(Kind::Null.widen(Kind::Date), Kind::Date);
    }
}
