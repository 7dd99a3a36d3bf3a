//! Functions of floats and integers that std lacks, or has with another meaning.

pub(super) trait Real: Copy {
    /// -1, 0 or 1; what is not a number stays so.
    fn sign(self) -> Self;
    /// The next value towards `to`.
    fn next_after(self, to: Self) -> Self;
    /// The larger; what is not a number wins.
    fn larger(self, other: Self) -> Self;
    /// The smaller; what is not a number wins.
    fn smaller(self, other: Self) -> Self;
    /// Whether the quotient is so small that `near_rest` is right.
    fn is_near(self, by: Self) -> bool;
    /// What division leaves over, with the sign of `self`, without a loop over the digits of the quotient.
    fn near_rest(self, by: Self) -> Self;
    /// What floor division leaves over, by what division leaves over: it has the sign of `by`.
    fn modulo(rest: Self, by: Self) -> Self;
    /// The quotient rounded down, by what division leaves over.
    fn floor_div(self, by: Self, rest: Self) -> Self;
}

macro_rules! floats {
    ($($float:ty: $leading:literal, $most:literal;)*) => {$(
        impl Real for $float {
            #[inline(always)]
            fn sign(self) -> Self {
                let below = if self < 0.0 { -1.0 } else { self };
                if self > 0.0 { 1.0 } else { below }
            }

            #[inline(always)]
            fn next_after(self, to: Self) -> Self {
                // Floats of one sign are in the order of their bits.
                let away = (to > self) == (self > 0.0);
                let bits = self.to_bits();
                let moved = <$float>::from_bits(if away { bits.wrapping_add(1) } else { bits.wrapping_sub(1) });
                let moved = if self == 0.0 { <$float>::from_bits(1).copysign(to) } else { moved };
                let moved = if self == to { to } else { moved };
                if self.is_nan() | to.is_nan() { <$float>::NAN } else { moved }
            }

            #[inline(always)]
            fn larger(self, other: Self) -> Self {
                // Of two zeros it is the positive one.
                let equal = <$float>::from_bits(self.to_bits() & other.to_bits());
                let larger = if self > other { self } else { other };
                let larger = if self == other { equal } else { larger };
                if self.is_nan() { self } else { larger }
            }

            #[inline(always)]
            fn smaller(self, other: Self) -> Self {
                let equal = <$float>::from_bits(self.to_bits() | other.to_bits());
                let smaller = if self < other { self } else { other };
                let smaller = if self == other { equal } else { smaller };
                if self.is_nan() { self } else { smaller }
            }

            #[inline(always)]
            fn is_near(self, by: Self) -> bool {
                let (a, b) = (self.abs(), by.abs());
                (a / b < $most) & (a < 0.25 * <$float>::MAX) & (b < 0.25 * <$float>::MAX)
            }

            #[inline(always)]
            fn near_rest(self, by: Self) -> Self {
                let (a, b) = (self.abs(), by.abs());
                // Its few bits times either half of the divisor are exact, and so is what is left.
                let quotient = (a / b).trunc();
                let high = <$float>::from_bits(b.to_bits() & $leading);
                let rest = (a - quotient * high) - quotient * (b - high);
                // The quotient may have been rounded up to the next whole number.
                let more = rest + b;
                (if rest < 0.0 { more } else { rest }).copysign(self)
            }

            #[inline(always)]
            fn modulo(rest: Self, by: Self) -> Self {
                let other = (rest < 0.0) != (by < 0.0);
                let moved = if other { rest + by } else { rest };
                if rest == 0.0 { rest.copysign(by) } else { moved }
            }

            #[inline(always)]
            fn floor_div(self, by: Self, rest: Self) -> Self {
                let ratio = self / by;
                // One is taken off after the division, for what is left over of an infinite divisor is infinite.
                let quotient = (self - rest) / by;
                let quotient = if (rest != 0.0) & ((rest < 0.0) != (by < 0.0)) { quotient - 1.0 } else { quotient };
                // The division may have rounded to the wrong side of a whole number.
                let floor = quotient.floor();
                let floor = if quotient - floor > 0.5 { floor + 1.0 } else { floor };
                let floor = if quotient == 0.0 { (0.0 as $float).copysign(ratio) } else { floor };
                if by == 0.0 { ratio } else { floor }
            }
        }
    )*};
}

