//! `docs/array_api.md`: what of the Array API standard is there, said by code that runs.
//!
//! Every name of the standard has an entry. One that is done has a check, which calls the function on small arrays in chunks and
//! compares what comes out: what is gone does not compile, and what is wrong fails. The page is written of the entries; with
//! `UPDATE_EXPECT=1` in the environment it is written to its file, else it must be what the file says.

mod elementwise;
mod made;
mod moved;
mod names;
mod operators;
mod reduced;

use crate::everywhere;
use names::SECTIONS;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};
use stratal_array::{
    DArray, Element,
    ndarray::{Array, Dimension},
};

/// What there is of one name.
struct Entry {
    name: &'static str,
    state: State,
}

enum State {
    Done {
        /// How it is written.
        ours: &'static str,
        /// What of it is otherwise, or not there.
        note: &'static str,
        check: Box<dyn Fn()>,
    },
    /// Why it is not there, and what to write instead.
    Not(&'static str),
}

fn done(name: &'static str, ours: &'static str, check: impl Fn() + 'static) -> Entry {
    but(name, ours, "", check)
}

fn but(name: &'static str, ours: &'static str, note: &'static str, check: impl Fn() + 'static) -> Entry {
    Entry { name, state: State::Done { ours, note, check: Box::new(check) } }
}

fn not(name: &'static str, why: &'static str) -> Entry {
    Entry { name, state: State::Not(why) }
}

/// Elements in chunks of two.
fn given<T: Element>(items: &[T]) -> DArray {
    DArray::from_vec(items.to_vec(), items.len()).rechunk(2)
}

/// 1 to 6 in two rows.
fn rows() -> DArray {
    given(&[1i64, 2, 3, 4, 5, 6]).reshape((2, 3))
}

#[track_caller]
fn is<T: Element, D: Dimension>(made: &DArray, expected: Array<T, D>) {
    let made = made.compute::<T>().unwrap();
    assert_eq!(made.shape(), expected.shape());
    // As text, so that what is not a number is itself, and zeros have their signs.
    let text = |items: Vec<T>| format!("{items:?}");
    assert_eq!(text(made.iter().copied().collect()), text(expected.iter().copied().collect()));
}

/// Equal but for the last digits.
#[track_caller]
fn near(made: &DArray, expected: &[f64]) {
    let made = made.compute::<f64>().unwrap();
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-14 * b.abs();
    assert!(made.len() == expected.len() && made.iter().zip(expected).all(close), "{made} {expected:?}");
}

fn entries() -> Vec<Entry> {
    [made::entries(), elementwise::entries(), moved::entries(), reduced::entries(), operators::entries()].into_iter().flatten().collect()
}

#[test]
fn every_name_of_the_standard_has_one_entry() {
    let standard: Vec<&str> = SECTIONS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let ours: Vec<&str> = entries().iter().map(|entry| entry.name).collect();
    for names in [&standard, &ours] {
        assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len(), "a name stands there twice");
    }
    let (standard, ours): (BTreeSet<&str>, BTreeSet<&str>) = (standard.into_iter().collect(), ours.into_iter().collect());
    assert_eq!(standard, ours);
}

#[test]
fn what_is_done_gives_what_it_should() {
    everywhere(|| {
        for entry in entries() {
            if let State::Done { check, .. } = entry.state {
                check();
            }
        }
    });
}

fn page() -> String {
    let entries: BTreeMap<&str, State> = entries().into_iter().map(|entry| (entry.name, entry.state)).collect();
    let count = |names: &[&str]| names.iter().filter(|name| matches!(entries[**name], State::Done { .. })).count();
    let all: Vec<&str> = SECTIONS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let mut page = format!(
        "# The Array API standard, name by name\n\n\
         Written by `crates/array/tests/it/api_page.rs`, of what it calls and compares: what is done was run. To write it anew:\n\
         `UPDATE_EXPECT=1 cargo test -p stratal-array --test it api_page`.\n\n\
         Of the {} names of the standard 2025.12, {} are there. What is not says what comes, or what to write instead.\n\
         `x`, `y` and `z` are arrays, `a`, `b` and `n` numbers. What is beyond the standard is in\n\
         [for_numpy_users.md](for_numpy_users.md).\n",
        all.len(),
        count(&all)
    );
    for (title, names) in SECTIONS {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "\n## {title}: {} of {}\n\n| standard | here | |\n|---|---|---|", count(names), names.len());
        for name in names {
            let (ours, note) = match &entries[*name] {
                State::Done { ours, note, .. } => (*ours, *note),
                State::Not(why) => ("–", *why),
            };
            let line = format!("| `{name}` | {} | {} |", ours.replace('|', "\\|"), note.replace('|', "\\|"));
            let _ = writeln!(page, "{}", line.replace("  |", " |"));
        }
    }
    page
}

#[test]
fn the_page_says_what_the_entries_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/array_api.md");
    let page = page();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let file = std::fs::read_to_string(&path).unwrap_or_default();
    let differing = page.lines().zip(file.lines()).find(|(page, file)| page != file);
    assert!(page == file, "docs/array_api.md is old, write it with UPDATE_EXPECT=1; first differing: {differing:?}");
}
