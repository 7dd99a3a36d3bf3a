//! Values in error messages: numbers and short texts as they are, all else by its type.

use crate::value::{Data, Value};
use std::{fmt::Display, sync::Arc};

const TEXT: usize = 32;

fn display<T: Value + Display>(data: &Data) -> Option<String> {
    T::from_data(data).ok().map(|value: Arc<T>| value.to_string())
}

/// A value for a message, at most some forty characters long.
pub(crate) fn show(data: &Data) -> String {
    let name = data.type_name();
    let text = match name.as_str() {
        "String" => String::from_data(data).ok().map(|text| match text.char_indices().nth(TEXT) {
            Some((end, _)) => format!("{:?}…", &text[..end]),
            None => format!("{text:?}"),
        }),
        "i8" => display::<i8>(data),
        "i16" => display::<i16>(data),
        "i32" => display::<i32>(data),
        "i64" => display::<i64>(data),
        "u8" => display::<u8>(data),
        "u16" => display::<u16>(data),
        "u32" => display::<u32>(data),
        "u64" => display::<u64>(data),
        "usize" => display::<usize>(data),
        "f32" => display::<f32>(data),
        "f64" => display::<f64>(data),
        "bool" => display::<bool>(data),
        "Frame" => Some(format!("Frame of {} rows", data.rows())),
        _ => None,
    };
    text.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_shown_and_the_rest_is_named() {
        assert_eq!(show(&(-3i64).into_data()), "-3");
        assert_eq!(show(&"s3://b/7.bin".to_owned().into_data()), "\"s3://b/7.bin\"");
        assert_eq!(show(&"ä".repeat(40).into_data()), format!("\"{}\"…", "ä".repeat(32)));
        assert_eq!(show(&vec![1i64].into_data()), "Vec<i64>");
    }
}
