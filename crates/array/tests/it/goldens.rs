//! What numpy makes of small arrays, against what is made here, in several chunkings.
//!
//! `../data/goldens/goldens.tsv` is written by `make.py` next to it, which says where numpy means something else. Every line has
//! a case here, and every case a line.

mod elementwise;
mod moves;
mod products;
mod reductions;

use Rule::{Close, Equal, Exact, Ulps};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    str::FromStr,
};
use stratal_array::{Complex32, Complex64, DArray, DType, Element};
use stratal_core::{Client, Result};

type One = fn(&DArray) -> DArray;
type Two = fn(&DArray, &DArray) -> DArray;

/// When two numbers count as the same. What is not a number is always the same as itself.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// The same, zeros by their sign too.
    Exact,
    /// Equal: zeros of both signs are.
    Equal,
    /// So many floats apart at most; zeros by their sign.
    Ulps(u64),
    /// Equal but for rounding.
    Close,
}

/// What is to be made of the arrays of the file, and how exactly.
struct Case {
    name: String,
    rule: Rule,
    make: Box<dyn Fn(&Given) -> DArray>,
}

fn case(name: impl Into<String>, rule: Rule, make: impl Fn(&Given) -> DArray + 'static) -> Case {
    Case { name: name.into(), rule, make: Box::new(make) }
}

/// One line of the file.
struct Golden {
    dtype: &'static str,
    shape: Vec<usize>,
    cells: Vec<&'static str>,
}

/// The lines, by their names.
fn goldens() -> BTreeMap<&'static str, Golden> {
    let text = include_str!("../data/goldens/goldens.tsv");
    let line = |line: &'static str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, dtype, shape, cells] = fields[..] else { panic!("{line}") };
        let shape = shape.split(',').filter(|len| !len.is_empty()).map(|len| len.parse().unwrap()).collect();
        (name, Golden { dtype, shape, cells: cells.split_whitespace().collect() })
    };
    text.lines().map(line).collect()
}

/// The arrays that cases are made of, cut in one way.
struct Given {
    goldens: BTreeMap<&'static str, Golden>,
    /// The length of chunks along each axis; -1 for one chunk.
    chunk: i64,
    /// Whether they are results of an earlier run, and not made where they are needed.
    is_kept: bool,
}

impl Given {
    fn get(&self, name: &str) -> DArray {
        let golden = self.goldens.get(format!("<{name}").as_str()).unwrap_or_else(|| panic!("{name} is not given"));
        let whole = array(golden).rechunk(self.chunk);
        if self.is_kept { whole.persist().unwrap() } else { whole }
    }
}

fn array(golden: &Golden) -> DArray {
    fn of<T: Element + FromStr>(golden: &Golden) -> DArray
    where
        T::Err: Debug,
    {
        DArray::from_vec(golden.cells.iter().map(|cell| cell.parse::<T>().unwrap()).collect(), golden.shape.clone())
    }
    match golden.dtype {
        "bool" => DArray::from_vec(golden.cells.iter().map(|cell| *cell == "1").collect(), golden.shape.clone()),
        "i8" => of::<i8>(golden),
        "u8" => of::<u8>(golden),
        "i64" => of::<i64>(golden),
        "f32" => of::<f32>(golden),
        "f64" => of::<f64>(golden),
        "c128" => {
            let number = |cell: &&str| complex(cell);
            DArray::from_vec(golden.cells.iter().map(number).collect(), golden.shape.clone())
        }
        other => panic!("nothing is given as {other}"),
    }
}

fn complex(cell: &str) -> Complex64 {
    let (re, im) = cell.split_once(',').unwrap();
    Complex64::new(re.parse().unwrap(), im.parse().unwrap())
}

/// An element.
#[derive(Clone, Copy, Debug)]
enum Cell {
    Whole(i128),
    Single(f32),
    Double(f64),
    Complex(f64, f64),
}

impl Golden {
    fn expected(&self) -> Vec<Cell> {
        let cell = |cell: &&str| match self.dtype {
            "f32" => Cell::Single(cell.parse().unwrap()),
            "f64" => Cell::Double(cell.parse().unwrap()),
            "c64" => Cell::Complex(f64::from(complex(cell).re as f32), f64::from(complex(cell).im as f32)),
            "c128" => Cell::Complex(complex(cell).re, complex(cell).im),
            _ => Cell::Whole(cell.parse().unwrap()),
        };
        self.cells.iter().map(cell).collect()
    }
}

fn computed(array: &DArray) -> Result<(Vec<usize>, Vec<Cell>)> {
    fn cells<T: Element>(array: &DArray, cell: impl Fn(T) -> Cell) -> Result<(Vec<usize>, Vec<Cell>)> {
        let all = array.compute::<T>()?;
        Ok((all.shape().to_vec(), all.iter().map(|element| cell(*element)).collect()))
    }
    match array.dtype()? {
        DType::Bool => cells(array, |x: bool| Cell::Whole(x.into())),
        DType::I8 => cells(array, |x: i8| Cell::Whole(x.into())),
        DType::I16 => cells(array, |x: i16| Cell::Whole(x.into())),
        DType::I32 => cells(array, |x: i32| Cell::Whole(x.into())),
        DType::I64 => cells(array, |x: i64| Cell::Whole(x.into())),
        DType::U8 => cells(array, |x: u8| Cell::Whole(x.into())),
        DType::U16 => cells(array, |x: u16| Cell::Whole(x.into())),
        DType::U32 => cells(array, |x: u32| Cell::Whole(x.into())),
        DType::U64 => cells(array, |x: u64| Cell::Whole(x.into())),
        DType::F32 => cells(array, Cell::Single),
        DType::F64 => cells(array, Cell::Double),
        DType::C64 => cells(array, |z: Complex32| Cell::Complex(f64::from(z.re), f64::from(z.im))),
        DType::C128 => cells(array, |z: Complex64| Cell::Complex(z.re, z.im)),
    }
}

