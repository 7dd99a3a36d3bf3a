//! Values as text, appended to bytes: digits, dates, times. Nothing here makes a `String`, and nothing can fail.

use arrow_schema::TimeUnit;
use std::{
    fmt::{Display, LowerExp},
    io::Write,
};

const VEC: &str = "a vector takes all that is written to it";

/// The most digits that tell a float from its neighbours.
const DIGITS: usize = 17;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// An integer that is not negative.
pub(crate) fn unsigned(mut value: u64, out: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// An integer.
pub(crate) fn signed(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    unsigned(value.unsigned_abs(), out);
}

/// An integer of at least `width` digits.
fn padded(value: u64, width: usize, out: &mut Vec<u8>) {
    let digits = value.checked_ilog10().map_or(1, |log| log as usize + 1);
    out.resize(out.len() + width.saturating_sub(digits), b'0');
    unsigned(value, out);
}

/// A float as Python's `repr`: the shortest digits that read back as it, `1.0`, `1e-05`, `nan`, `-inf`.
pub(crate) fn float64(value: f64, out: &mut Vec<u8>) {
    // Below, an integer's shortest digits are its own.
    float(value, value.abs(), 1e15, out);
}

/// As [`float64`], by the shortest digits among floats of 32 bits.
pub(crate) fn float32(value: f32, out: &mut Vec<u8>) {
    float(f64::from(value), value.abs(), 16_777_216.0, out);
}

fn float(value: f64, size: impl LowerExp, whole: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        return out.extend_from_slice(b"nan");
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let absolute = value.abs();
    if absolute.is_infinite() {
        out.extend_from_slice(b"inf");
    } else if absolute < whole && absolute.trunc() == absolute {
        unsigned(absolute as u64, out);
        out.extend_from_slice(b".0");
    } else {
        shortest(size, out);
    }
}

/// A positive number: fixed where its exponent is at least -4 and below 16, else with the exponent.
fn shortest(size: impl LowerExp, out: &mut Vec<u8>) {
    let start = out.len();
    write!(out, "{size:e}").expect(VEC);
    let (mut digits, mut count, mut exponent, mut is_negative, mut at_exponent) = ([0u8; DIGITS], 0, 0usize, false, false);
    for byte in &out[start..] {
        match byte {
            b'e' => at_exponent = true,
            b'-' => is_negative = true,
            b'0'..=b'9' if at_exponent => exponent = exponent * 10 + usize::from(byte - b'0'),
            b'0'..=b'9' if count < DIGITS => {
                digits[count] = *byte;
                count += 1;
            }
            _ => {}
        }
    }
    out.truncate(start);
    let digits = &digits[..count];
    let most = if is_negative { 4 } else { 15 };
    if exponent > most {
        out.extend_from_slice(&digits[..1]);
        if count > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        out.extend_from_slice(if is_negative { b"e-" } else { b"e+" });
        padded(exponent as u64, 2, out);
    } else if is_negative {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + exponent - 1, b'0');
        out.extend_from_slice(digits);
    } else {
        let (whole, rest) = digits.split_at(count.min(exponent + 1));
        out.extend_from_slice(whole);
        out.resize(out.len() + exponent + 1 - whole.len(), b'0');
        out.push(b'.');
        out.extend_from_slice(if rest.is_empty() { b"0" } else { rest });
    }
}

/// A decimal, given as the integer of all its digits, with as many digits after the point as its scale says.
pub(crate) fn decimal(value: impl Display, scale: i8, out: &mut Vec<u8>) {
    let mut start = out.len();
    write!(out, "{value}").expect(VEC);
    if out[start] == b'-' {
        start += 1;
    }
    match usize::try_from(scale) {
        Ok(0) => {}
        Ok(scale) => {
            let missing = (scale + 1).saturating_sub(out.len() - start);
            out.splice(start..start, std::iter::repeat_n(b'0', missing));
            out.insert(out.len() - scale, b'.');
        }
        Err(_) if out[start..] == *b"0" => {}
        Err(_) => out.resize(out.len() + usize::from(scale.unsigned_abs()), b'0'),
    }
}

/// Bytes as DuckDB prints them: what is printable as it is, the rest as `\xAA`.
pub(crate) fn blob(bytes: &[u8], escape: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        match byte {
            b'\\' | b'\'' | b'"' => {}
            b' '..=b'~' => {
                out.push(*byte);
                continue;
            }
            _ => {}
        }
        out.extend_from_slice(escape);
        out.push(b'x');
        out.push(HEX[usize::from(byte >> 4)]);
        out.push(HEX[usize::from(byte & 15)]);
    }
}

