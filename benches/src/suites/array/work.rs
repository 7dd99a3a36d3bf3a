//! The cases as Stratal.

#![allow(clippy::reversed_empty_ranges, reason = "an end below zero is counted from the end of the axis")]

use super::{
    answer,
    cases::{CUT, side, slab},
};
use crate::{
    data,
    sides::{Done, Request, Work},
    suites::no_case,
};
use stratal::{Result, prelude::*};

/// What is added, one number after another, in a chain. `peers/arrays.py` has the same written out.
const ADDED: [f64; 6] = [0.5, -0.25, 0.125, -0.0625, 0.03125, -0.5];

/// A case over inputs that are there.
struct Plan {
    /// The case as a user writes it: nothing of it is kept from one run to the next.
    expression: Box<dyn Fn() -> DArray>,
    /// Whether the result stays in memory in its chunks. A small one is given as an array.
    is_kept: bool,
}

/// Makes the inputs of a case.
pub(super) fn ready(request: &Request) -> Result<Work> {
    let plan = plan(request)?;
    let promised = promised(&plan)?;
    let work = Work::new(move || {
        let result = (plan.expression)();
        if plan.is_kept {
            let kept = result.persist()?;
            return Ok(Done::later(move || answer::told(&kept)));
        }
        let values = result.compute::<f64>()?;
        Ok(Done::later(move || answer::frame(values.into_iter().collect())))
    });
    Ok(work.promised(promised))
}

/// Bytes that the tasks of a case were promised to take at once, and those of the result that stays.
fn promised(plan: &Plan) -> Result<Option<u64>> {
    let result = (plan.expression)();
    let tasks = result.graph()?.projected(Client::current().info()?.slots);
    let kept = if plan.is_kept { 8 * result.shape()?.iter().product::<usize>() as u64 } else { 0 };
    Ok(tasks.map(|tasks| tasks.peak_bytes + kept))
}

fn plan(request: &Request) -> Result<Plan> {
    let Request { case, size, .. } = request;
    let (parts, rows) = (case.split('-').collect::<Vec<_>>(), side(*size));
    let whole = |number: &str| number.parse::<usize>().map_err(|_| no_case(request));
    Ok(match parts.as_slice() {
        ["chain", operations, rest @ ..] => {
            let (x, operations) = (data::line(*size).persist()?, whole(operations)?);
            elementwise(rest, move || chain(&x, operations))
        }
        ["exp", rest @ ..] => {
            let x = wide(*size).persist()?;
            elementwise(rest, move || x.exp())
        }
        ["sin", rest @ ..] => {
            let x = wide(*size).persist()?;
            elementwise(rest, move || x.sin())
        }
        ["double", "diff"] => {
            let x = data::line(*size).persist()?;
            small(move || double_difference(&x).sum(..))
        }
        ["vorticity", rest @ ..] => {
            let rows = side(*size / 2);
            let field = |nth: u64| data::plane(nth * rows * rows, rows, rows, Chunks::auto()).persist();
            let (u, v) = (field(0)?, field(1)?);
            match rest.is_empty() {
                true => large(move || vorticity(&u, &v)),
                false => small(move || vorticity(&u, &v).square().sum(..)),
            }
        }
        [name @ ("sum" | "var" | "max"), axis] => {
            let x = data::plane(0, rows, rows, Chunks::auto()).persist()?;
            let axes = if *axis == "all" { Axes::all() } else { Axes::from(whole(axis)?) };
            let reduced: fn(&DArray, &Axes) -> DArray = match *name {
                "sum" => |x, axes| x.sum(axes),
                "var" => |x, axes| x.var(axes),
                _ => |x, axes| x.max(axes),
            };
            small(move || reduced(&x, &axes))
        }
        ["matmul", side, rest @ ..] => {
            let side = whole(side)? as u64;
            let chunks = if rest.is_empty() { Chunks::auto() } else { Chunks::from(CUT as i64) };
            let factor = |nth: u64| data::plane(nth * side * side, side, side, chunks.clone()).persist();
            let (a, b) = (factor(0)?, factor(1)?);
            large(move || a.matmul(&b))
        }
        ["rechunk"] => {
            let slab = slab(rows) as i64;
            let x = data::plane(0, rows, rows, [slab, -1]).persist()?;
            large(move || x.rechunk([-1, slab]))
        }
        ["zarr", _] => {
            let path = format!("{}/{case}.zarr", request.data);
            large(move || DArray::read_zarr(&path))
        }
        _ => return Err(no_case(request)),
    })
}

fn large(expression: impl Fn() -> DArray + 'static) -> Plan {
    Plan { expression: Box::new(expression), is_kept: true }
}

fn small(expression: impl Fn() -> DArray + 'static) -> Plan {
    Plan { expression: Box::new(expression), is_kept: false }
}

/// An array, or the sum of it where the rest of a case's name says so.
fn elementwise(rest: &[&str], expression: impl Fn() -> DArray + 'static) -> Plan {
    match rest.is_empty() {
        true => large(expression),
        false => small(move || expression().sum(..)),
    }
}

/// Numbers in [-10, 10).
fn wide(size: u64) -> DArray {
    data::line(size) * 20.0 - 10.0
}

/// Horner's rule: a multiplication with the array and an addition of a number by turns.
fn chain(x: &DArray, operations: usize) -> DArray {
    (1..operations).fold(x * x, |y, at| if at % 2 == 0 { y * x } else { y + ADDED[at / 2 % ADDED.len()] })
}

fn double_difference(x: &DArray) -> DArray {
    x.slice(s![2..]) - 2.0 * x.slice(s![1..-1]) + x.slice(s![..-2])
}

