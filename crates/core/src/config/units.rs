//! Sizes and times as people write them: a number and a unit, in any case, with or without a space between.

use crate::{Error, ErrorKind, Result};
use std::time::Duration;

/// Reads a size in bytes: `4096`, `256MiB`, `1.5 GB`.
///
/// `KiB MiB GiB TiB PiB` (or `Ki` …) are powers of 1024, `KB MB GB TB PB` (or `K` …) of 1000. Parts of a byte are rounded.
///
/// ```
/// use stratal_core::config::parse_bytes;
/// assert_eq!(parse_bytes("256MiB")?, 256 << 20);
/// assert_eq!(parse_bytes("1.5 gb")?, 1_500_000_000);
/// assert!(parse_bytes("lots").is_err());
/// # Ok::<_, stratal_core::Error>(())
/// ```
///
/// # Errors
/// `BadValue` for any other text, and for 16 EiB and more.
pub fn parse_bytes(text: &str) -> Result<u64> {
    bytes(text).ok_or_else(|| {
        Error::new(ErrorKind::BadValue, format!("{text:?} is not a size"))
            .with_help("write a number of bytes, or a number with a unit: 4096, 256MiB, 1.5GB")
    })
}

/// Reads a time span: `500ms`, `2s`, `15m`, `1.5 h`, `1d`. The unit is needed.
///
/// ```
/// use std::time::Duration;
/// use stratal_core::config::parse_duration;
/// assert_eq!(parse_duration("500ms")?, Duration::from_millis(500));
/// assert_eq!(parse_duration("15m")?, Duration::from_secs(900));
/// assert!(parse_duration("15").is_err());
/// # Ok::<_, stratal_core::Error>(())
/// ```
///
/// # Errors
/// `BadValue` for any other text, and for more than a [`Duration`] holds.
pub fn parse_duration(text: &str) -> Result<Duration> {
    duration(text).ok_or_else(|| {
        Error::new(ErrorKind::BadValue, format!("{text:?} is not a time span"))
            .with_help("write a number with a unit, ms, s, m, h or d: 500ms, 2s, 15m")
    })
}

/// Writes a size with one decimal, in the largest power of 1024 that it fills.
///
/// ```
/// use stratal_core::config::show_bytes;
/// assert_eq!(show_bytes(512), "512 B");
/// assert_eq!(show_bytes(2_040_109_466), "1.9 GiB");
/// ```
pub fn show_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    // What would be rounded to 1024.0 is 1.0 of the next unit.
    while size >= 1023.95 {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = split(text);
    let unit: u64 = match unit.as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "p" | "pb" => 1_000_000_000_000_000,
        "ki" | "kib" => 1 << 10,
        "mi" | "mib" => 1 << 20,
        "gi" | "gib" => 1 << 30,
        "ti" | "tib" => 1 << 40,
        "pi" | "pib" => 1 << 50,
        _ => return None,
    };
    // Whole numbers stay exact; only fractions go through a float.
    match number.parse::<u64>() {
        Ok(number) => number.checked_mul(unit),
        Err(_) => {
            let bytes = (number.parse::<f64>().ok()? * unit as f64).round();
            (bytes < u64::MAX as f64).then_some(bytes as u64)
        }
    }
}

fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text);
    let seconds = match unit.as_str() {
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

/// The number and, in lower case, the unit. The number is digits and points alone, so it is never negative.
fn split(text: &str) -> (&str, String) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (&text[..end], text[end..].trim_start().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_any_case_and_with_spaces() {
        let read = [
            ("4096", 4096),
            ("0", 0),
            ("512 B", 512),
            ("4GiB", 4 << 30),
            ("4gib", 4 << 30),
            (" 256 MiB ", 256 << 20),
            ("1.5GB", 1_500_000_000),
            ("0.5 KiB", 512),
            ("64Mi", 64 << 20),
            ("2T", 2_000_000_000_000),
            ("18446744073709551615", u64::MAX),
        ];
        for (text, bytes) in read {
            assert_eq!(parse_bytes(text).ok(), Some(bytes), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused_with_help() {
        for text in ["", "MiB", "-1", "1.2.3MB", "1e3", "12 apples", "1 000", "16384PiB", "18446744073709551616", "NaN", "µ"] {
            let error = parse_bytes(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::BadValue);
            assert_eq!(error.message(), format!("{text:?} is not a size"));
            assert!(error.help().is_some());
        }
    }

    #[test]
    fn time_spans_are_read_with_every_unit() {
        let read = [("500ms", 500), ("1 ms", 1), ("2s", 2_000), ("0.25S", 250), ("15m", 900_000), ("1h", 3_600_000), ("1d", 86_400_000)];
        for (text, millis) in read {
            assert_eq!(parse_duration(text).ok(), Some(Duration::from_millis(millis)), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_time_span_is_refused_with_help() {
        for text in ["", "10", "s", "-1s", "1 week", "99999999999999999999d"] {
            let error = parse_duration(text).expect_err(text);
            assert_eq!((error.kind(), error.help().is_some()), (ErrorKind::BadValue, true));
        }
    }

    #[test]
    fn sizes_are_shown_in_the_unit_they_fill() {
        let shown = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            ((1 << 20) - 1, "1.0 MiB"),
            (4 << 30, "4.0 GiB"),
            (u64::MAX, "16.0 EiB"),
        ];
        for (bytes, text) in shown {
            assert_eq!(show_bytes(bytes), text);
        }
    }
}
