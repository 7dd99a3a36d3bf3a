//! Operations on the bits of integers and booleans.

use super::functions::{of_one, of_two};

of_one! {
    /// Every bit turned over, as `!`.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<u8>(1).bitwise_invert().sum(..).scalar::<u64>()?, 255);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    bitwise_invert => BitwiseInvert;
}

of_two! {
    /// And, bit by bit, as `&`.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 6u8).bitwise_and(3).scalar::<u8>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    bitwise_and => BitwiseAnd;

    /// Or, bit by bit, as `|`.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 6u8).bitwise_or(3).scalar::<u8>()?, 7);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    bitwise_or => BitwiseOr;

    /// Either, bit by bit, as `^`.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 6u8).bitwise_xor(3).scalar::<u8>()?, 5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    bitwise_xor => BitwiseXor;

    /// Shifted left, as `<<`; past all bits nothing is left.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 4u8).bitwise_left_shift(1).scalar::<u8>()?, 8);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    bitwise_left_shift => BitwiseLeftShift;

    /// Shifted right, as `>>`; past all bits only the sign is left.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 4u8).bitwise_right_shift(1).scalar::<u8>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    bitwise_right_shift => BitwiseRightShift;
}