floats! {
    f32: 0xffff_f000, 2048.0;
    f64: 0xffff_ffff_f800_0000, 67108864.0;
}

/// Integers never panic: they wrap, and what is divided by 0 is 0.
pub(super) trait Whole: Copy {
    fn power(self, by: Self) -> Self;
    fn shift_left(self, by: Self) -> Self;
    fn shift_right(self, by: Self) -> Self;
    fn floor_div(self, by: Self) -> Self;
    fn modulo(self, by: Self) -> Self;
    fn rest(self, by: Self) -> Self;
    fn sign(self) -> Self;
    fn magnitude(self) -> Self;
}

macro_rules! shared {
    ($int:ty) => {
        #[inline(always)]
        fn shift_left(self, by: Self) -> Self {
            let by = by as i128;
            let shifted = self.wrapping_shl(by as u32);
            if (0..<$int>::BITS as i128).contains(&by) { shifted } else { 0 }
        }

        #[inline(always)]
        fn shift_right(self, by: Self) -> Self {
            let by = by as i128;
            // Past all bits only the sign is left.
            let past = (self >> (<$int>::BITS - 1)) >> 1;
            let past = if by < 0 { 0 } else { past };
            let shifted = self.wrapping_shr(by as u32);
            if (0..<$int>::BITS as i128).contains(&by) { shifted } else { past }
        }

        #[inline(always)]
        fn rest(self, by: Self) -> Self {
            if by == 0 { 0 } else { self.wrapping_rem(by) }
        }
    };
}

/// The power by squares, for a power that is not negative.
macro_rules! long_power {
    ($base:expr, $by:expr) => {{
        let (mut base, mut by, mut product) = ($base, $by, 1);
        while by > 0 {
            if by % 2 == 1 {
                product = base.wrapping_mul(product);
            }
            base = base.wrapping_mul(base);
            by /= 2;
        }
        product
    }};
}

macro_rules! signed {
    ($($int:ty)*) => {$(
        impl Whole for $int {
            shared!($int);

            fn power(self, by: Self) -> Self {
                // The whole part of one over a power is 0 but for 1 and -1.
                match self {
                    1 => 1,
                    -1 => if by % 2 == 0 { 1 } else { -1 },
                    _ if by < 0 => 0,
                    _ => long_power!(self, by),
                }
            }

            #[inline(always)]
            fn floor_div(self, by: Self) -> Self {
                if by == 0 {
                    return 0;
                }
                let quotient = self.wrapping_div(by);
                if self.wrapping_rem(by) != 0 && (self < 0) != (by < 0) { quotient - 1 } else { quotient }
            }

            #[inline(always)]
            fn modulo(self, by: Self) -> Self {
                let rest = self.rest(by);
                if rest != 0 && (rest < 0) != (by < 0) { rest + by } else { rest }
            }

            #[inline(always)]
            fn sign(self) -> Self {
                self.signum()
            }

            #[inline(always)]
            fn magnitude(self) -> Self {
                self.wrapping_abs()
            }
        }
    )*};
}

macro_rules! unsigned {
    ($($int:ty)*) => {$(
        impl Whole for $int {
            shared!($int);

            fn power(self, by: Self) -> Self {
                long_power!(self, by)
            }

            #[inline(always)]
            fn floor_div(self, by: Self) -> Self {
                if by == 0 { 0 } else { self / by }
            }

            #[inline(always)]
            fn modulo(self, by: Self) -> Self {
                self.rest(by)
            }

            #[inline(always)]
            fn sign(self) -> Self {
                Self::from(self != 0)
            }

            #[inline(always)]
            fn magnitude(self) -> Self {
                self
            }
        }
    )*};
}