/// Year, month and day of a day counted from 1970-01-01. After Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms": years begin in March, so that a leap day is the last of its year.
fn civil(days: i64) -> (i64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month as u64, day as u64)
}

/// `2024-01-31`, of days since 1970.
pub(crate) fn date(days: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil(days);
    if year < 0 {
        out.push(b'-');
    }
    padded(year.unsigned_abs(), 4, out);
    out.push(b'-');
    padded(month, 2, out);
    out.push(b'-');
    padded(day, 2, out);
}

/// Whole seconds, rounded down, and the nanoseconds that are left.
pub(crate) fn seconds(value: i64, unit: TimeUnit) -> (i64, u32) {
    let each = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    };
    (value.div_euclid(each), (value.rem_euclid(each) * (1_000_000_000 / each)) as u32)
}

/// `10:11:12.5`: without trailing zeros, and with as many hours as there are.
pub(crate) fn time(seconds: u64, nanos: u32, out: &mut Vec<u8>) {
    padded(seconds / 3600, 2, out);
    out.push(b':');
    padded(seconds / 60 % 60, 2, out);
    out.push(b':');
    padded(seconds % 60, 2, out);
    if nanos > 0 {
        out.push(b'.');
        padded(nanos.into(), 9, out);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
}

/// `2024-01-31 10:00:00.5`, of seconds since 1970, with `separator` between date and time.
pub(crate) fn timestamp(seconds: i64, nanos: u32, separator: u8, out: &mut Vec<u8>) {
    date(seconds.div_euclid(DAY), out);
    out.push(separator);
    time(seconds.rem_euclid(DAY) as u64, nanos, out);
}

/// Seconds east of UTC of a zone that is an offset, such as `+05:30`. A named zone would need a table of its changes: its
/// times are written in UTC.
pub(crate) fn offset(zone: &str) -> i64 {
    let (sign, rest) = match zone.as_bytes() {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return 0,
    };
    let number = |tens: &u8, ones: &u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    let minutes = match rest {
        [h, hh] => number(h, hh).map(|hours| hours * 60),
        [h, hh, m, mm] | [h, hh, b':', m, mm] => number(h, hh).zip(number(m, mm)).map(|(hours, minutes)| hours * 60 + minutes),
        _ => None,
    };
    minutes.map_or(0, |minutes| sign * minutes * 60)
}

/// `+00`, `+05:30`.
pub(crate) fn zone(offset: i64, out: &mut Vec<u8>) {
    out.push(if offset < 0 { b'-' } else { b'+' });
    let minutes = offset.unsigned_abs() / 60;
    padded(minutes / 60, 2, out);
    if !minutes.is_multiple_of(60) {
        out.push(b':');
        padded(minutes % 60, 2, out);
    }
}

/// `26:00:00.5`, `-00:00:01`: a span of so many seconds, rounded down, and nanoseconds.
pub(crate) fn span(seconds: i64, nanos: u32, out: &mut Vec<u8>) {
    let all = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    if all < 0 {
        out.push(b'-');
    }
    let size = all.unsigned_abs();
    time((size / 1_000_000_000) as u64, (size % 1_000_000_000) as u32, out);
}

/// `1 year 2 months 3 days 04:05:06`, as DuckDB prints intervals; `00:00:00` for none.
pub(crate) fn interval(months: i32, days: i32, nanos: i64, out: &mut Vec<u8>) {
    let start = out.len();
    for (count, name) in [(months / 12, "year"), (months % 12, "month"), (days, "day")] {
        if count != 0 {
            let plural = if count.unsigned_abs() == 1 { "" } else { "s" };
            write!(out, "{count} {name}{plural} ").expect(VEC);
        }
    }
    if nanos != 0 || out.len() == start {
        let (seconds, nanos) = seconds(nanos, TimeUnit::Nanosecond);
        span(seconds, nanos, out);
    } else {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, TimeDelta};

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floats_are_what_python_prints() {
        for (value, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (-0.0, "-0.0"),
            (100.0, "100.0"),
            (1234.5678, "1234.5678"),
            (1e20, "1e+20"),
            (1e-5, "1e-05"),
            (1e-4, "0.0001"),
            (0.00012345, "0.00012345"),
            (-1.5e-7, "-1.5e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1.234_567_890_123_456_8e17, "1.2345678901234568e+17"),
            (123_456_789_012_345.6, "123456789012345.6"),
            (1e100, "1e+100"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(written(|out| float64(value, out)), text);
        }
    }

    #[test]
    fn every_float_reads_back_as_itself() {
        let mut bits = 0x9E37_79B9_7F4A_7C15u64;
        for _ in 0..20_000 {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            let (wide, narrow) = (f64::from_bits(bits), f32::from_bits(bits as u32));
            if wide.is_finite() {
                assert_eq!(written(|out| float64(wide, out)).parse::<f64>().unwrap().to_bits(), wide.to_bits());
            }
            if narrow.is_finite() {
                assert_eq!(written(|out| float32(narrow, out)).parse::<f32>().unwrap().to_bits(), narrow.to_bits());
            }
        }
    }

    #[test]
    fn narrow_floats_have_digits_of_their_own() {
        for (value, text) in [(0.1f32, "0.1"), (16_777_216.0, "16777216.0"), (1e10, "10000000000.0"), (1.5e-8, "1.5e-08")] {
            assert_eq!(written(|out| float32(value, out)), text);
        }
    }

    #[test]
    fn integers_at_both_ends() {
        for value in [0, 7, -7, 10, i64::MAX, i64::MIN] {
            assert_eq!(written(|out| signed(value, out)), value.to_string());
        }
        assert_eq!(written(|out| unsigned(u64::MAX, out)), u64::MAX.to_string());
    }

    #[test]
    fn decimals_keep_their_scale() {
        for (value, scale, text) in [
            (150, 2, "1.50"),
            (-150, 2, "-1.50"),
            (5, 3, "0.005"),
            (-5, 1, "-0.5"),
            (0, 2, "0.00"),
            (42, 0, "42"),
            (42, -2, "4200"),
            (0, -2, "0"),
        ] {
            assert_eq!(written(|out| decimal(value, scale, out)), text);
        }
    }

    #[test]
    fn every_day_of_eight_centuries_is_the_calendars() {
        let start = NaiveDate::from_ymd_opt(1600, 1, 1).unwrap();
        let first = start.signed_duration_since(NaiveDate::default()).num_days();
        for day in 0..292_200 {
            assert_eq!(written(|out| date(first + day, out)), (start + TimeDelta::days(day)).to_string());
        }
        assert_eq!(written(|out| date(-719_529, out)), "-0001-12-31");
        assert_eq!(written(|out| date(2_932_897, out)), "10000-01-01");
    }

    #[test]
    fn times_have_no_trailing_zeros() {
        assert_eq!(written(|out| time(36_672, 500_000_000, out)), "10:11:12.5");
        assert_eq!(written(|out| time(0, 0, out)), "00:00:00");
        assert_eq!(written(|out| timestamp(1_706_695_200, 1_000, b' ', out)), "2024-01-31 10:00:00.000001");
        let (whole, nanos) = seconds(-1, TimeUnit::Millisecond);
        assert_eq!(written(|out| timestamp(whole, nanos, b'T', out)), "1969-12-31T23:59:59.999");
    }

    #[test]
    fn zones_that_are_offsets_are_written_as_such() {
        for (name, seconds, text) in [
            ("+05:30", 19_800, "+05:30"),
            ("-0330", -12_600, "-03:30"),
            ("+02", 7_200, "+02"),
            ("UTC", 0, "+00"),
            ("Europe/Paris", 0, "+00"),
        ] {
            assert_eq!(offset(name), seconds, "{name}");
            assert_eq!(written(|out| zone(seconds, out)), text);
        }
    }

    #[test]
    fn spans_and_intervals() {
        assert_eq!(written(|out| span(93_600, 500_000_000, out)), "26:00:00.5");
        assert_eq!(written(|out| span(-1, 500_000_000, out)), "-00:00:00.5");
        assert_eq!(written(|out| interval(14, 1, 3_600_000_000_000, out)), "1 year 2 months 1 day 01:00:00");
        assert_eq!(written(|out| interval(0, -2, 0, out)), "-2 days");
        assert_eq!(written(|out| interval(0, 0, 0, out)), "00:00:00");
    }

    #[test]
    fn bytes_that_are_not_printable_are_escaped() {
        assert_eq!(written(|out| blob(b"a\xAA\"\\ ~", b"\\", out)), "a\\xAA\\x22\\x5C ~");
    }
}
