//! Reductions over every kind of axes, and running sums and products.

use super::{
    Case, One,
    Rule::{self, Close, Equal, Exact},
    case,
};
use stratal_array::{Axes, DArray, keep};

type Reduce = fn(&DArray, Axes) -> DArray;

/// Reductions of all that is real. Sums of these arrays are exact, so that only divisions round.
const REAL: [(&str, Reduce, Rule); 9] = [
    ("sum", |a, axes| a.sum(axes), Equal),
    ("mean", |a, axes| a.mean(axes), Close),
    ("var", |a, axes| a.var(axes), Close),
    ("std", |a, axes| a.std(axes), Close),
    ("min", |a, axes| a.min(axes), Exact),
    ("max", |a, axes| a.max(axes), Exact),
    ("any", |a, axes| a.any(axes), Exact),
    ("all", |a, axes| a.all(axes), Exact),
    ("count_nonzero", |a, axes| a.count_nonzero(axes), Exact),
];

const NAN: [(&str, Reduce); 6] = [
    ("sum", |a, axes| a.nan_sum(axes)),
    ("mean", |a, axes| a.nan_mean(axes)),
    ("min", |a, axes| a.nan_min(axes)),
    ("max", |a, axes| a.nan_max(axes)),
    ("var", |a, axes| a.nan_var(axes)),
    ("std", |a, axes| a.nan_std(axes)),
];

const PLACES: [(&str, Reduce); 2] = [("argmin", |a, axes| a.argmin(axes)), ("argmax", |a, axes| a.argmax(axes))];
const NAN_PLACES: [(&str, Reduce); 2] = [("argmin", |a, axes| a.nan_argmin(axes)), ("argmax", |a, axes| a.nan_argmax(axes))];

fn axes(said: &str) -> Axes {
    match said {
        "all" => Axes::all(),
        "0" => 0.into(),
        "1" => 1.into(),
        "last" => (-1).into(),
        "0 and last" => [0, -1].into(),
        "none" => Axes::none(),
        other => panic!("{other}"),
    }
}

/// `name of axes`, for some axes.
fn over(called: &str, of: &'static str, said: &[&'static str], rule: Rule, function: Reduce) -> Vec<Case> {
    let one = |said: &&'static str| {
        let said = *said;
        case(format!("{called} {of} {said}"), rule, move |given| function(&given.get(of), axes(said)))
    };
    said.iter().map(one).collect()
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for of in ["box", "nans", "small", "unsigned", "single"] {
        for (name, function, rule) in REAL {
            cases.extend(over(name, of, &["all", "0", "1", "last", "0 and last", "none"], rule, function));
        }
        for (name, function) in PLACES {
            cases.extend(over(name, of, &["all", "0", "1", "last"], Exact, function));
        }
    }
    cases.extend(over("prod", "factors", &["all", "0", "1", "last", "0 and last", "none"], Equal, |a, axes| a.prod(axes)));
    cases.extend(over("prod", "unsigned", &["1"], Exact, |a, axes| a.prod(axes)));
    for (name, function, rule) in REAL.into_iter().filter(|(name, ..)| ["sum", "any", "all", "count_nonzero", "mean"].contains(name)) {
        cases.extend(over(name, "flags", &["1"], rule, function));
    }
    for (name, function) in NAN {
        cases.extend(over(&format!("nan_{name}"), "nans", &["all", "0", "1", "last"], Close, function));
    }
    for (name, function) in NAN_PLACES {
        cases.extend(over(&format!("nan_{name}"), "nans", &["all", "0", "last"], Exact, function));
    }
    let complex: [(&str, Reduce); 3] = [("sum", |a, axes| a.sum(axes)), ("mean", |a, axes| a.mean(axes)), ("prod", |a, axes| a.prod(axes))];
    for (name, function) in complex {
        cases.push(case(format!("{name} complex 0"), Close, move |given| function(&given.get("complex").slice_axis(0, 0..2), axes("0"))));
    }
    cases.extend(one_by_one());
    cases.extend(of_little());
    cases.extend(running());
    cases
}

