//! `einsum`: sums of products as letters for axes.

use super::{
    At, DArray, cast,
    contract::{Pairing, contract},
};
use crate::grid::show_shape;
use std::{collections::BTreeMap, panic::Location};
use stratal_core::{Error, ErrorKind, Result};

/// The letters of each operand, and of the result.
#[derive(Debug, PartialEq)]
struct Letters {
    operands: Vec<Vec<char>>,
    result: Vec<char>,
}

fn bad(spec: &str, why: String, help: &str) -> Error {
    Error::new(ErrorKind::BadValue, format!("{spec:?}: {why}")).with_help(help.to_owned())
}

/// The letters of one operand.
fn letters(spec: &str, text: &str) -> Result<Vec<char>> {
    let letters: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    match letters.iter().find(|letter| !letter.is_ascii_alphabetic()) {
        Some(other) => Err(bad(spec, format!("{other:?} is no letter of an axis"), "as in \"ij,jk->ik\"; name every axis")),
        None => Ok(letters),
    }
}

fn first_twice(letters: &[char]) -> Option<char> {
    letters.iter().enumerate().find(|(at, letter)| letters[..*at].contains(letter)).map(|(_, letter)| *letter)
}

impl Letters {
    /// Without a result, it is the letters that stand there once, in the order of the alphabet.
    fn of(spec: &str) -> Result<Self> {
        let (operands, result) = match spec.split_once("->") {
            Some((operands, result)) => (operands, Some(result)),
            None => (spec, None),
        };
        let operands = operands.split(',').map(|text| letters(spec, text)).collect::<Result<Vec<_>>>()?;
        if let Some(letter) = operands.iter().find_map(|letters| first_twice(letters)) {
            let why = format!("{letter:?} stands twice in one operand");
            return Err(bad(spec, why, "there are no diagonals: multiply by DArray::eye and sum"));
        }
        let mut counts: BTreeMap<char, usize> = BTreeMap::new();
        operands.iter().flatten().for_each(|letter| *counts.entry(*letter).or_default() += 1);
        let result = match result {
            Some(text) => letters(spec, text)?,
            None => counts.iter().filter(|(_, count)| **count == 1).map(|(letter, _)| *letter).collect(),
        };
        if let Some(letter) = first_twice(&result) {
            return Err(bad(spec, format!("{letter:?} stands twice in the result"), "each axis of the result is another"));
        }
        if let Some(letter) = result.iter().find(|letter| !counts.contains_key(letter)) {
            return Err(bad(spec, format!("{letter:?} of the result is in no operand"), "an axis of the result is one of an operand"));
        }
        Ok(Letters { operands, result })
    }

    /// Whether the arrays have these axes.
    fn check(&self, spec: &str, shapes: &[Vec<usize>]) -> Result<()> {
        if self.operands.len() != shapes.len() {
            let why = format!("it names {} operands, and {} are given", self.operands.len(), shapes.len());
            return Err(bad(spec, why, "operands are separated by commas"));
        }
        let mut lens: BTreeMap<char, usize> = BTreeMap::new();
        for (letters, shape) in self.operands.iter().zip(shapes) {
            if letters.len() != shape.len() {
                let axes: String = letters.iter().collect();
                return Err(bad(spec, format!("{axes:?} stands for an array of shape {}", show_shape(shape)), "name every axis"));
            }
            for (letter, len) in letters.iter().zip(shape) {
                let known = *lens.entry(*letter).or_insert(*len);
                if known != *len {
                    let shapes: Vec<String> = shapes.iter().map(|shape| show_shape(shape)).collect();
                    let why = format!("{letter:?} is {known} and {len} in shapes {}", shapes.join(", "));
                    return Err(Error::new(ErrorKind::Shape, format!("{spec:?}: {why}")).with_help("axes of one letter have one length"));
                }
            }
        }
        Ok(())
    }
}

/// An array and the letters of its axes.
struct Named {
    array: DArray,
    letters: Vec<char>,
}

impl Named {
    /// Sums over the axes that are not kept.
    fn only(self, kept: &[char]) -> Self {
        let gone = |letter: &char| !kept.contains(letter);
        let axes: Vec<i64> = (0i64..).zip(&self.letters).filter(|(_, letter)| gone(letter)).map(|(axis, _)| axis).collect();
        if axes.is_empty() {
            return self;
        }
        let dtype = self.array.dtype();
        let sum = self.array.sum(axes);
        // Integers stay as wide as they are.
        let array = match dtype {
            Ok(dtype) => sum.then("einsum", Location::caller(), |node| Ok(cast(node, dtype))),
            Err(_) => sum,
        };
        Named { array, letters: self.letters.into_iter().filter(|letter| !gone(letter)).collect() }
    }

