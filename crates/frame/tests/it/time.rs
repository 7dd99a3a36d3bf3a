//! Dates, times and durations, against the calendar and against chrono.

use super::{everywhere, parted};
use arrow_array::ArrayRef;
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Expr, col, date, datetime, every, frame, lit};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn days() -> Vec<Option<NaiveDate>> {
    let texts = ["2024-02-29", "2023-02-28", "2021-01-03", "2020-12-31", "2024-12-30", "1969-12-31", "2000-01-01", "2026-12-31"];
    texts.iter().map(|text| Some(day(text))).chain([None]).collect()
}

fn times() -> Vec<Option<NaiveDateTime>> {
    let texts = ["2024-02-29T23:05:09.250001", "1969-12-31T23:59:59.999999", "2021-01-03T00:00:00", "2024-03-31T02:30:00"];
    texts.iter().map(|text| Some(time(text))).chain([None]).collect()
}

fn calendar() -> DFrame {
    parted(&frame! { "day" => days() }, 3)
}

fn clocks() -> DFrame {
    parted(&frame! { "at" => times() }, 2)
}

fn numbers(df: &DFrame, expr: Expr) -> Vec<Option<i64>> {
    df.select(expr.alias("out")).collect().unwrap().column("out").unwrap()
}

fn dates(df: &DFrame, expr: Expr) -> Vec<Option<NaiveDate>> {
    df.select(expr.alias("out")).collect().unwrap().column("out").unwrap()
}

fn datetimes(df: &DFrame, expr: Expr) -> Vec<Option<NaiveDateTime>> {
    df.select(expr.alias("out")).collect().unwrap().column("out").unwrap()
}

fn of_days<T>(of: impl Fn(NaiveDate) -> T) -> Vec<Option<T>> {
    days().into_iter().map(|day| day.map(&of)).collect()
}

fn of_times<T>(of: impl Fn(NaiveDateTime) -> T) -> Vec<Option<T>> {
    times().into_iter().map(|time| time.map(&of)).collect()
}

#[test]
fn parts_of_the_calendar_are_those_of_chrono() {
    everywhere(|place| {
        let day = col("day").dt();
        assert_eq!(numbers(&calendar(), day.year()), of_days(|day| i64::from(day.year())), "{place}");
        assert_eq!(numbers(&calendar(), day.quarter()), of_days(|day| i64::from(day.month0() / 3 + 1)), "{place}");
        assert_eq!(numbers(&calendar(), day.month()), of_days(|day| i64::from(day.month())), "{place}");
        assert_eq!(numbers(&calendar(), day.week()), of_days(|day| i64::from(day.iso_week().week())), "{place}");
        assert_eq!(numbers(&calendar(), day.day()), of_days(|day| i64::from(day.day())), "{place}");
        assert_eq!(numbers(&calendar(), day.weekday()), of_days(|day| i64::from(day.weekday().number_from_monday())), "{place}");
        assert_eq!(numbers(&calendar(), day.ordinal_day()), of_days(|day| i64::from(day.ordinal())), "{place}");
        assert_eq!(dates(&calendar(), day.date()), days(), "{place}");
        // By hand, at the ends of years.
        assert_eq!(numbers(&calendar(), day.week())[2..5], [Some(53), Some(53), Some(1)], "{place}");
        let at = col("at").dt();
        assert_eq!(numbers(&clocks(), at.hour()), of_times(|at| i64::from(at.hour())), "{place}");
        assert_eq!(numbers(&clocks(), at.minute()), of_times(|at| i64::from(at.minute())), "{place}");
        assert_eq!(numbers(&clocks(), at.second()), of_times(|at| i64::from(at.second())), "{place}");
        assert_eq!(numbers(&clocks(), at.millisecond()), of_times(|at| i64::from(at.nanosecond() / 1_000_000)), "{place}");
        assert_eq!(numbers(&clocks(), at.microsecond()), of_times(|at| i64::from(at.nanosecond() / 1_000)), "{place}");
        assert_eq!(numbers(&clocks(), at.time().dt().second()), of_times(|at| i64::from(at.second())), "{place}");
        assert_eq!(dates(&clocks(), at.date()), of_times(|at| at.date()), "{place}");
        assert_eq!(numbers(&clocks(), at.weekday()), of_times(|at| i64::from(at.weekday().number_from_monday())), "{place}");
    });
}

