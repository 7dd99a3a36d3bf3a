//! Types as tables print them and as users write them: `i64`, `str`, `datetime[us, UTC]`, `list[f64]`.

use arrow_schema::{DataType, Field, TimeUnit};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};

/// A type, written as tables print it or given as an arrow [`DataType`].
///
/// ```
/// use stratal_frame::{col, ColumnType};
/// let as_text = col("zip").cast("str");
/// let as_decimal = col("price").cast("decimal(10, 2)");
/// # let _: ColumnType = "i64".into();
/// ```
#[derive(Clone, Debug)]
pub struct ColumnType(Result<DataType>);

impl ColumnType {
    /// The arrow type.
    ///
    /// # Errors
    /// `BadValue` for a text that names no type.
    pub fn resolve(self) -> Result<DataType> {
        self.0
    }
}

impl From<&str> for ColumnType {
    fn from(text: &str) -> Self {
        ColumnType(parse(text))
    }
}

impl From<String> for ColumnType {
    fn from(text: String) -> Self {
        ColumnType(parse(&text))
    }
}

impl From<DataType> for ColumnType {
    fn from(data_type: DataType) -> Self {
        ColumnType(Ok(data_type))
    }
}

impl From<&DataType> for ColumnType {
    fn from(data_type: &DataType) -> Self {
        ColumnType(Ok(data_type.clone()))
    }
}

const UNITS: [(&str, TimeUnit); 4] =
    [("s", TimeUnit::Second), ("ms", TimeUnit::Millisecond), ("us", TimeUnit::Microsecond), ("ns", TimeUnit::Nanosecond)];

fn unit_name(unit: &TimeUnit) -> &'static str {
    UNITS.iter().find(|(_, known)| known == unit).map_or("us", |(name, _)| name)
}

/// The name of a type, as tables print it.
pub(crate) fn type_name(data_type: &DataType) -> String {
    use DataType::*;
    match data_type {
        Null => "null".into(),
        Boolean => "bool".into(),
        Int8 => "i8".into(),
        Int16 => "i16".into(),
        Int32 => "i32".into(),
        Int64 => "i64".into(),
        UInt8 => "u8".into(),
        UInt16 => "u16".into(),
        UInt32 => "u32".into(),
        UInt64 => "u64".into(),
        Float16 => "f16".into(),
        Float32 => "f32".into(),
        Float64 => "f64".into(),
        Utf8 | LargeUtf8 | Utf8View => "str".into(),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => "binary".into(),
        Date32 | Date64 => "date".into(),
        Time32(_) | Time64(_) => "time".into(),
        Timestamp(TimeUnit::Microsecond, None) => "datetime".into(),
        Timestamp(unit, None) => format!("datetime[{}]", unit_name(unit)),
        Timestamp(unit, Some(zone)) => format!("datetime[{}, {zone}]", unit_name(unit)),
        Duration(unit) => format!("duration[{}]", unit_name(unit)),
        Interval(_) => "interval".into(),
        Decimal32(precision, scale) | Decimal64(precision, scale) | Decimal128(precision, scale) | Decimal256(precision, scale) => {
            format!("decimal({precision}, {scale})")
        }
        List(item) | LargeList(item) | ListView(item) | LargeListView(item) | FixedSizeList(item, _) => {
            format!("list[{}]", type_name(item.data_type()))
        }
        Struct(fields) => {
            let fields: Vec<String> = fields.iter().map(|field| format!("{}: {}", field.name(), type_name(field.data_type()))).collect();
            format!("struct{{{}}}", fields.join(", "))
        }
        Dictionary(_, values) => type_name(values),
        other => other.to_string().to_lowercase(),
    }
}

/// Whether these are texts, encoded or not.
pub(crate) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        other => matches!(other, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

/// The type that a text names.
pub(crate) fn parse(text: &str) -> Result<DataType> {
    parsed(text.trim()).ok_or_else(|| {
        Error::new(ErrorKind::BadValue, format!("{text:?} is no type")).with_help(
            "types are bool i8..i64 u8..u64 f32 f64 str binary date time datetime datetime[ms] datetime[us, UTC] duration[us] \
             decimal(10, 2) list[i64] struct{a: i64}",
        )
    })
}

fn parsed(text: &str) -> Option<DataType> {
    use DataType::*;
    Some(match text {
        "null" => Null,
        "bool" => Boolean,
        "i8" => Int8,
        "i16" => Int16,
        "i32" => Int32,
        "i64" => Int64,
        "u8" => UInt8,
        "u16" => UInt16,
        "u32" => UInt32,
        "u64" => UInt64,
        "f32" => Float32,
        "f64" => Float64,
        "str" => Utf8,
        "binary" => Binary,
        "date" => Date32,
        "time" => Time64(TimeUnit::Microsecond),
        "datetime" => Timestamp(TimeUnit::Microsecond, None),
        _ => return nested(text),
    })
}

fn nested(text: &str) -> Option<DataType> {
    let inner = |open: &str, close: char| text.strip_prefix(open)?.strip_suffix(close).map(str::trim);
    let unit = |name: &str| UNITS.iter().find(|(known, _)| *known == name).map(|(_, unit)| *unit);
    if let Some(inner) = inner("datetime[", ']') {
        return match inner.split_once(',') {
            None => Some(DataType::Timestamp(unit(inner)?, None)),
            Some((name, zone)) => Some(DataType::Timestamp(unit(name.trim())?, Some(zone.trim().into()))),
        };
    }
    if let Some(inner) = inner("duration[", ']') {
        return Some(DataType::Duration(unit(inner)?));
    }
    if let Some(inner) = inner("decimal(", ')') {
        let (precision, scale) = inner.split_once(',')?;
        let (precision, scale): (u8, i8) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
        return (1..=38).contains(&precision).then_some(DataType::Decimal128(precision, scale));
    }
    if let Some(inner) = inner("list[", ']') {
        return Some(DataType::List(Arc::new(Field::new_list_field(parsed(inner)?, true))));
    }
    let fields = parts(inner("struct{", '}')?).into_iter().map(|part| {
        let (name, of) = part.split_once(':')?;
        Some(Field::new(name.trim(), parsed(of.trim())?, true))
    });
    Some(DataType::Struct(fields.collect::<Option<Vec<_>>>()?.into()))
}

/// Splits at the commas that stand in no bracket.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0i32, 0, Vec::new());
    for (at, character) in text.char_indices() {
        match character {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_is_printed_can_be_written() {
        for text in [
            "bool",
            "i8",
            "u64",
            "f32",
            "str",
            "binary",
            "date",
            "time",
            "datetime",
            "datetime[ms]",
            "datetime[us, UTC]",
            "duration[ns]",
            "decimal(10, 2)",
            "list[i64]",
            "list[list[str]]",
            "struct{a: i64, b: list[struct{c: decimal(5, 1)}]}",
        ] {
            assert_eq!(type_name(&parse(text).unwrap()), text);
        }
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in ["", "int", "decimal(10)", "decimal(0, 0)", "list[]", "datetime[min]", "struct{a}"] {
            assert_eq!(parse(text).unwrap_err().kind(), ErrorKind::BadValue, "{text}");
        }
    }
}
