//! Methods of texts, against what Rust makes of the same texts.

use super::{everywhere, parted};
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Expr, Frame, FromColumn, col, frame};

const TEXTS: [Option<&str>; 9] = [
    Some("Zoë"),
    Some(""),
    None,
    Some("  spaced\t\u{2003}"),
    Some("a,b,,c"),
    Some("12-34-56"),
    Some("STRASSE straße"),
    Some("naïve café 🦀!"),
    Some("x"),
];

fn texts() -> DFrame {
    frame! { "s" => TEXTS }
}

/// What an expression makes of the texts, on several partitionings and as the steps were written.
fn made<T: FromColumn + PartialEq + std::fmt::Debug>(place: &str, expr: &Expr) -> Vec<T> {
    let whole = texts().select(expr.alias("out")).collect().unwrap().column::<T>("out").unwrap();
    for parts in [2, 5] {
        let query = parted(&texts(), parts).select(expr.alias("out"));
        assert_eq!(query.collect().unwrap().column::<T>("out").unwrap(), whole, "{place} {parts} {expr:?}");
        let written = query.graph().unwrap().get_all::<Frame>("select").unwrap();
        let written: Vec<T> = written.iter().flat_map(|part| part.column::<T>("out").unwrap()).collect();
        assert_eq!(written, whole, "{place} {parts} {expr:?}, as written");
    }
    whole
}

/// What Rust makes of them.
fn expected<T>(of: impl Fn(&str) -> T) -> Vec<Option<T>> {
    TEXTS.iter().map(|text| text.map(&of)).collect()
}

#[test]
fn lengths_cases_and_ends_are_those_of_rust() {
    everywhere(|place| {
        let s = col("s");
        assert_eq!(made::<Option<i64>>(place, &s.str().len()), expected(|text| text.chars().count() as i64));
        assert_eq!(made::<Option<i64>>(place, &s.str().len_bytes()), expected(|text| text.len() as i64));
        assert_eq!(made::<Option<String>>(place, &s.str().lower()), expected(str::to_lowercase));
        assert_eq!(made::<Option<String>>(place, &s.str().upper()), expected(str::to_uppercase));
        assert_eq!(made::<Option<String>>(place, &s.str().trim()), expected(|text| text.trim().to_owned()));
        assert_eq!(made::<Option<String>>(place, &s.str().trim_start()), expected(|text| text.trim_start().to_owned()));
        assert_eq!(made::<Option<String>>(place, &s.str().trim_end()), expected(|text| text.trim_end().to_owned()));
        assert_eq!(made::<Option<String>>(place, &s.str().reverse()), expected(|text| text.chars().rev().collect::<String>()));
    });
}

#[test]
fn texts_are_found_in_texts() {
    everywhere(|place| {
        let s = col("s");
        for part in ["", "a", "ë", "-34", "🦀", "S", "not there"] {
            assert_eq!(made::<Option<bool>>(place, &s.str().contains(part)), expected(|text| text.contains(part)), "{part}");
            assert_eq!(made::<Option<bool>>(place, &s.str().starts_with(part)), expected(|text| text.starts_with(part)), "{part}");
            assert_eq!(made::<Option<bool>>(place, &s.str().ends_with(part)), expected(|text| text.ends_with(part)), "{part}");
            let found = |text: &str| text.find(part).map(|at| text[..at].chars().count() as i64);
            let found: Vec<Option<i64>> = TEXTS.iter().map(|text| text.and_then(found)).collect();
            assert_eq!(made::<Option<i64>>(place, &s.str().find(part)), found, "{part}");
        }
        // A column is searched for as well as a text.
        assert_eq!(made::<Option<bool>>(place, &s.str().contains(col("s"))), expected(|_| true));
        assert_eq!(made::<Option<i64>>(place, &s.str().find(col("s").str().slice(1, 1))), {
            let second = |text: &str| match text.chars().nth(1) {
                Some(second) => text.chars().position(|character| character == second).map(|at| at as i64),
                None => Some(0),
            };
            TEXTS.iter().map(|text| text.and_then(second)).collect::<Vec<_>>()
        });
    });
}

#[test]
fn slices_count_from_either_end_and_lose_what_lies_outside() {
    let slice = |text: &str, start: i64, length: usize| -> String {
        let characters: Vec<char> = text.chars().collect();
        let start = if start < 0 { start + characters.len() as i64 } else { start };
        let inside = |at: i64| at.clamp(0, characters.len() as i64) as usize;
        characters[inside(start)..inside(start.saturating_add_unsigned(length as u64))].iter().collect()
    };
    everywhere(|place| {
        for start in [-100, -4, -3, -1, 0, 1, 2, 9, 100] {
            for length in [0, 1, 3, 50, usize::MAX] {
                let sliced = made::<Option<String>>(place, &col("s").str().slice(start, length));
                assert_eq!(sliced, expected(|text| slice(text, start, length)), "{place} {start} {length}");
            }
        }
    });
}

#[test]
fn texts_are_repeated_replaced_and_filled_up() {
    everywhere(|place| {
        let s = col("s");
        assert_eq!(made::<Option<String>>(place, &s.str().repeat(3)), expected(|text| text.repeat(3)));
        assert_eq!(made::<Option<String>>(place, &s.str().repeat(-1)), expected(|_| String::new()));
        assert_eq!(made::<Option<String>>(place, &s.str().replace("a", "oo")), expected(|text| text.replace('a', "oo")));
        let filled = |text: &str, at_start: bool| {
            let fill = "é".repeat(5usize.saturating_sub(text.chars().count()));
            if at_start { fill + text } else { text.to_owned() + &fill }
        };
        assert_eq!(made::<Option<String>>(place, &s.str().pad_start(5, 'é')), expected(|text| filled(text, true)));
        assert_eq!(made::<Option<String>>(place, &s.str().pad_end(5, "é")), expected(|text| filled(text, false)));
    });
}