/// How many floats lie between two.
fn apart(a: f64, b: f64) -> u64 {
    let place = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    place(a).abs_diff(place(b))
}

fn apart_single(a: f32, b: f32) -> u64 {
    let place = |x: f32| {
        let bits = x.to_bits() as i32;
        if bits < 0 { i32::MIN - bits } else { bits }
    };
    u64::from(place(a).abs_diff(place(b)))
}

/// Whether a rule holds for two floats, which lie so far apart; `loose` is what counts as rounding.
fn holds(rule: Rule, a: f64, b: f64, apart: u64, loose: f64) -> bool {
    if a.is_nan() || b.is_nan() {
        return a.is_nan() && b.is_nan();
    }
    let signs = a != 0.0 || b != 0.0 || a.is_sign_negative() == b.is_sign_negative();
    let are_finite = a.is_finite() && b.is_finite();
    match rule {
        Exact => a == b && signs,
        Equal => a == b,
        Ulps(most) => signs && (a == b || are_finite && apart <= most),
        Close => a == b || are_finite && (a - b).abs() <= loose * b.abs().max(1.0),
    }
}

fn alike(rule: Rule, made: Cell, golden: Cell) -> bool {
    let double = |a: f64, b: f64| holds(rule, a, b, apart(a, b), 1e-12);
    match (made, golden) {
        (Cell::Whole(a), Cell::Whole(b)) => a == b,
        (Cell::Single(a), Cell::Single(b)) => holds(rule, a.into(), b.into(), apart_single(a, b), 1e-5),
        (Cell::Double(a), Cell::Double(b)) => double(a, b),
        (Cell::Complex(a, b), Cell::Complex(x, y)) => double(a, x) && double(b, y),
        _ => false,
    }
}

/// Why a case is not what numpy makes.
fn wrong(case: &Case, given: &Given) -> Option<String> {
    let Some(golden) = given.goldens.get(case.name.as_str()) else { return Some("it has no line".to_owned()) };
    let made = (case.make)(given);
    let (shape, cells) = match computed(&made) {
        Ok(computed) => computed,
        Err(error) => return Some(error.to_string()),
    };
    let dtype = made.dtype().map(DType::name).unwrap_or_default();
    if (dtype, &shape) != (golden.dtype, &golden.shape) {
        return Some(format!("{dtype} {shape:?}, and numpy {} {:?}", golden.dtype, golden.shape));
    }
    let differing = cells.into_iter().zip(golden.expected()).enumerate().find(|(_, (made, golden))| !alike(case.rule, *made, *golden));
    differing.map(|(at, (made, golden))| format!("element {at} is {made:?}, and numpy's {golden:?}"))
}

/// Compares all cases, in every chunking, and says all that are wrong.
fn check(cases: &[Case]) {
    let client = Client::builder().detached().synchronous().unwrap();
    let _entered = client.enter();
    let mut found = Vec::new();
    for (chunk, is_kept) in [(-1, false), (1, false), (2, true), (3, false)] {
        let given = Given { goldens: goldens(), chunk, is_kept };
        for case in cases {
            found.extend(wrong(case, &given).map(|why| format!("{} in chunks of {chunk}: {why}", case.name)));
        }
    }
    assert!(found.is_empty(), "{} wrong\n{}", found.len(), found.join("\n"));
}

#[test]
fn functions_of_elements_are_numpys() {
    check(&elementwise::cases());
}

#[test]
fn reductions_and_running_sums_are_numpys() {
    check(&reductions::cases());
}

#[test]
fn slices_joins_and_moves_are_numpys() {
    check(&moves::cases());
}

#[test]
fn products_are_numpys() {
    check(&products::cases());
}

/// The dtype of two arrays together.
fn together(a: DType, b: DType) -> String {
    let of = |dtype: DType| match dtype {
        DType::Bool => DArray::zeros::<bool>(2),
        other => DArray::zeros::<u8>(2).cast(other),
    };
    DArray::concat(&[&of(a), &of(b)], 0).dtype().map_or("none".to_owned(), |dtype| dtype.to_string())
}

#[test]
fn dtypes_meet_where_numpys_do() {
    let goldens = goldens();
    let table = &goldens["promotion"].cells;
    let pairs = DType::ALL.into_iter().flat_map(|a| DType::ALL.into_iter().map(move |b| (a, b)));
    assert_eq!(table.len(), DType::ALL.len().pow(2));
    for ((a, b), expected) in pairs.zip(table) {
        assert_eq!(together(a, b), *expected, "{a} and {b}");
    }
}

#[test]
fn every_line_has_a_case() {
    let cases = [elementwise::cases(), reductions::cases(), moves::cases(), products::cases()];
    let names: Vec<String> = cases.into_iter().flatten().map(|case| case.name).collect();
    let once: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(once.len(), names.len(), "a case stands there twice");
    let is_case = |name: &&str| !name.starts_with('<') && *name != "promotion";
    let lines: BTreeSet<&str> = goldens().into_keys().filter(is_case).collect();
    assert_eq!(lines, once);
}