#[test]
fn days_and_times_are_put_back_to_the_start_of_a_span() {
    everywhere(|place| {
        let first = |day: NaiveDate, month: u32| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap();
        let back = |every: &str| dates(&calendar(), col("day").dt().truncate(every));
        assert_eq!(back("1mo"), of_days(|day| first(day, day.month())), "{place}");
        assert_eq!(back("1q"), of_days(|day| first(day, day.month0() / 3 * 3 + 1)), "{place}");
        assert_eq!(back("1y"), of_days(|day| first(day, 1)), "{place}");
        let monday = |day: NaiveDate| day - chrono::Days::new(u64::from(day.weekday().num_days_from_monday()));
        assert_eq!(back("1w"), of_days(monday), "{place}");
        assert_eq!(back("1d"), days(), "{place}");
        let back = |every: &str| datetimes(&clocks(), col("at").dt().truncate(every));
        assert_eq!(back("1h"), of_times(|at| at.date().and_hms_opt(at.hour(), 0, 0).unwrap()), "{place}");
        assert_eq!(back("15m"), of_times(|at| at.date().and_hms_opt(at.hour(), at.minute() / 15 * 15, 0).unwrap()), "{place}");
        assert_eq!(back("1d"), of_times(|at| NaiveDateTime::from(at.date())), "{place}");
        assert_eq!(back("1mo"), of_times(|at| NaiveDateTime::from(first(at.date(), at.month()))), "{place}");
        assert_eq!(
            datetimes(&clocks(), col("at").dt().truncate(every("1y"))),
            of_times(|at| NaiveDateTime::from(first(at.date(), 1))),
            "{place}"
        );
    });
}

#[test]
fn months_are_those_of_the_calendar_and_days_are_24_hours() {
    everywhere(|place| {
        let on = |day: NaiveDate, months: i32| match months {
            0.. => day + chrono::Months::new(months.unsigned_abs()),
            _ => day - chrono::Months::new(months.unsigned_abs()),
        };
        for (every, months) in [("1mo", 1), ("-1mo", -1), ("1q", 3), ("4y", 48), ("-1y", -12)] {
            assert_eq!(dates(&calendar(), col("day").dt().offset(every)), of_days(|day| on(day, months)), "{place} {every}");
            let moved = datetimes(&clocks(), col("at").dt().offset(every));
            assert_eq!(moved, of_times(|at| on(at.date(), months).and_time(at.time())), "{place} {every}");
            let added = dates(&calendar(), col("day") + span(every));
            assert_eq!(added, of_days(|day| on(day, months)), "{place} {every}");
        }
        assert_eq!(dates(&calendar(), col("day") + every("1w")), of_days(|day| day + chrono::Days::new(7)), "{place}");
        assert_eq!(dates(&calendar(), col("day").dt().offset("-2d")), of_days(|day| day - chrono::Days::new(2)), "{place}");
        let hour = chrono::TimeDelta::minutes(90);
        assert_eq!(datetimes(&clocks(), col("at") + every("90m")), of_times(|at| at + hour), "{place}");
        assert_eq!(datetimes(&clocks(), col("at").dt().offset("-1h30m")), of_times(|at| at - hour), "{place}");
        assert_eq!(datetimes(&calendar(), col("day") + every("36h")), {
            of_days(|day| NaiveDateTime::from(day) + chrono::TimeDelta::hours(36))
        });
    });
}

/// A span, under a name that loops leave free.
fn span(text: &str) -> Expr {
    every(text)
}