#[test]
fn a_split_text_has_as_many_parts_as_separators_and_one() {
    everywhere(|place| {
        for separator in [",", "-", ",,", "🦀", "none"] {
            let parts = made::<Option<Vec<String>>>(place, &col("s").str().split(separator));
            assert_eq!(parts, expected(|text| text.split(separator).map(str::to_owned).collect::<Vec<_>>()), "{separator}");
            let joined = made::<Option<String>>(place, &col("s").str().split(separator).list().join(separator));
            assert_eq!(joined, expected(str::to_owned), "{separator}");
        }
    });
}

#[test]
fn regular_expressions_are_those_of_the_crate() {
    everywhere(|place| {
        let s = col("s");
        for pattern in [r"\d+", "^$", "(?i)STRASSE", "[äöüé]", r"\s+$"] {
            let regex = regex::Regex::new(pattern).unwrap();
            assert_eq!(made::<Option<bool>>(place, &s.str().matches(pattern)), expected(|text| regex.is_match(text)), "{pattern}");
            let replaced = made::<Option<String>>(place, &s.str().replace_regex(pattern, "<$0>"));
            assert_eq!(replaced, expected(|text| regex.replace_all(text, "<$0>").into_owned()), "{pattern}");
        }
        let pattern = r"(x)?(\d+)-(?P<second>\d+)";
        let regex = regex::Regex::new(pattern).unwrap();
        for group in 0..=3 {
            let of = |text: &str| regex.captures(text).and_then(|groups| groups.get(group)).map(|found| found.as_str().to_owned());
            let of: Vec<Option<String>> = TEXTS.iter().map(|text| text.and_then(of)).collect();
            assert_eq!(made::<Option<String>>(place, &s.str().extract(pattern, group)), of, "{group}");
        }
        let swapped = made::<Option<String>>(place, &s.str().replace_regex(pattern, "${second}_$2"));
        assert_eq!(swapped, expected(|text| regex.replace_all(text, "${second}_$2").into_owned()));
    });
}

#[test]
fn texts_are_read_as_dates_and_times() {
    let df = frame! { "s" => [Some("29.02.2024 23:05:09.25"), None, Some("31.12.1969 00:00:00")] };
    everywhere(|place| {
        let df = df.with_client(&stratal_core::Client::current());
        let format = "%d.%m.%Y %H:%M:%S%.f";
        let at = df.select(col("s").str().to_datetime(format)).collect().unwrap();
        let at = at.column::<Option<chrono::NaiveDateTime>>("s").unwrap();
        let shown: Vec<Option<String>> = at.into_iter().map(|at| at.map(|at| at.to_string())).collect();
        assert_eq!(shown, [Some("2024-02-29 23:05:09.250".to_owned()), None, Some("1969-12-31 00:00:00".to_owned())], "{place}");
        let days = df.select(col("s").str().slice(0, 10).str().to_date("%d.%m.%Y")).collect().unwrap();
        let days: Vec<Option<String>> =
            days.column::<Option<chrono::NaiveDate>>("s").unwrap().into_iter().map(|day| day.map(|day| day.to_string())).collect();
        assert_eq!(days, [Some("2024-02-29".to_owned()), None, Some("1969-12-31".to_owned())], "{place}");
        let error = df.select(col("s").str().to_date("%Y-%m-%d")).collect().unwrap_err();
        assert!(error.message().contains("\"29.02.2024 23:05:09.25\" is no date of the format \"%Y-%m-%d\""), "{place}: {error}");
    });
}

#[test]
fn what_is_no_text_is_refused_with_its_type() {
    let df = frame! { "n" => [1i64], "s" => ["a"] };
    let error = df.filter(col("n").str().contains("1")).check().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::TypeMismatch, "n.str().contains(\"1\") takes str, and n is i64"));
    assert_eq!((error.help(), error.step()), (Some("cast it: col(\"n\").cast(\"str\")"), Some((2, "filter"))));
    let error = df.select(col("s").str().contains(5)).check().unwrap_err();
    assert_eq!(error.message(), "s.str().contains(5) takes str, and 5 is i64");
    let error = df.select(col("s").str().len().gt("x")).check().unwrap_err();
    assert_eq!(error.message(), "cannot compare i64 with str in s.str().len() > \"x\"");
    let error = df.filter(col("s").like(col("n"))).check().unwrap_err();
    assert_eq!(error.message(), "like takes str, and n is i64");
}

#[test]
fn what_cannot_be_meant_is_an_error_before_anything_runs() {
    let df = frame! { "s" => ["a"] };
    let message = |expr: Expr| df.select(expr).check().unwrap_err().message().to_owned();
    assert!(message(col("s").str().matches("(")).starts_with("\"(\" is no regular expression"));
    assert_eq!(message(col("s").str().extract("(a)(b)", 3)), "\"(a)(b)\" has no group 3");
    assert_eq!(message(col("s").str().split("")), "s.str().split(\"\") has an empty separator");
    assert!(message(col("s").str().pad_start(3, "ab")).ends_with("fills up with \"ab\", which is not one character"));
    assert_eq!(message(col("s").str().to_date("%Q")), "\"%Q\" is no format of dates and times");
}
