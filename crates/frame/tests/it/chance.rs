//! Numbers that look like chance, for rows that are the same in every run.

/// Numbers that look like chance and are the same every time.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// From 0 up to `below`.
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }

    /// The value, or nothing once in `every` times.
    pub(crate) fn sometimes<T>(&mut self, every: u64, value: T) -> Option<T> {
        (self.next(every) > 0).then_some(value)
    }
}