#[test]
fn the_time_between_two_points_is_a_duration() {
    everywhere(|place| {
        let start = time("2021-01-03T00:00:00");
        let took = col("at") - lit(start);
        let seconds = clocks().select(took.dt().total_seconds().alias("s")).collect().unwrap().column::<Option<f64>>("s").unwrap();
        let expected = of_times(|at| (at - start).num_microseconds().unwrap() as f64 / 1e6);
        assert_eq!(seconds, expected, "{place}");
        let long = clocks().filter(took.gt(every("30m"))).count().unwrap();
        assert_eq!(long, 2, "{place}");
        assert_eq!(clocks().filter(took.between("-1h", "1h")).count().unwrap(), 1, "{place}");
        assert_eq!(numbers(&calendar(), col("day") - date("2000-01-01"))[6..8], [Some(0), Some(9861)], "{place}");
    });
}

#[test]
fn epochs_count_down_before_1970() {
    everywhere(|place| {
        for (unit, per) in [("s", 1_000_000), ("ms", 1_000), ("us", 1)] {
            let expected = of_times(|at| at.and_utc().timestamp_micros().div_euclid(per));
            assert_eq!(numbers(&clocks(), col("at").dt().epoch(unit)), expected, "{place} {unit}");
        }
        let expected = of_times(|at| at.and_utc().timestamp_micros() * 1_000);
        assert_eq!(numbers(&clocks(), col("at").dt().epoch("ns")), expected, "{place}");
        let expected = of_days(|day| i64::from(day.num_days_from_ce() - 719_163) * 86_400_000);
        assert_eq!(numbers(&calendar(), col("day").dt().epoch("ms")), expected, "{place}");
    });
}

#[test]
fn dates_and_times_are_written_by_a_format() {
    everywhere(|place| {
        let format = "%d.%m.%Y %H:%M:%S%.6f";
        let written = clocks().select(col("at").dt().format(format).alias("s")).collect().unwrap().column::<Option<String>>("s").unwrap();
        assert_eq!(written, of_times(|at| at.format(format).to_string()), "{place}");
        // And read again.
        assert_eq!(datetimes(&clocks(), col("at").dt().format(format).str().to_datetime(format)), times(), "{place}");
        let written = calendar().select(col("day").dt().format("%G-W%V-%u").alias("s")).collect().unwrap();
        assert_eq!(written.column::<Option<String>>("s").unwrap(), of_days(|day| day.format("%G-W%V-%u").to_string()), "{place}");
        let midnight = calendar().select(col("day").dt().format("%H%%").alias("s")).collect().unwrap();
        assert_eq!(midnight.column::<Option<String>>("s").unwrap(), of_days(|_| "00%".to_owned()), "{place}");
    });
}

#[test]
fn zones_show_one_instant_on_several_clocks() {
    everywhere(|place| {
        let instants = ["2024-07-01T22:30:00Z", "2024-12-31T23:30:00Z", "2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z"];
        let berlin = |text: &str| frame! { "x" => [1] }.with_column("at", datetime(text).dt().to_tz("Europe/Berlin"));
        let of = |expr: Expr| instants.iter().map(|text| numbers(&berlin(text), expr.clone())[0].unwrap()).collect::<Vec<_>>();
        assert_eq!(of(col("at").dt().hour()), [0, 0, 2, 2], "{place}");
        assert_eq!(of(col("at").dt().day()), [2, 1, 27, 27], "{place}");
        assert_eq!(of(col("at").dt().year()), [2024, 2025, 2024, 2024], "{place}");
        let days: Vec<NaiveDate> = instants.iter().map(|text| dates(&berlin(text), col("at").dt().date())[0].unwrap()).collect();
        assert_eq!(days, ["2024-07-02", "2025-01-01", "2024-10-27", "2024-10-27"].map(day), "{place}");
        let utc = |df: DFrame, expr: Expr| df.select(expr.alias("out")).collect().unwrap().item::<DateTime<Utc>>().unwrap().naive_utc();
        let starts = instants.map(|text| utc(berlin(text), col("at").dt().truncate("1d")));
        assert_eq!(
            starts,
            ["2024-07-01T22:00:00", "2024-12-31T23:00:00", "2024-10-26T22:00:00", "2024-10-26T22:00:00"].map(time),
            "{place}"
        );
        // A month later it is as late there, though clocks were put back in between.
        assert_eq!(utc(berlin("2024-10-01T10:00:00Z"), col("at").dt().offset("1mo")), time("2024-11-01T11:00:00"), "{place}");
        // The same clock in New York is another instant; the same instant has another clock there.
        let moved = utc(berlin("2024-07-01T10:00:00Z"), col("at").dt().as_tz("America/New_York"));
        assert_eq!(moved, time("2024-07-01T16:00:00"), "{place}");
        assert_eq!(utc(berlin("2024-07-01T10:00:00Z"), col("at").dt().to_tz("America/New_York")), time("2024-07-01T10:00:00"), "{place}");
        // Half past two did not happen on that day: it is an hour later.
        let skipped = clocks().filter(col("at").eq(datetime("2024-03-31T02:30:00"))).select(col("at").dt().as_tz("Europe/Berlin"));
        assert_eq!(skipped.collect().unwrap().item::<DateTime<Utc>>().unwrap().naive_utc(), time("2024-03-31T01:30:00"), "{place}");
    });
}

