//! Slices, joins, shifts, other axes, and arrays that are made.

use super::{Case, Rule::Close, Rule::Exact, case};
use stratal_array::{DArray, NewAxis, s};

/// A function of one array.
fn of(name: &str, given: &'static str, function: fn(DArray) -> DArray) -> Case {
    case(name, Exact, move |all| function(all.get(given)))
}

pub(super) fn cases() -> Vec<Case> {
    [slices(), joins(), shifts(), axes(), made()].into_iter().flatten().collect()
}

/// What numpy calls `[100:27:-3]` ends with 28 and begins with 100: a negative step walks the range 28..101 from its end.
fn slices() -> Vec<Case> {
    vec![
        of("line[100:27:-3]", "line", |x| x.slice(s![28..101;-3])),
        of("line[::-3]", "line", |x| x.slice(s![..;-3])),
        of("line[90:1000]", "line", |x| x.slice(s![90..1000])),
        of("line[-3:]", "line", |x| x.slice(s![-3..])),
        of("line[50:20]", "line", |x| x.slice_axis(0, 50..20)),
        of("line[-1000:4:3]", "line", |x| x.slice(s![-1000..4;3])),
        of("box[::-1, 1:3, ::2]", "box", |x| x.slice(s![..;-1, 1..3, ..;2])),
        of("box[-1]", "box", |x| x.slice(s![-1])),
        of("box[..., 2]", "box", |x| x.slice(s![.., .., 2])),
        of("box[1, 3:0:-1, -1]", "box", |x| x.slice(s![1, 1..4;-1, -1])),
        of("box[0, newaxis, :, newaxis, 1]", "box", |x| x.slice(s![0, NewAxis, .., NewAxis, 1])),
        of("box[3:, ::-2]", "box", |x| x.slice(s![3.., ..;-2])),
    ]
}

fn joins() -> Vec<Case> {
    let mut cases = Vec::new();
    for axis in [0, 1, -1] {
        cases.push(case(format!("concat {axis}"), Exact, move |given| {
            let x = given.get("box");
            DArray::concat(&[&x, &-&x, &x], axis)
        }));
        cases.push(case(format!("stack {axis}"), Exact, move |given| {
            let x = given.get("box");
            DArray::stack(&[&x, &-&x], axis)
        }));
    }
    cases.push(case("concat small unsigned", Exact, |given| DArray::concat(&[&given.get("small"), &given.get("unsigned")], 1)));
    cases.push(case("concat single small", Exact, |given| DArray::concat(&[&given.get("single"), &given.get("small")], 0)));
    cases.push(of("tile 2", "box", |x| x.tile(2)));
    cases.push(of("tile (2, 1, 3, 1)", "box", |x| x.slice(s![.., ..2, ..2]).tile((2, 1, 3, 1))));
    cases.push(of("tile (0, 2)", "box", |x| x.slice(s![.., ..2, ..2]).tile((0, 2))));
    cases
}

fn shifts() -> Vec<Case> {
    let mut cases = vec![
        of("pad", "box", |x| x.pad(&[(1, 2), (0, 3), (4, 0)], 7)),
        of("flip 1", "box", |x| x.flip(1)),
        of("flip 0 and last", "box", |x| x.flip([0, -1])),
        of("flip all", "box", |x| x.flip(..)),
        of("repeat 0 times", "box", |x| x.repeat(0, 1)),
        of("broadcast_to", "box", |x| x.slice(s![0, .., ..1]).broadcast_to((2, 4, 3))),
    ];
    for shift in [1, -2, 9] {
        cases.push(case(format!("roll {shift}"), Exact, move |given| given.get("box").roll(shift, 1)));
    }
    for axis in 0..3 {
        cases.push(case(format!("repeat {axis}"), Exact, move |given| given.get("box").repeat(3, axis)));
    }
    cases
}

fn axes() -> Vec<Case> {
    vec![
        of("expand_dims 1", "box", |x| x.expand_dims(1)),
        of("expand_dims -1", "box", |x| x.expand_dims(-1)),
        of("squeeze", "box", |x| x.slice(s![..1, .., 2..3]).squeeze([0, 2])),
        of("moveaxis", "box", |x| x.moveaxis([0, 1], [-1, 0])),
        of("permute_dims", "box", |x| x.permute_dims((2, 0, 1))),
        of("t", "box", |x| x.t()),
        of("matrix_transpose", "box", |x| x.matrix_transpose()),
        of("reshape (60,)", "box", |x| x.reshape(60)),
        of("reshape (12, 5)", "box", |x| x.reshape((12, 5))),
        of("reshape (3, 20)", "box", |x| x.reshape((3, 20))),
        of("reshape (5, 12)", "box", |x| x.reshape((5, 12))),
        of("reshape (-1, 6)", "box", |x| x.reshape((-1, 6))),
        of("reshape (2, 2, 3, 5)", "box", |x| x.reshape((2, 2, 3, 5))),
        of("reshape (1, 60, 1)", "box", |x| x.reshape((1, 60, 1))),
        of("reshape of t", "box", |x| x.t().reshape((4, -1))),
        of("unstack", "box", |x| x.unstack(1)[2].clone()),
    ]
}

fn made() -> Vec<Case> {
    vec![
        case("arange 3 20 4", Exact, |_| DArray::arange_step(3i64, 20, 4)),
        case("arange 20 3 -4", Exact, |_| DArray::arange_step(20i64, 3, -4)),
        case("arange 5 5", Exact, |_| DArray::arange(5i64..5)),
        case("arange halves", Exact, |_| DArray::arange_step(0.0, 3.2, 0.5)),
        case("linspace", Close, |given| DArray::linspace(-1.0, 1.0, 7).rechunk(given.chunk)),
        case("linspace 1", Exact, |_| DArray::linspace(2.0, 5.0, 1)),
        case("eye", Exact, |given| DArray::eye::<f64>(4).rechunk(given.chunk)),
    ]
}
