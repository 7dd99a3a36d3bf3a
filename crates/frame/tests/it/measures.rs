//! Rows of several types, and figures of them that are computed twice: as expressions, and in plain Rust.

use super::chance::Numbers;
use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use std::{collections::BTreeMap, sync::Arc};
use stratal_core::Client;
use stratal_frame::{DFrame, Expr, Frame, col, corr, count, cov};

#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The place of the row.
    pub(super) id: i64,
    /// What groups are made by.
    pub(super) k: Option<i64>,
    /// Another number in every row.
    pub(super) u: i64,
    /// Days since 1970; several rows have one.
    pub(super) day: Option<i32>,
    pub(super) x: Option<f64>,
    pub(super) y: Option<f64>,
    pub(super) n: Option<i64>,
    pub(super) s: Option<String>,
    pub(super) b: Option<bool>,
}

pub(super) fn rows(seed: u64, length: usize) -> Vec<Row> {
    let mut numbers = Numbers::new(seed);
    (0..length as i64)
        .map(|id| {
            let k = numbers.next(6) as i64;
            // Group 4 has no values at all.
            let is_there = k != 4;
            let (x, y) = (numbers.next(40) as f64 / 4.0 - 5.0, numbers.next(1000) as f64 / 8.0);
            let (n, letter, b) = (numbers.next(9) as i64 - 3, numbers.next(5), numbers.next(3) > 0);
            let day = 19_700 + numbers.next(40) as i32;
            Row {
                id,
                k: numbers.sometimes(7, k),
                // Two prime numbers: none comes twice.
                u: id * 7_919 % 10_007,
                day: numbers.sometimes(8, day),
                x: numbers.sometimes(4, x).filter(|_| is_there),
                y: numbers.sometimes(5, y).filter(|_| is_there),
                n: numbers.sometimes(4, n).filter(|_| is_there),
                s: numbers.sometimes(4, char::from(b'a' + letter as u8).to_string()).filter(|_| is_there),
                b: numbers.sometimes(4, b).filter(|_| is_there),
            }
        })
        .collect()
}

/// The rows in 1, 3 or 7 partitions, some of which are empty.
pub(super) fn spread(rows: &[Row], parts: usize) -> DFrame {
    let batches = (0..parts).map(|part| {
        let (start, end) = (rows.len() * part / parts, rows.len() * (part + 1) / parts);
        // Every third partition leaves its rows to the next.
        let (start, end) = match (part % 3, parts) {
            (1, 3..) => (start, start),
            (2, 3..) => (rows.len() * (part - 1) / parts, end),
            _ => (start, end),
        };
        batch(&rows[start..end])
    });
    let batches: Vec<RecordBatch> = batches.collect();
    DFrame::from_batches(batches[0].schema(), batches).with_client(&Client::current())
}

