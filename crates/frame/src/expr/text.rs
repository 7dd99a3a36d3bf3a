//! Methods of texts: `col("name").str()`.

use super::{
    Expr, IntoExpr,
    conditions::{choose, compare},
    later::{Given, cast},
    own::{Reads, extract, read},
};
use arrow_schema::DataType;
use datafusion::{
    common::ScalarValue,
    functions::{core::expr_fn::nullif, regex::expr_fn as regexes, string::expr_fn as strings, unicode::expr_fn as unicode},
    functions_nested::expr_fn::{make_array, string_to_array},
    logical_expr::{Expr as Logical, Operator, lit},
};
use regex::Regex;
use stratal_core::{Error, ErrorKind, Result};

/// What is trimmed: every character that Unicode calls white space.
const WHITE: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\
                     \u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// The methods of texts. Made by [`Expr::str`].
///
/// Lengths and positions count characters (Unicode scalar values), positions from 0 and negative ones from the end. Nulls stay
/// null.
#[derive(Clone, Debug)]
pub struct StrExpr(Expr);

impl Expr {
    /// The methods of texts.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "name" => ["  Zoë "] }.select(col("name").str().trim().str().upper());
    /// assert_eq!(df.collect()?.item::<String>()?, "ZOË");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn str(&self) -> StrExpr {
        StrExpr(self.clone())
    }
}

fn whole(expr: Logical) -> Logical {
    cast(expr, DataType::Int64)
}

/// The number of characters.
fn length(text: Logical) -> Logical {
    whole(unicode::character_length(text))
}

fn words(words: &[&str]) -> Vec<Expr> {
    words.iter().map(|word| super::lit(*word)).collect()
}

/// A regular expression that compiles.
fn pattern<'a>(given: &'a Given<'_>, at: usize) -> Result<(&'a str, Regex)> {
    let pattern = given.word(at)?;
    match Regex::new(pattern) {
        Ok(regex) => Ok((pattern, regex)),
        Err(error) => {
            let message = format!("{pattern:?} is no regular expression: {error}");
            Err(Error::new(ErrorKind::BadValue, message)
                .with_help("the syntax is that of the crate regex; a backslash before . or ( takes its meaning"))
        }
    }
}

/// The text filled up to a length, by a function that also cuts what is longer.
fn padded(given: &Given<'_>, fill: impl FnOnce(Vec<Logical>) -> Logical) -> Result<Logical> {
    let (text, characters, with) = (given.text(0)?, given.number(1)?, given.word(2)?);
    if with.chars().count() != 1 {
        let message = format!("{} fills up with {with:?}, which is not one character", given.shown());
        return Err(Error::new(ErrorKind::BadValue, message).with_help("give one, as in ' ' or '0'"));
    }
    let is_long = compare(length(text.clone()), Operator::GtEq, lit(characters));
    Ok(choose(is_long, text.clone(), Some(fill(vec![text, lit(characters), lit(with)]))))
}

fn trimmed(given: &Given<'_>, trim: impl FnOnce(Vec<Logical>) -> Logical) -> Result<Logical> {
    Ok(trim(vec![given.text(0)?, lit(WHITE)]))
}