    /// The sum of products of two, over what both have and is not kept.
    fn times(self, other: Named, kept: &[char], at: At) -> Self {
        let with = |letters: &[char]| kept.iter().chain(letters).copied().collect::<Vec<char>>();
        let (right_letters, left_letters) = (with(&other.letters), with(&self.letters));
        let (left, right) = (self.only(&right_letters), other.only(&left_letters));
        let place = |letter: &char| right.letters.iter().position(|other| other == letter);
        let mut pairing = Pairing::default();
        let (mut batch, mut free) = (Vec::new(), Vec::new());
        for (at, letter) in left.letters.iter().enumerate() {
            match place(letter) {
                Some(other) if kept.contains(letter) => {
                    pairing.batch.push((Some(at), Some(other)));
                    batch.push(*letter);
                }
                Some(other) => pairing.contracted.push((at, other)),
                None => {
                    pairing.left.push(at);
                    free.push(*letter);
                }
            }
        }
        for (at, letter) in right.letters.iter().enumerate().filter(|(_, letter)| !left.letters.contains(letter)) {
            pairing.right.push(at);
            free.push(*letter);
        }
        batch.extend(free);
        Named { array: contract("einsum", &left.array, &right.array, at, |_, _| Ok(pairing)), letters: batch }
    }
}

impl DArray {
    /// Sums of products, where letters name axes: those that the result does not have are summed over. Arrays are taken two at a
    /// time, from the left; without `->` the result has the letters that stand there once, in the order of the alphabet.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::arange(0i64..6).reshape((2, 3));
    /// let square = DArray::einsum("ij,kj->ik", &[&a, &a]);
    /// assert_eq!(square.compute::<i64>()?, ndarray::arr2(&[[5, 14], [14, 50]]).into_dyn());
    /// assert_eq!(DArray::einsum("ij->j", &[&a]).compute::<i64>()?, ndarray::arr1(&[3, 5, 7]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn einsum(spec: &str, arrays: &[&DArray]) -> Self {
        let at = Location::caller();
        let known = || -> Result<Letters> {
            let letters = Letters::of(spec)?;
            letters.check(spec, &arrays.iter().map(|array| array.shape()).collect::<Result<Vec<_>>>()?)?;
            Ok(letters)
        };
        let poisoned = |error: Error| DArray::begin("einsum", at, || Err(error));
        let Letters { operands, result } = match known() {
            Ok(letters) => letters,
            Err(error) => return poisoned(error),
        };
        let mut named = arrays.iter().zip(&operands).map(|(array, letters)| Named { array: (*array).clone(), letters: letters.clone() });
        let Some(first) = named.next() else { return poisoned(Error::new(ErrorKind::BadValue, "no arrays are given")) };
        let all = (1..).zip(named).fold(first, |done, (nth, next)| {
            // What the result or a later array needs is not summed over yet.
            let kept: Vec<char> = result.iter().chain(operands.iter().skip(nth + 1).flatten()).copied().collect();
            done.times(next, &kept, at)
        });
        let Named { array, letters } = all.only(&result);
        let order = result.iter().filter_map(|letter| letters.iter().position(|other| other == letter)).collect();
        array.permuted_as("einsum", at, |_| Ok(order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_and_what_is_wrong_is_said() {
        let letters = Letters::of("ij, jk -> ik").unwrap();
        assert_eq!((letters.operands, letters.result), (vec![vec!['i', 'j'], vec!['j', 'k']], vec!['i', 'k']));
        assert_eq!(Letters::of("kj,ji").unwrap().result, ['i', 'k']);
        for wrong in ["ii->i", "ij->k", "ij->ii", "i...->i"] {
            assert_eq!(Letters::of(wrong).unwrap_err().kind(), ErrorKind::BadValue, "{wrong}");
        }
        let letters = Letters::of("ij,jk").unwrap();
        assert!(letters.check("ij,jk", &[vec![2, 3], vec![3, 4]]).is_ok());
        for shapes in [vec![vec![2, 3]], vec![vec![2], vec![3, 4]], vec![vec![2, 3], vec![4, 4]]] {
            assert!(letters.check("ij,jk", &shapes).is_err());
        }
    }
}
