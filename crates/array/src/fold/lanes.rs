//! Consecutive elements folded in several lanes, so that the compiler can use wide registers and no addition waits for the one
//! before it. How many lanes there are is fixed: the same elements give the same bits on every machine.

/// Lanes: of floats, eight registers of the narrowest instruction set.
pub(super) const LANES: usize = 16;

/// Folds every `LANES`-th element into one lane, and then neighbouring lanes, pair by pair.
#[inline(always)]
pub(super) fn in_lanes<T: Copy, A: Copy>(items: &[T], start: A, take: impl Fn(A, T) -> A, join: impl Fn(A, A) -> A) -> A {
    if items.len() < LANES {
        return items.iter().fold(start, |folded, item| take(folded, *item));
    }
    let mut lanes = [start; LANES];
    let (blocks, rest) = items.as_chunks::<LANES>();
    for block in blocks {
        for (lane, item) in lanes.iter_mut().zip(block) {
            *lane = take(*lane, *item);
        }
    }
    for (lane, item) in lanes.iter_mut().zip(rest) {
        *lane = take(*lane, *item);
    }
    let mut width = LANES / 2;
    while width > 0 {
        let (low, high) = lanes.split_at_mut(width);
        for (lane, other) in low.iter_mut().zip(high) {
            *lane = join(*lane, *other);
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_folded_once_whatever_is_left_over() {
        for len in 0..100u64 {
            let items: Vec<u64> = (1..=len).collect();
            assert_eq!(in_lanes(&items, 0, |sum, item| sum + item, |a, b| a + b), len * (len + 1) / 2);
            assert_eq!(in_lanes(&items, 0, |most: u64, item| most.max(item), u64::max), len);
        }
    }
}
