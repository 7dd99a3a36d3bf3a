//! Which axes of a shape go together with which of another, and the lengths that a user left out.

use crate::grid::show_shape;
use std::ops::Range;
use stratal_core::{Error, ErrorKind, Result};

/// The smallest groups of axes that have as many elements in both shapes, in order. No length is 0, and both shapes have as many
/// elements.
pub(super) fn groups(source: &[usize], target: &[usize]) -> Vec<(Range<usize>, Range<usize>)> {
    let (mut i, mut j) = (0, 0);
    let mut groups = Vec::new();
    while i < source.len() || j < target.len() {
        let start = (i, j);
        let (mut a, mut b) = (1usize, 1usize);
        if i < source.len() {
            a *= source[i];
            i += 1;
        }
        if j < target.len() {
            b *= target[j];
            j += 1;
        }
        // As many elements are left in both: the smaller side has an axis to go on with.
        while a != b {
            if a < b {
                a *= source[i];
                i += 1;
            } else {
                b *= target[j];
                j += 1;
            }
        }
        groups.push((start.0..i, start.1..j));
    }
    groups
}

/// The error of a shape that an array cannot have.
fn refuse(own: &[usize], said: &[i64], why: &str) -> Error {
    let said: Vec<String> = said.iter().map(i64::to_string).collect();
    Error::new(ErrorKind::Shape, format!("an array of shape {} is not reshaped to [{}]: {why}", show_shape(own), said.join(", ")))
}

fn product(mut lens: impl Iterator<Item = usize>) -> Option<usize> {
    lens.try_fold(1usize, |product, len| product.checked_mul(len))
}

/// The lengths of a shape in which one may be -1: what is left.
pub(crate) fn lengths(own: &[usize], said: &[i64]) -> Result<Vec<usize>> {
    let too_many = || refuse(own, said, "it has more elements than can be counted");
    let open = said.iter().filter(|len| **len == -1).count();
    if open > 1 {
        return Err(refuse(own, said, "-1 stands there more than once"));
    }
    if said.iter().any(|len| *len < -1) {
        return Err(refuse(own, said, "lengths are not negative").with_help("-1 is the length that is left"));
    }
    let all = product(own.iter().copied()).ok_or_else(too_many)?;
    let known = product(said.iter().filter(|len| **len != -1).map(|len| *len as usize)).ok_or_else(too_many)?;
    let why = || format!("it has {all} elements, and {known} are asked for");
    if open == 0 && known != all {
        return Err(refuse(own, said, &why()).with_help("-1 is the length that is left"));
    }
    if open == 1 && (known == 0 || !all.is_multiple_of(known)) {
        return Err(refuse(own, said, &format!("its {all} elements are no multiple of {known}")));
    }
    Ok(said.iter().map(|len| if *len == -1 { all / known } else { *len as usize }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_go_together_where_their_elements_do() {
        assert_eq!(groups(&[2, 3, 4], &[6, 4]), [(0..2, 0..1), (2..3, 1..2)]);
        assert_eq!(groups(&[4, 6], &[3, 8]), [(0..2, 0..2)]);
        assert_eq!(groups(&[4, 1], &[4]), [(0..1, 0..1), (1..2, 1..1)]);
        assert_eq!(groups(&[1, 4], &[4]), [(0..2, 0..1)]);
        assert_eq!((groups(&[], &[1, 1]), groups(&[], &[])), (vec![(0..0, 0..1), (0..0, 1..2)], vec![]));
    }

    #[test]
    fn what_is_left_out_is_found_and_what_does_not_fit_is_said() {
        assert_eq!(lengths(&[6, 4], &[-1, 8]).unwrap(), [3, 8]);
        assert_eq!((lengths(&[], &[]).unwrap(), lengths(&[0, 3], &[3, -1]).unwrap()), (vec![], vec![3, 0]));
        for wrong in [&[-1, -1][..], &[5, -1], &[-2, 12], &[23], &[-1, 0]] {
            assert_eq!(lengths(&[6, 4], wrong).unwrap_err().kind(), ErrorKind::Shape);
        }
        let error = lengths(&[6, 4], &[5, 5]).unwrap_err();
        assert_eq!(error.message(), "an array of shape (6, 4) is not reshaped to [5, 5]: it has 24 elements, and 25 are asked for");
    }
}