#[test]
fn texts_and_dates_beside_times_mean_what_they_mean_in_sql() {
    everywhere(|place| {
        assert_eq!(calendar().filter(col("day").gt_eq("2024-02-29")).count().unwrap(), 3, "{place}");
        assert_eq!(calendar().filter(col("day").between("2020-01-01", date("2021-12-31"))).count().unwrap(), 2, "{place}");
        assert_eq!(calendar().filter(col("day").is_in(["2000-01-01", "1969-12-31"])).count().unwrap(), 2, "{place}");
        assert_eq!(clocks().filter(col("at").lt("2021-01-03")).count().unwrap(), 1, "{place}");
        assert_eq!(clocks().filter(col("at").gt_eq(date("2021-01-03"))).count().unwrap(), 3, "{place}");
        let zoned = clocks().with_column("at", col("at").dt().as_tz("Europe/Berlin"));
        assert_eq!(zoned.filter(col("at").gt_eq(date("2021-01-03"))).count().unwrap(), 3, "{place}");
        assert_eq!(zoned.filter(col("at").lt("2021-01-03T00:00:00+01:00")).count().unwrap(), 1, "{place}");
    });
    let error = calendar().filter(col("day").gt("2024-02-30")).check().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "\"2024-02-30\" is no date in day > \"2024-02-30\""));
}

#[test]
fn every_unit_of_time_gives_the_same_parts() {
    let seconds: Vec<Option<NaiveDateTime>> = of_times(|at| at.with_nanosecond(0).unwrap());
    let micros = frame! { "at" => seconds.clone() }.collect().unwrap().array("at").unwrap();
    for unit in [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond] {
        let column: ArrayRef = cast(&micros, &DataType::Timestamp(unit, None)).unwrap();
        let df = DFrame::from_columns([("at", column)]);
        assert_eq!(numbers(&df, col("at").dt().second()), of_times(|at| i64::from(at.second())), "{unit}");
        assert_eq!(numbers(&df, col("at").dt().epoch("s")), of_times(|at| at.and_utc().timestamp()), "{unit}");
        assert_eq!(
            datetimes(&df, col("at").dt().truncate("1m")),
            of_times(|at| at.with_second(0).unwrap().with_nanosecond(0).unwrap()),
            "{unit}"
        );
        let later = datetimes(&df, (col("at") + every("1s500ms")).dt().offset("1mo"));
        let half = chrono::TimeDelta::milliseconds(1_500);
        let expected: Vec<Option<NaiveDateTime>> =
            seconds.iter().map(|at| at.map(|at| at + half)).map(|at| at.map(|at| at + chrono::Months::new(1))).collect();
        assert_eq!(later, expected, "{unit}");
    }
}
