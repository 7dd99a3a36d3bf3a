//! Functions of complex numbers that `num_complex` lacks, or loses digits in.

use num_complex::Complex;

pub(super) trait Plane: Sized {
    /// The exponential less one, exact near zero.
    fn exp_less_one(self) -> Self;
    /// The natural logarithm of one more, exact near zero.
    fn log_of_one_more(self) -> Self;
    /// The number over its magnitude; zero stays so.
    fn direction(self) -> Self;
}

macro_rules! planes {
    ($($float:ty)*) => {$(
        impl Plane for Complex<$float> {
            fn exp_less_one(self) -> Self {
                let Complex { re, im } = self;
                // A real number stays one, also where the exponential is infinite.
                if im == 0.0 {
                    return Complex::new(re.exp_m1(), im);
                }
                // e^re cos(im) - 1, with cos(im) = 1 - 2 sin(im / 2)^2.
                let half = (0.5 * im).sin();
                Complex::new(re.exp_m1() * im.cos() - 2.0 * half * half, re.exp() * im.sin())
            }

            fn log_of_one_more(self) -> Self {
                let Complex { re, im } = self;
                let angle = im.atan2(1.0 + re);
                if re.abs() + im.abs() > 0.5 {
                    return Complex::new((1.0 + re).hypot(im).ln(), angle);
                }
                // ln |1 + z| = ln(1 + 2 re + re^2 + im^2) / 2
                Complex::new(0.5 * (re * (2.0 + re) + im * im).ln_1p(), angle)
            }

            fn direction(self) -> Self {
                if self.re == 0.0 && self.im == 0.0 {
                    return self;
                }
                // Both parts over the larger first: the magnitude itself may overflow.
                let size = self.re.abs().max(self.im.abs());
                let Complex { re, im } = if size.is_finite() { Complex::new(self.re / size, self.im / size) } else { self };
                let length = re.hypot(im);
                Complex::new(re / length, im / length)
            }
        }
    )*};
}

planes!(f32 f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_zero_the_exponential_less_one_and_its_inverse_keep_their_digits() {
        let z = Complex::new(1e-12f64, 2e-12);
        assert!((z.exp_less_one() - z).norm() < 1e-23 && (z.log_of_one_more() - z).norm() < 1e-23);
        let z = Complex::new(0.3f64, -0.2);
        assert!((z.exp_less_one() - (z.exp() - 1.0)).norm() < 1e-15);
        assert!((z.log_of_one_more() - (z + 1.0).ln()).norm() < 1e-15);
        assert!((z.exp_less_one().log_of_one_more() - z).norm() < 1e-15);
    }

    #[test]
    fn a_direction_is_on_the_unit_circle_for_all_sizes() {
        for size in [1e-320f64, 1.0, 1e308] {
            let z = Complex::new(size, -size).direction();
            assert!((z.re - 0.5f64.sqrt()).abs() < 1e-15 && (z.im + 0.5f64.sqrt()).abs() < 1e-15);
        }
        assert_eq!(Complex::new(0.0f64, 0.0).direction(), Complex::new(0.0, 0.0));
    }
}