signed!(i8 i16 i32 i64);
unsigned!(u8 u16 u32 u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floor_division_and_its_rest_follow_the_divisor() {
        assert_eq!((Whole::floor_div(-7i32, 2), Whole::modulo(-7i32, 2), Whole::rest(-7i32, 2)), (-4, 1, -1));
        assert_eq!((Whole::floor_div(7i32, -2), Whole::modulo(7i32, -2)), (-4, -1));
        assert_eq!((Whole::floor_div(7i32, 0), Whole::modulo(7u8, 0), Whole::rest(7i8, 0)), (0, 0, 0));
        assert_eq!((Whole::floor_div(i8::MIN, -1), Whole::rest(i8::MIN, -1)), (i8::MIN, 0));
        let floored = |a: f64, by: f64| (a.floor_div(by, a % by), Real::modulo(a % by, by));
        assert_eq!((floored(-7.0, 2.0), floored(7.0, -2.0)), ((-4.0, 1.0), (-4.0, -1.0)));
        assert_eq!((floored(1.0, 0.0).0, floored(1.0, 0.1).0), (f64::INFINITY, 9.0));
        let endless = f64::INFINITY;
        assert_eq!([floored(-1.0, endless).0, floored(1.0, -endless).0, floored(-1.0, -endless).0], [-1.0, -1.0, 0.0]);
        assert!(floored(endless, 2.0).0.is_nan() && floored(f64::NAN, 2.0).0.is_nan() && floored(1.0, f64::NAN).0.is_nan());
        assert!(floored(-0.0, 2.0).1.is_sign_positive() && floored(4.0, -2.0).1.is_sign_negative());
    }

    #[test]
    fn the_short_division_leaves_what_the_long_one_does() {
        let (mut state, mut near) = (1u64, 0);
        for _ in 0..100_000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let (a, by) = (f64::from_bits(state), f64::from_bits(((state ^ (state << 37)) & !(0x1f << 57)) | (state & (0x1f << 57))));
            let (a32, by32) = (f32::from_bits((state >> 32) as u32), f32::from_bits((state >> 29) as u32));
            if a.is_near(by) {
                near += 1;
                assert_eq!(a.near_rest(by).to_bits(), (a % by).to_bits(), "{a} {by}");
            }
            if a32.is_near(by32) {
                near += 1;
                assert_eq!(a32.near_rest(by32).to_bits(), (a32 % by32).to_bits(), "{a32} {by32}");
            }
        }
        assert!(near > 10_000);
    }

    #[test]
    fn extremes_of_floats_keep_what_is_not_a_number_and_know_signed_zeros() {
        assert!(f64::NAN.larger(1.0).is_nan() && 1.0f64.smaller(f64::NAN).is_nan());
        assert!((-0.0f64).larger(0.0).is_sign_positive() && 0.0f64.smaller(-0.0).is_sign_negative());
        assert_eq!((1.0f32.larger(2.0), 1.0f32.smaller(2.0)), (2.0, 1.0));
    }

    #[test]
    fn shifts_past_all_bits_leave_nothing_but_the_sign() {
        assert_eq!((1i8.shift_left(7), 1i8.shift_left(8), 1u8.shift_left(9)), (-128, 0, 0));
        assert_eq!(((-5i8).shift_right(100), 5i8.shift_right(100), (-8i32).shift_right(1)), (-1, 0, -4));
        assert_eq!((2i32.power(10), 2i32.power(-1), (-1i64).power(-3), 0i32.power(0)), (1024, 0, -1, 1));
        assert_eq!((3i64.power(1 << 33), (-5i64).shift_right(1 << 33)), (3i64.wrapping_pow(1 << 17).wrapping_pow(1 << 16), -1));
    }

    #[test]
    fn neighbours_are_those_of_the_standard() {
        assert_eq!(1.0f64.next_after(2.0), 1.0 + f64::EPSILON);
        assert_eq!(0.0f32.next_after(-1.0), -f32::from_bits(1));
        assert_eq!((f64::INFINITY.next_after(0.0), f64::MAX.next_after(f64::INFINITY)), (f64::MAX, f64::INFINITY));
        assert!((-f64::from_bits(1)).next_after(1.0) == 0.0 && 1.0f32.next_after(f32::NAN).is_nan());
    }
}
