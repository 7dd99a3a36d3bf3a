//! What memory gives, as a side: the kernels of STREAM on as many threads as the others have, over arrays that are there already, as
//! plain as a compiler gets them. Whoever goes through memory once can hope for as much and not for more.

use super::{
    answering::{self, Done, Work},
    protocol::Request,
};
use crate::suites::array::{Traffic, traffic};
use std::{hint::black_box, thread};
use stratal::{Error, ErrorKind, Result};

/// Sums that are made side by side, so that additions need not wait for one another.
const LANES: usize = 16;
const FACTOR: f64 = 3.0;

/// Answers until stdin ends.
pub(super) fn serve(threads: usize) -> Result<()> {
    answering::answer(format!("STREAM on {threads} threads"), |request| {
        let mut arrays = Arrays::new(wanted(request)?);
        Ok(Work::new(move || {
            arrays.pass(threads);
            Ok(Done::tasks(1))
        }))
    })
}

fn wanted(Request { case, size, .. }: &Request) -> Result<Traffic> {
    traffic(case, *size).ok_or_else(|| Error::new(ErrorKind::NotFound, format!("{case:?} is no pass through memory")))
}

/// The arrays of a kernel; empty where it has fewer.
struct Arrays {
    traffic: Traffic,
    a: Vec<f64>,
    b: Vec<f64>,
    c: Vec<f64>,
}

impl Arrays {
    fn new(traffic: Traffic) -> Self {
        let (len, more, most) = match traffic {
            Traffic::Sum(len) => (len, 0, 0),
            Traffic::Copy(len) | Traffic::Scale(len) => (len, len, 0),
            Traffic::Triad(len) => (len, len, len),
        };
        let filled = |len: u64, value: f64| vec![value; len as usize];
        Arrays { traffic, a: filled(len, 1.0), b: filled(more, 2.0), c: filled(most, 0.5) }
    }

    /// Goes through the arrays once.
    fn pass(&mut self, threads: usize) {
        let Arrays { traffic, a, b, c } = self;
        match traffic {
            Traffic::Copy(_) => divided(threads, a, [b.as_slice()], |a, [b]| a.copy_from_slice(b)),
            Traffic::Scale(_) => divided(threads, a, [b.as_slice()], |a, [b]| a.iter_mut().zip(b).for_each(|(a, b)| *a = FACTOR * b)),
            Traffic::Triad(_) => divided(threads, a, [b.as_slice(), c.as_slice()], |a, [b, c]| {
                a.iter_mut().zip(b).zip(c).for_each(|((a, b), c)| *a = b + FACTOR * c);
            }),
            Traffic::Sum(_) => {
                black_box(sum(threads, a));
            }
        }
    }
}

/// Numbers that each of several threads has.
fn share(len: usize, threads: usize) -> usize {
    len.div_ceil(threads.max(1)).max(1)
}

/// Does the parts of an array on a thread each, with the same parts of others.
fn divided<const N: usize>(threads: usize, to: &mut [f64], from: [&[f64]; N], work: impl Fn(&mut [f64], [&[f64]; N]) + Sync) {
    let share = share(to.len(), threads);
    thread::scope(|scope| {
        for (nth, to) in to.chunks_mut(share).enumerate() {
            let at = nth * share..nth * share + to.len();
            let (work, from) = (&work, from.map(|from| &from[at.clone()]));
            scope.spawn(move || work(to, from));
        }
    });
}

/// The sum of an array, a thread for each part. A part whose thread ended badly makes it no number.
fn sum(threads: usize, numbers: &[f64]) -> f64 {
    thread::scope(|scope| {
        let parts: Vec<_> = numbers.chunks(share(numbers.len(), threads)).map(|part| scope.spawn(move || sum_of(part))).collect();
        parts.into_iter().map(|part| part.join().unwrap_or(f64::NAN)).sum()
    })
}

fn sum_of(numbers: &[f64]) -> f64 {
    let (blocks, rest) = numbers.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for block in blocks {
        sums.iter_mut().zip(block).for_each(|(sum, number)| *sum += number);
    }
    sums.iter().chain(rest).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Format;
    use std::path::Path;

    fn passed(traffic: Traffic, threads: usize) -> Vec<f64> {
        let mut arrays = Arrays::new(traffic);
        arrays.pass(threads);
        arrays.a
    }

    #[test]
    fn kernels_do_what_stream_says_in_every_part() {
        for threads in [1, 2, 7, 200] {
            assert_eq!(passed(Traffic::Copy(100), threads), [2.0; 100], "{threads}");
            assert_eq!(passed(Traffic::Scale(100), threads), [6.0; 100], "{threads}");
            assert_eq!(passed(Traffic::Triad(100), threads), [3.5; 100], "{threads}");
        }
    }

    #[test]
    fn parts_of_a_sum_are_added_up() {
        let numbers: Vec<f64> = (0..1003).map(f64::from).collect();
        for threads in [1, 2, 7] {
            assert_eq!(sum(threads, &numbers), 1003.0 * 1002.0 / 2.0, "{threads}");
        }
        assert_eq!(sum(2, &[]), 0.0);
    }

    #[test]
    fn a_case_that_is_no_single_pass_is_refused() {
        let request = |case: &str| Request { size: 10, ..Request::new("array", case, Path::new(""), Format::Parquet) };
        assert_eq!(wanted(&request("chain-6")).unwrap(), Traffic::Scale(10));
        assert!(wanted(&request("matmul-512")).is_err());
    }
}