/// `dv/dx - du/dy` by central differences.
fn vorticity(u: &DArray, v: &DArray) -> DArray {
    let along_x = (v.slice(s![1..-1, 2..]) - v.slice(s![1..-1, ..-2])) * 0.5;
    let along_y = (u.slice(s![2.., 1..-1]) - u.slice(s![..-2, 1..-1])) * 0.5;
    along_x - along_y
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{settings::Format, suites::array::cases::groups};
    use std::path::Path;

    const SIZE: u64 = 10_000;

    fn request(case: &str) -> Request {
        Request { size: SIZE, ..Request::new("array", case, Path::new(""), Format::Parquet) }
    }

    fn computed(case: &str) -> Vec<f64> {
        let plan = plan(&request(case)).unwrap();
        (plan.expression)().compute::<f64>().unwrap().into_iter().collect()
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() <= 1e-9 * other.abs().max(1.0)
    }

    #[test]
    fn every_case_in_memory_is_done_and_promises_what_it_keeps() {
        for group in groups(SIZE).into_iter().filter(|group| group.sides[0] == "Stratal" && group.name != "Zarr read") {
            for case in group.cases {
                let made = plan(&request(&case)).unwrap();
                let numbers = (made.expression)().shape().unwrap().iter().product::<usize>();
                assert!(promised(&made).unwrap().unwrap() >= 8 * numbers as u64, "{case}");
                assert_eq!(made.is_kept, numbers > 100, "{case}");
                assert_eq!(computed(&case).len(), numbers, "{case}");
            }
        }
    }

    #[test]
    fn chains_are_polynomials() {
        let x = data::numbers(0..SIZE);
        let expected: [(&str, fn(f64) -> f64); 4] = [
            ("1", |x| x * x),
            ("3", |x| (x * x + 0.5) * x),
            ("6", |x| ((x * x + 0.5) * x - 0.25) * x + 0.125),
            ("12", |x| (((((x * x + 0.5) * x - 0.25) * x + 0.125) * x - 0.0625) * x + 0.03125) * x - 0.5),
        ];
        for (operations, polynomial) in expected {
            let values = computed(&format!("chain-{operations}"));
            assert!(values.iter().zip(&x).all(|(value, x)| near(*value, polynomial(*x))), "{operations}");
            let sum = computed(&format!("chain-{operations}-sum"));
            assert!(near(sum[0], values.iter().sum()), "{operations}");
        }
    }

    #[test]
    fn functions_are_those_of_the_standard_library() {
        let x: Vec<f64> = data::numbers(0..SIZE).into_iter().map(|x| x * 20.0 - 10.0).collect();
        let expected: [(&str, fn(f64) -> f64); 2] = [("exp", f64::exp), ("sin", f64::sin)];
        for (name, function) in expected {
            assert!(computed(name).iter().zip(&x).all(|(value, x)| near(*value, function(*x))), "{name}");
        }
    }

    #[test]
    fn reductions_go_along_the_axis_that_the_name_says() {
        let x = data::numbers(0..SIZE);
        let columns: Vec<f64> = (0..100).map(|column| x.iter().skip(column).step_by(100).sum::<f64>()).collect();
        let rows: Vec<f64> = x.chunks(100).map(|row| row.iter().copied().fold(0.0, f64::max)).collect();
        assert!(computed("sum-0").iter().zip(&columns).all(|(sum, expected)| near(*sum, *expected)));
        assert_eq!(computed("max-1"), rows);
        let mean = x.iter().sum::<f64>() / SIZE as f64;
        assert!(near(computed("var-all")[0], x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / SIZE as f64));
    }

    #[test]
    fn stencils_take_the_neighbours() {
        let x = data::numbers(0..SIZE);
        let differences: f64 = x.windows(3).map(|x| x[2] - 2.0 * x[1] + x[0]).sum();
        assert!(near(computed("double-diff")[0], differences));
        let side = side(SIZE / 2) as usize;
        let all = data::numbers(0..2 * (side * side) as u64);
        let (u, v) = all.split_at(side * side);
        let mut expected = Vec::new();
        for (row, column) in (1..side - 1).flat_map(|row| (1..side - 1).map(move |column| (row, column))) {
            let at = row * side + column;
            expected.push((v[at + 1] - v[at - 1]) * 0.5 - (u[at + side] - u[at - side]) * 0.5);
        }
        let values = computed("vorticity");
        assert_eq!(values.len(), expected.len());
        assert!(values.iter().zip(&expected).all(|(value, expected)| near(*value, *expected)));
        assert!(near(computed("vorticity-sum")[0], expected.iter().map(|value| value * value).sum()));
    }

    #[test]
    fn matrices_are_multiplied_in_that_order() {
        let (a, b) = (data::numbers(0..256), data::numbers(256..512));
        let product = computed("matmul-16");
        let element = |row: usize, column: usize| (0..16).map(|k| a[row * 16 + k] * b[k * 16 + column]).sum::<f64>();
        assert!((0..256).all(|at| near(product[at], element(at / 16, at % 16))));
    }

    #[test]
    fn a_rechunk_changes_chunks_and_nothing_else() {
        let plan = plan(&request("rechunk")).unwrap();
        let lens = (plan.expression)().chunks().unwrap();
        assert_eq!((lens[0].len(), lens[1].len(), lens[1][0]), (1, 15, 7));
        assert_eq!(computed("rechunk"), data::numbers(0..SIZE));
    }

    #[test]
    fn other_names_are_no_cases() {
        for case in ["chain", "chain-x", "sum", "sum-x", "stream-copy", ""] {
            assert!(plan(&request(case)).is_err(), "{case}");
        }
    }
}