/// A length or a position as SQL counts it.
fn counted(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl StrExpr {
    /// The number of characters, as `i64`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["Zoë", ""] }.select(col("s").str().len());
    /// assert_eq!(df.collect()?.column::<i64>("s")?, [3, 0]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn len(&self) -> Expr {
        self.0.method(".str().len", [], |given| given.text(0).map(length))
    }

    /// The number of bytes in UTF-8, as `i64`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["Zoë"] }.select(col("s").str().len_bytes()).collect()?.item::<i64>()?, 4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn len_bytes(&self) -> Expr {
        self.0.method(".str().len_bytes", [], |given| given.text(0).map(strings::octet_length).map(whole))
    }

    /// In lower case.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["ÄB"] }.select(col("s").str().lower()).collect()?.item::<String>()?, "äb");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn lower(&self) -> Expr {
        self.0.method(".str().lower", [], |given| given.text(0).map(strings::lower))
    }

    /// In upper case.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["äb"] }.select(col("s").str().upper()).collect()?.item::<String>()?, "ÄB");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn upper(&self) -> Expr {
        self.0.method(".str().upper", [], |given| given.text(0).map(strings::upper))
    }

    /// Without white space at both ends.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["\t a b \n"] }.select(col("s").str().trim()).collect()?.item::<String>()?, "a b");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn trim(&self) -> Expr {
        self.0.method(".str().trim", [], |given| trimmed(given, strings::btrim))
    }

    /// Without white space at the start.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => [" a "] }.select(col("s").str().trim_start()).collect()?.item::<String>()?, "a ");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn trim_start(&self) -> Expr {
        self.0.method(".str().trim_start", [], |given| trimmed(given, strings::ltrim))
    }

    /// Without white space at the end.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => [" a "] }.select(col("s").str().trim_end()).collect()?.item::<String>()?, " a");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn trim_end(&self) -> Expr {
        self.0.method(".str().trim_end", [], |given| trimmed(given, strings::rtrim))
    }

    /// The characters from the last to the first.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["Zoë"] }.select(col("s").str().reverse()).collect()?.item::<String>()?, "ëoZ");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn reverse(&self) -> Expr {
        self.0.method(".str().reverse", [], |given| given.text(0).map(unicode::reverse))
    }

    /// The text so many times over; empty for zero times and fewer.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["ab"] }.select(col("s").str().repeat(3)).collect()?.item::<String>()?, "ababab");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn repeat(&self, times: impl IntoExpr) -> Expr {
        self.0.method(".str().repeat", [times.into_expr()], |given| Ok(strings::repeat(given.text(0)?, given.integer(1)?)))
    }

    /// Whether it has `text` in it. An empty text is in every one.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["abc", "b.c"] };
    /// assert_eq!(df.filter(col("s").str().contains("b.")).count()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn contains(&self, text: impl IntoExpr) -> Expr {
        self.0.method(".str().contains", [text.into_expr()], |given| Ok(strings::contains(given.text(0)?, given.text(1)?)))
    }

    /// Whether it starts with `text`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["abc", "bc"] }.filter(col("s").str().starts_with("ab")).count()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn starts_with(&self, text: impl IntoExpr) -> Expr {
        self.0.method(".str().starts_with", [text.into_expr()], |given| Ok(strings::starts_with(given.text(0)?, given.text(1)?)))
    }

    /// Whether it ends with `text`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["abc", "ab"] }.filter(col("s").str().ends_with("bc")).count()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn ends_with(&self, text: impl IntoExpr) -> Expr {
        self.0.method(".str().ends_with", [text.into_expr()], |given| Ok(strings::ends_with(given.text(0)?, given.text(1)?)))
    }

    /// Where `text` is found first, counted in characters from 0; null where it is not.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["ëab", "b", "x"] }.select(col("s").str().find("b"));
    /// assert_eq!(df.collect()?.column::<Option<i64>>("s")?, [Some(2), Some(0), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn find(&self, text: impl IntoExpr) -> Expr {
        self.0.method(".str().find", [text.into_expr()], |given| {
            // Counted from 1, and 0 where there is none.
            let found = whole(unicode::strpos(given.text(0)?, given.text(1)?));
            Ok(nullif(compare(found, Operator::Minus, lit(1i64)), lit(-1i64)))
        })
    }

    /// Whether a regular expression finds a match in it. The syntax is that of the crate `regex`; `^` and `$` ask for the whole
    /// text, `(?i)` takes no notice of case.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["a1", "b"] }.filter(col("s").str().matches("[0-9]$")).count()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn matches(&self, regex: &str) -> Expr {
        self.0.method(".str().matches", words(&[regex]), |given| {
            let text = given.text(0)?;
            let (pattern, _) = pattern(given, 1)?;
            Ok(regexes::regexp_like(text, lit(pattern), None))
        })
    }

    /// What a group of a regular expression matched, in its first match: the group of this number, or the whole match for 0.
    /// Null where there is no match, and where the group took no part in it.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["id=17", "id="] }.select(col("s").str().extract(r"id=(\d+)", 1));
    /// assert_eq!(df.collect()?.column::<Option<String>>("s")?, [Some("17".into()), None]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn extract(&self, regex: &str, group: usize) -> Expr {
        let arguments = [super::lit(regex), super::lit(counted(group))];
        self.0.method(".str().extract", arguments, |given| {
            let (text, group) = (given.text(0)?, given.number(2)?);
            let (pattern, regex) = pattern(given, 1)?;
            if group >= counted(regex.captures_len()) {
                let message = format!("{pattern:?} has no group {group}");
                let help = format!("it has {} besides the whole match, which is group 0", regex.captures_len() - 1);
                return Err(Error::new(ErrorKind::BadValue, message).with_help(help));
            }
            Ok(extract(text, pattern, group))
        })
    }

    /// With `to` in place of every `from`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// assert_eq!(frame! { "s" => ["a.b.c"] }.select(col("s").str().replace(".", "-")).collect()?.item::<String>()?, "a-b-c");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn replace(&self, from: impl IntoExpr, to: impl IntoExpr) -> Expr {
        self.0.method(".str().replace", [from.into_expr(), to.into_expr()], |given| {
            Ok(strings::replace(given.text(0)?, given.text(1)?, given.text(2)?))
        })
    }

    /// With `to` in place of every match of a regular expression. `$1` or `${name}` in `to` is what a group matched, `$$` a
    /// dollar sign.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["31.01.2024"] }.select(col("s").str().replace_regex(r"(\d+)\.(\d+)\.(\d+)", "$3-$2-$1"));
    /// assert_eq!(df.collect()?.item::<String>()?, "2024-01-31");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn replace_regex(&self, regex: &str, to: &str) -> Expr {
        self.0.method(".str().replace_regex", words(&[regex, to]), |given| {
            let text = given.text(0)?;
            let (pattern, _) = pattern(given, 1)?;
            Ok(regexes::regexp_replace(text, lit(pattern), lit(given.word(2)?), Some(lit("g"))))
        })
    }

    /// The parts between the separators, as a list. A text without one is one part, and so is the empty text.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["a,b,", ""] }.select(col("s").str().split(",")).collect()?;
    /// assert_eq!(df.column::<Vec<String>>("s")?, [vec!["a", "b", ""], vec![""]]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn split(&self, separator: &str) -> Expr {
        self.0.method(".str().split", words(&[separator]), |given| {
            let (text, separator) = (given.text(0)?, given.word(1)?);
            if separator.is_empty() {
                let message = format!("{} has an empty separator", given.shown());
                return Err(Error::new(ErrorKind::BadValue, message).with_help("name what stands between the parts"));
            }
            // To SQL, the empty text has no parts.
            let text = cast(text, DataType::Utf8);
            let is_empty = compare(text.clone(), Operator::Eq, lit(""));
            Ok(choose(is_empty, make_array(vec![lit("")]), Some(string_to_array(text, lit(separator), no_text()))))
        })
    }

    /// `length` characters from `start` on, which is counted from 0, or from the end where it is negative. What lies outside of
    /// the text is left out.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["Zoë", "x"] };
    /// assert_eq!(df.select(col("s").str().slice(1, 2)).collect()?.column::<String>("s")?, ["oë", ""]);
    /// assert_eq!(df.select(col("s").str().slice(-2, 1)).collect()?.column::<String>("s")?, ["o", ""]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn slice(&self, start: i64, length: usize) -> Expr {
        self.0.method(".str().slice", [super::lit(start), super::lit(counted(length))], |given| {
            let (text, start, characters) = (given.text(0)?, given.number(1)?, given.number(2)?);
            let from = match start {
                0.. => lit(start.saturating_add(1)),
                _ => compare(self::length(text.clone()), Operator::Plus, lit(start.saturating_add(1))),
            };
            Ok(match characters {
                i64::MAX => unicode::substr(text, from),
                _ => unicode::substring(text, from, lit(characters)),
            })
        })
    }

    /// Filled up at the start to so many characters. A longer text stays as it is.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["7", "1234"] }.select(col("s").str().pad_start(3, '0'));
    /// assert_eq!(df.collect()?.column::<String>("s")?, ["007", "1234"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn pad_start(&self, length: usize, with: impl Into<String>) -> Expr {
        let arguments = [super::lit(counted(length)), super::lit(with.into())];
        self.0.method(".str().pad_start", arguments, |given| padded(given, unicode::lpad))
    }

    /// Filled up at the end to so many characters. A longer text stays as it is.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["ab"] }.select(col("s").str().pad_end(4, '.'));
    /// assert_eq!(df.collect()?.item::<String>()?, "ab..");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn pad_end(&self, length: usize, with: impl Into<String>) -> Expr {
        let arguments = [super::lit(counted(length)), super::lit(with.into())];
        self.0.method(".str().pad_end", arguments, |given| padded(given, unicode::rpad))
    }

    /// The day that it names, by a format of chrono's. A text that does not fit is an error when it runs.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["31.1.2024"] }.select(col("s").str().to_date("%d.%m.%Y"));
    /// assert_eq!(df.collect()?.item::<chrono::NaiveDate>()?.to_string(), "2024-01-31");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn to_date(&self, format: &str) -> Expr {
        self.0.method(".str().to_date", words(&[format]), |given| read(given.text(0)?, Reads::Date, given.word(1)?))
    }

    /// The time of day that it names, by a format of chrono's. A text that does not fit is an error when it runs.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["7:05 pm"] }.select(col("s").str().to_time("%I:%M %p").dt().hour());
    /// assert_eq!(df.collect()?.item::<i64>()?, 19);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn to_time(&self, format: &str) -> Expr {
        self.0.method(".str().to_time", words(&[format]), |given| read(given.text(0)?, Reads::Time, given.word(1)?))
    }

    /// The point in time that it names, by a format of chrono's: with an offset in the format (`%z`) in UTC, else without a
    /// zone; at midnight where the format has no hour. A text that does not fit is an error when it runs.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["2024-01-31 10:00"] }.select(col("s").str().to_datetime("%Y-%m-%d %H:%M"));
    /// assert_eq!(df.collect()?.item::<chrono::NaiveDateTime>()?.to_string(), "2024-01-31 10:00:00");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn to_datetime(&self, format: &str) -> Expr {
        self.0.method(".str().to_datetime", words(&[format]), |given| read(given.text(0)?, Reads::Datetime, given.word(1)?))
    }
}

/// For a parameter of a text that is not given.
fn no_text() -> Logical {
    Logical::Literal(ScalarValue::Utf8(None), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::col;

    #[test]
    fn white_space_is_what_rust_trims() {
        let all: String = (0..=char::MAX as u32).filter_map(char::from_u32).filter(|character| character.is_whitespace()).collect();
        assert_eq!(WHITE, all);
    }

    #[test]
    fn methods_are_shown_as_they_are_called() {
        assert_eq!(format!("{:?}", col("s").str().trim().str().slice(-2, 1)), "s.str().trim().str().slice(-2, 1)");
        assert_eq!(format!("{:?}", col("s").str().pad_start(3, '0')), "s.str().pad_start(3, \"0\")");
    }
}
