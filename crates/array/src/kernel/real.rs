//! Functions of floats and integers that std lacks, or has with another meaning.

/// Halves go to the even neighbour, as the standard rounds.
pub(super) trait Real: Copy {
    /// -1, 0 or 1; what is not a number stays so.
    fn sign(self) -> Self;
    /// The next value towards `to`.
    fn next_after(self, to: Self) -> Self;
    /// The logarithm of the sum of two exponentials.
    fn log_add_exp(self, other: Self) -> Self;
    /// The quotient rounded down.
    fn floor_div(self, by: Self) -> Self;
    /// What floor division leaves over: it has the sign of `by`.
    fn modulo(self, by: Self) -> Self;
    /// The larger; what is not a number wins.
    fn larger(self, other: Self) -> Self;
    /// The smaller; what is not a number wins.
    fn smaller(self, other: Self) -> Self;
}

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl Real for $float {
            fn sign(self) -> Self {
                if self > 0.0 {
                    1.0
                } else if self < 0.0 {
                    -1.0
                } else {
                    self
                }
            }

            fn next_after(self, to: Self) -> Self {
                if self.is_nan() || to.is_nan() {
                    <$float>::NAN
                } else if self == to {
                    to
                } else if self < to {
                    self.next_up()
                } else {
                    self.next_down()
                }
            }

            fn log_add_exp(self, other: Self) -> Self {
                if self == other {
                    // Also for two infinities of one sign, of which the difference is not a number.
                    return self + std::f64::consts::LN_2 as $float;
                }
                let (high, low) = if self > other { (self, other) } else { (other, self) };
                high + (low - high).exp().ln_1p()
            }

            fn floor_div(self, by: Self) -> Self {
                if by == 0.0 {
                    return self / by;
                }
                let rest = self.modulo(by);
                let quotient = (self - rest) / by;
                if quotient == 0.0 {
                    return (0.0 as $float).copysign(self / by);
                }
                // The division may have rounded up to the next whole number or just below one.
                let floor = quotient.floor();
                if quotient - floor > 0.5 { floor + 1.0 } else { floor }
            }

            fn modulo(self, by: Self) -> Self {
                let rest = self % by;
                if rest == 0.0 {
                    return rest.copysign(by);
                }
                if (rest < 0.0) != (by < 0.0) { rest + by } else { rest }
            }

            fn larger(self, other: Self) -> Self {
                if self.is_nan() || self > other {
                    self
                } else if other.is_nan() || other > self {
                    other
                } else {
                    // Equal, or zeros of two signs.
                    if self.is_sign_negative() { other } else { self }
                }
            }

            fn smaller(self, other: Self) -> Self {
                if self.is_nan() || self < other {
                    self
                } else if other.is_nan() || other < self {
                    other
                } else {
                    if self.is_sign_negative() { self } else { other }
                }
            }
        }
    )*};
}

floats!(f32 f64);

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
        fn shift_left(self, by: Self) -> Self {
            u32::try_from(by as i128).ok().and_then(|by| self.checked_shl(by)).unwrap_or(0)
        }

        fn shift_right(self, by: Self) -> Self {
            // Past all bits only the sign is left.
            let bits = <$int>::BITS - 1;
            match u32::try_from(by as i128) {
                Ok(by) if by <= bits => self >> by,
                Ok(_) => (self >> bits) >> 1,
                Err(_) => 0,
            }
        }

        fn rest(self, by: Self) -> Self {
            if by == 0 { 0 } else { self.wrapping_rem(by) }
        }
    };
}

macro_rules! signed {
    ($($int:ty)*) => {$(
        impl Whole for $int {
            shared!($int);

            fn power(self, by: Self) -> Self {
                match u32::try_from(by as i128) {
                    Ok(by) => self.wrapping_pow(by),
                    // A power that does not fit 32 bits, or the whole part of one over a power.
                    Err(_) => match self {
                        1 => 1,
                        -1 => if by % 2 == 0 { 1 } else { -1 },
                        _ => 0,
                    },
                }
            }

            fn floor_div(self, by: Self) -> Self {
                if by == 0 {
                    return 0;
                }
                let quotient = self.wrapping_div(by);
                if self.wrapping_rem(by) != 0 && (self < 0) != (by < 0) { quotient - 1 } else { quotient }
            }

            fn modulo(self, by: Self) -> Self {
                let rest = self.rest(by);
                if rest != 0 && (rest < 0) != (by < 0) { rest + by } else { rest }
            }

            fn sign(self) -> Self {
                self.signum()
            }

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
                match u32::try_from(by as i128) {
                    Ok(by) => self.wrapping_pow(by),
                    Err(_) => if self == 1 { 1 } else { 0 },
                }
            }

            fn floor_div(self, by: Self) -> Self {
                if by == 0 { 0 } else { self / by }
            }

            fn modulo(self, by: Self) -> Self {
                self.rest(by)
            }

            fn sign(self) -> Self {
                Self::from(self != 0)
            }

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
        assert_eq!((Real::floor_div(-7.0f64, 2.0), Real::modulo(-7.0f64, 2.0)), (-4.0, 1.0));
        assert_eq!((Real::floor_div(1.0f64, 0.0), Real::floor_div(1.0f64, 0.1)), (f64::INFINITY, 9.0));
        assert!(Real::modulo(-0.0f64, 2.0).is_sign_positive() && Real::modulo(4.0f64, -2.0).is_sign_negative());
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
    }

    #[test]
    fn neighbours_and_sums_of_exponentials_are_those_of_the_standard() {
        assert_eq!(1.0f64.next_after(2.0), 1.0 + f64::EPSILON);
        assert_eq!(0.0f32.next_after(-1.0), -f32::from_bits(1));
        assert_eq!(f64::NEG_INFINITY.log_add_exp(f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert!((1.0f64.log_add_exp(2.0) - (1.0f64.exp() + 2.0f64.exp()).ln()).abs() < 1e-15);
    }
}