/// Axes that are kept, freedoms, ties.
fn one_by_one() -> Vec<Case> {
    let mut cases = vec![
        case("sum keep 1", Equal, |given| given.get("box").sum(keep(1))),
        case("max keep all", Exact, |given| given.get("box").max(keep(..))),
        case("argmax keep 1", Exact, |given| given.get("box").argmax(keep(1))),
        case("nan_prod nans 0", Close, |given| given.get("nans").nan_prod(0)),
        case("nan_argmin late", Exact, |given| given.get("late").nan_argmin(0)),
        case("nan_argmax late", Exact, |given| given.get("late").nan_argmax(..)),
    ];
    for ddof in [1.0, 2.0] {
        cases.push(case(format!("var ddof {ddof}"), Close, move |given| given.get("box").var_ddof(-1, ddof)));
        cases.push(case(format!("std ddof {ddof}"), Close, move |given| given.get("box").std_ddof(-1, ddof)));
    }
    for ddof in [1.0, 4.0] {
        cases.push(case(format!("nan_var ddof {ddof}"), Close, move |given| given.get("nans").nan_var_ddof(-1, ddof)));
        cases.push(case(format!("nan_std ddof {ddof}"), Close, move |given| given.get("nans").nan_std_ddof(-1, ddof)));
    }
    for of in ["ties", "late"] {
        cases.push(case(format!("argmin {of}"), Exact, move |given| given.get(of).argmin(0)));
        cases.push(case(format!("argmax {of}"), Exact, move |given| given.get(of).argmax(..)));
    }
    cases
}

/// Of no elements, and of one without axes.
fn of_little() -> Vec<Case> {
    let some: [(&str, Reduce); 7] = [
        ("sum", |a, axes| a.sum(axes)),
        ("prod", |a, axes| a.prod(axes)),
        ("mean", |a, axes| a.mean(axes)),
        ("var", |a, axes| a.var(axes)),
        ("any", |a, axes| a.any(axes)),
        ("all", |a, axes| a.all(axes)),
        ("count_nonzero", |a, axes| a.count_nonzero(axes)),
    ];
    let mut cases = vec![
        case("max empty 1", Exact, |given| given.get("empty").max(1)),
        case("argmax zero", Exact, |given| given.get("zero").argmax(..)),
    ];
    for (name, function) in some {
        cases.extend(over(name, "empty", &["0", "1"], Exact, function));
        cases.push(case(format!("{name} zero"), Exact, move |given| function(&given.get("zero"), Axes::all())));
    }
    cases
}

fn running() -> Vec<Case> {
    let mut cases = Vec::new();
    for axis in 0..3 {
        let mut one = |name: &str, of: &'static str, function: fn(&DArray, i64) -> DArray| {
            cases.push(case(format!("{name} {of} {axis}"), Equal, move |given| function(&given.get(of), axis)));
        };
        one("cumulative_sum", "box", |a, axis| a.cumulative_sum(axis));
        one("nan_cumulative_sum", "nans", |a, axis| a.nan_cumulative_sum(axis));
        one("cumulative_sum", "small", |a, axis| a.cumulative_sum(axis));
        one("cumulative_prod", "factors", |a, axis| a.cumulative_prod(axis));
    }
    let others: [(&str, &str, Rule, One); 5] = [
        ("cumulative_sum nans last", "nans", Equal, |a| a.cumulative_sum(-1)),
        ("nan_cumulative_prod nans 0", "nans", Close, |a| a.nan_cumulative_prod(0)),
        ("cumulative_sum flags 1", "flags", Exact, |a| a.cumulative_sum(1)),
        ("cumulative_prod unsigned 1", "unsigned", Exact, |a| a.cumulative_prod(1)),
        ("cumulative_sum empty 0", "empty", Exact, |a| a.cumulative_sum(0)),
    ];
    cases.extend(others.map(|(name, of, rule, function)| case(name, rule, move |given| function(&given.get(of)))));
    cases
}
