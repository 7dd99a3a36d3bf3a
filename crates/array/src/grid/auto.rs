//! Chunk shapes from a number of bytes.

use super::Axis;

/// Cuts the axes so that a chunk has at most `bytes`: the longest side is halved until it fits. `fixed` axes stay as they are.
pub(crate) fn auto_chunks(shape: &[usize], fixed: &[Option<Axis>], item: usize, bytes: u64) -> Vec<Axis> {
    let most = (bytes / item.max(1) as u64).max(1) as u128;
    let side = |axis: usize, len: usize| fixed.get(axis).and_then(Option::as_ref).map_or(len, Axis::largest).max(1);
    let mut sides: Vec<usize> = shape.iter().enumerate().map(|(axis, len)| side(axis, *len)).collect();
    let free: Vec<usize> = (0..shape.len()).filter(|axis| !matches!(fixed.get(*axis), Some(Some(_)))).collect();
    let elements = |sides: &[usize]| sides.iter().fold(1u128, |product, side| product.saturating_mul(*side as u128));
    while elements(&sides) > most {
        let Some(longest) = free.iter().copied().max_by_key(|axis| sides[*axis]).filter(|axis| sides[*axis] > 1) else { break };
        sides[longest] = sides[longest].div_ceil(2);
    }
    let axis = |axis: usize| match fixed.get(axis) {
        Some(Some(fixed)) => fixed.clone(),
        _ => Axis::regular(shape[axis], sides[axis]),
    };
    (0..shape.len()).map(axis).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_about_square_and_fit() {
        let axes = auto_chunks(&[1000, 1000], &[], 8, 800_000);
        assert_eq!(axes, [Axis::regular(1000, 250), Axis::regular(1000, 250)]);
        assert_eq!(auto_chunks(&[5, 0], &[], 8, 1), [Axis::regular(5, 1), Axis::regular(0, 1)]);
        assert!(auto_chunks(&[], &[], 8, 1).is_empty());
        let fixed = [Some(Axis::regular(10, 10)), None];
        assert_eq!(auto_chunks(&[10, 64], &fixed, 1, 80), [Axis::regular(10, 10), Axis::regular(64, 8)]);
    }
}
