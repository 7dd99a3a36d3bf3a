//! The types that columnar files are read as: what says how values are stored, and not what they are, is left out.

use arrow_schema::{DataType, Field, Schema};
use std::sync::Arc;

/// The columns without metadata and dictionaries. With `views`, texts and bytes are read as views into what was decoded,
/// which saves copying them.
pub(super) fn plain(schema: &Schema, views: bool) -> Schema {
    let fields = schema.fields().iter().map(|field| {
        let of = match without_dictionary(field.data_type()) {
            DataType::Utf8 | DataType::LargeUtf8 if views => DataType::Utf8View,
            DataType::Binary | DataType::LargeBinary if views => DataType::BinaryView,
            other => other,
        };
        Field::new(field.name(), of, field.is_nullable())
    });
    Schema::new(fields.collect::<Vec<_>>())
}

fn without_dictionary(of: &DataType) -> DataType {
    use DataType::*;
    let item = |field: &Arc<Field>| {
        let of = without_dictionary(field.data_type());
        Arc::new(Field::new(field.name(), of, field.is_nullable()))
    };
    match of {
        Dictionary(_, values) => without_dictionary(values),
        List(field) => List(item(field)),
        LargeList(field) => LargeList(item(field)),
        FixedSizeList(field, length) => FixedSizeList(item(field), *length),
        Struct(fields) => Struct(fields.iter().map(item).collect()),
        Map(entries, is_sorted) => Map(item(entries), *is_sorted),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_their_values_at_any_depth() {
        let texts = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let parts = DataType::Struct(vec![Field::new("a", texts.clone(), true)].into());
        let schema = Schema::new(vec![
            Field::new("s", texts.clone(), true).with_metadata([("id".to_owned(), "7".to_owned())].into()),
            Field::new("n", DataType::Int32, false),
            Field::new("l", DataType::new_list(parts, true), true),
        ]);
        let plain_parts = DataType::Struct(vec![Field::new("a", DataType::Utf8, true)].into());
        let expected = |s| {
            Schema::new(vec![
                Field::new("s", s, true),
                Field::new("n", DataType::Int32, false),
                Field::new("l", DataType::new_list(plain_parts.clone(), true), true),
            ])
        };
        assert_eq!(plain(&schema, true), expected(DataType::Utf8View));
        assert_eq!(plain(&schema, false), expected(DataType::Utf8));
    }
}