fn batch(rows: &[Row]) -> RecordBatch {
    let columns: [(&str, ArrayRef); 9] = [
        ("id", Arc::new(rows.iter().map(|row| Some(row.id)).collect::<Int64Array>())),
        ("k", Arc::new(rows.iter().map(|row| row.k).collect::<Int64Array>())),
        ("u", Arc::new(rows.iter().map(|row| Some(row.u)).collect::<Int64Array>())),
        ("day", Arc::new(rows.iter().map(|row| row.day).collect::<Date32Array>())),
        ("x", Arc::new(rows.iter().map(|row| row.x).collect::<Float64Array>())),
        ("y", Arc::new(rows.iter().map(|row| row.y).collect::<Float64Array>())),
        ("n", Arc::new(rows.iter().map(|row| row.n).collect::<Int64Array>())),
        ("s", Arc::new(rows.iter().map(|row| row.s.clone()).collect::<StringArray>())),
        ("b", Arc::new(rows.iter().map(|row| row.b).collect::<BooleanArray>())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

/// The rows with equal keys.
pub(super) fn groups(rows: &[Row]) -> BTreeMap<Option<i64>, Vec<&Row>> {
    let mut groups: BTreeMap<Option<i64>, Vec<&Row>> = BTreeMap::new();
    rows.iter().for_each(|row| groups.entry(row.k).or_default().push(row));
    groups
}

/// What the last step gives if the steps run as they were written.
pub(super) fn as_written(frame: &DFrame, layer: &str) -> DFrame {
    let parts = frame.graph().unwrap().get_all::<Frame>(layer).unwrap();
    let schema = parts[0].schema().clone();
    Frame::new(schema, parts.iter().flat_map(|part| part.batches().to_vec())).unwrap().lazy()
}

pub(super) fn close(one: Option<f64>, two: Option<f64>) -> bool {
    match (one, two) {
        (Some(one), Some(two)) => one == two || (one - two).abs() <= 1e-9 * (1.0 + one.abs()) || (one.is_nan() && two.is_nan()),
        (one, two) => one == two,
    }
}

pub(super) mod plain {
    //! Figures of vectors.

    pub(crate) fn sum(values: &[f64]) -> Option<f64> {
        (!values.is_empty()).then(|| values.iter().sum())
    }

    pub(crate) fn mean(values: &[f64]) -> Option<f64> {
        sum(values).map(|sum| sum / values.len() as f64)
    }

    pub(crate) fn cov(pairs: &[(f64, f64)]) -> Option<f64> {
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let (mean_x, mean_y) = (mean(&x)?, mean(&y)?);
        let products = pairs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>();
        (pairs.len() > 1).then(|| products / (pairs.len() - 1) as f64)
    }

    pub(crate) fn var(values: &[f64]) -> Option<f64> {
        cov(&values.iter().map(|value| (*value, *value)).collect::<Vec<_>>())
    }

    pub(crate) fn corr(pairs: &[(f64, f64)]) -> Option<f64> {
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let scale = (var(&x)? * var(&y)?).sqrt();
        if scale == 0.0 { None } else { cov(pairs).map(|cov| cov / scale) }
    }

    pub(crate) fn quantile(values: &[f64], q: f64) -> Option<f64> {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let place = q * values.len().checked_sub(1)? as f64;
        let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
        Some(if below == above { below } else { below + (above - below) * place.fract() })
    }

    pub(crate) fn distinct(values: &[f64]) -> Vec<f64> {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    }
}

/// A float for some rows, computed both ways.
pub(super) type Figure = (Expr, fn(&[&Row]) -> Option<f64>);

pub(super) fn figure(expr: Expr, plain: fn(&[&Row]) -> Option<f64>) -> Figure {
    (expr, plain)
}

pub(super) fn xs(rows: &[&Row]) -> Vec<f64> {
    rows.iter().filter_map(|row| row.x).collect()
}

fn ns(rows: &[&Row]) -> Vec<f64> {
    rows.iter().filter_map(|row| row.n.map(|n| n as f64)).collect()
}

fn pairs(rows: &[&Row]) -> Vec<(f64, f64)> {
    rows.iter().filter_map(|row| row.x.zip(row.y)).collect()
}

/// Figures of groups and of windows. Those that are whole numbers are asked for as floats.
pub(super) fn figures() -> Vec<Figure> {
    let (x, n) = (col("x"), col("n"));
    vec![
        figure(x.sum(), |rows| plain::sum(&xs(rows))),
        figure(x.mean(), |rows| plain::mean(&xs(rows))),
        figure(x.min(), |rows| xs(rows).into_iter().min_by(f64::total_cmp)),
        figure(x.max(), |rows| xs(rows).into_iter().max_by(f64::total_cmp)),
        figure(x.var(), |rows| plain::var(&xs(rows))),
        figure(x.std(), |rows| plain::var(&xs(rows)).map(f64::sqrt)),
        figure(x.median(), |rows| plain::quantile(&xs(rows), 0.5)),
        figure(x.quantile(0.1), |rows| plain::quantile(&xs(rows), 0.1)),
        figure(x.quantile(1.0), |rows| plain::quantile(&xs(rows), 1.0)),
        figure(n.median(), |rows| plain::quantile(&ns(rows), 0.5)),
        figure(n.mean(), |rows| plain::mean(&ns(rows))),
        figure(n.std(), |rows| plain::var(&ns(rows)).map(f64::sqrt)),
        figure(x.product(), |rows| xs(rows).into_iter().reduce(|one, two| one * two)),
        figure(x.first(), |rows| rows.first().and_then(|row| row.x)),
        figure(x.last(), |rows| rows.last().and_then(|row| row.x)),
        figure(x.first().filter(col("x").gt(0)), |rows| rows.iter().find_map(|row| row.x.filter(|x| *x > 0.0))),
        figure(corr("x", "y"), |rows| plain::corr(&pairs(rows))),
        figure(cov(col("x"), "y"), |rows| plain::cov(&pairs(rows))),
        figure(x.sum().filter(col("y").gt(50)), |rows| {
            plain::sum(&rows.iter().filter(|row| row.y > Some(50.0)).filter_map(|row| row.x).collect::<Vec<_>>())
        }),
        figure(x.median().filter(col("b")), |rows| {
            plain::quantile(&rows.iter().filter(|row| row.b == Some(true)).filter_map(|row| row.x).collect::<Vec<_>>(), 0.5)
        }),
        figure(x.sum() / count(), |rows| plain::sum(&xs(rows)).map(|sum| sum / rows.len() as f64)),
        figure(n.sum().cast("f64"), |rows| plain::sum(&ns(rows))),
        figure(n.product().cast("f64"), |rows| ns(rows).into_iter().reduce(|one, two| one * two)),
        figure(n.n_unique().cast("f64"), |rows| Some(plain::distinct(&ns(rows)).len() as f64)),
        figure(n.count().filter(col("b")).cast("f64"), |rows| {
            Some(rows.iter().filter(|row| row.b == Some(true) && row.n.is_some()).count() as f64)
        }),
        figure(count().cast("f64"), |rows| Some(rows.len() as f64)),
    ]
}
