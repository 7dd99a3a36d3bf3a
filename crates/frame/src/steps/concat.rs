//! `concat`: frames one after another.

use super::Combine;
use crate::{
    bind::{cast, common_type},
    dframe::How,
    error::of_datafusion,
    types::type_name,
};
use arrow_schema::DataType;
use datafusion::{
    common::{DFSchema, ScalarValue},
    logical_expr::{Expr as Logical, LogicalPlan, Projection, Union},
};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct Concat(pub(crate) How);

impl Combine for Concat {
    fn name(&self) -> &'static str {
        "concat"
    }

    fn arguments(&self) -> String {
        let how = match self.0 {
            How::ByName => "by name",
            How::ByPosition => "by position",
            How::Fill => "by name, filled",
        };
        how.to_owned()
    }

    fn apply(&self, mut inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
        let columns = self.columns(&inputs)?;
        if inputs.len() == 1 {
            return Ok(inputs.remove(0));
        }
        let aligned = inputs.into_iter().map(|input| self.align(input, &columns).map(Arc::new));
        let aligned = aligned.collect::<Result<Vec<_>>>()?;
        Union::try_new(aligned).map(LogicalPlan::Union).map_err(of_datafusion)
    }
}

impl Concat {
    /// Where a column of the result is in a frame, if it is there.
    fn find(&self, at: usize, name: &str, schema: &DFSchema) -> Option<usize> {
        match self.0 {
            How::ByPosition => (at < schema.fields().len()).then_some(at),
            How::ByName | How::Fill => schema.fields().iter().position(|field| field.name() == name),
        }
    }

    /// Names and types of the result.
    fn columns(&self, inputs: &[LogicalPlan]) -> Result<Vec<(String, DataType)>> {
        let mut columns: Vec<(String, DataType)> = Vec::new();
        for (nth, input) in inputs.iter().enumerate() {
            let schema = input.schema();
            if nth > 0 {
                self.refuse_others(nth, schema, &columns)?;
            }
            for (at, field) in schema.fields().iter().enumerate() {
                let known = match self.0 {
                    How::ByPosition => columns.get_mut(at),
                    How::ByName | How::Fill => columns.iter_mut().find(|(name, _)| name == field.name()),
                };
                match known {
                    None => columns.push((field.name().clone(), field.data_type().clone())),
                    Some((name, so_far)) => {
                        *so_far = common_type(so_far, field.data_type()).ok_or_else(|| clash(nth, name, so_far, field.data_type()))?;
                    }
                }
            }
        }
        Ok(columns)
    }

    /// Refuses a frame that does not have the columns of those before it.
    fn refuse_others(&self, nth: usize, schema: &DFSchema, columns: &[(String, DataType)]) -> Result<()> {
        let frame = nth + 1;
        let (message, help) = match self.0 {
            How::Fill => return Ok(()),
            How::ByPosition if schema.fields().len() == columns.len() => return Ok(()),
            How::ByPosition => (
                format!("frame {frame} has {} columns, and frame 1 has {}", schema.fields().len(), columns.len()),
                "select the same number of columns, or use How::Fill",
            ),
            How::ByName => {
                let quoted = |names: Vec<&String>| names.into_iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
                let is_there = |name: &String| schema.fields().iter().any(|field| field.name() == name);
                let missing: Vec<&String> = columns.iter().map(|(name, _)| name).filter(|name| !is_there(name)).collect();
                let is_known = |name: &String| columns.iter().any(|(known, _)| known == name);
                let extra: Vec<&String> = schema.fields().iter().map(|field| field.name()).filter(|name| !is_known(name)).collect();
                let lists = [("missing", missing), ("extra", extra)].into_iter().filter(|(_, names)| !names.is_empty());
                let lists: Vec<String> = lists.map(|(what, names)| format!("{what} {}", quoted(names))).collect();
                if lists.is_empty() {
                    return Ok(());
                }
                let message = format!("frame {frame} has other columns than frame 1: {}", lists.join("; "));
                (message, "select the same columns, or use How::Fill, which makes nulls of what is missing")
            }
        };
        Err(Error::new(ErrorKind::UnknownColumn, message).with_help(help))
    }

    /// A frame with exactly these columns.
    fn align(&self, input: LogicalPlan, columns: &[(String, DataType)]) -> Result<LogicalPlan> {
        let schema = input.schema();
        let aligned = columns.iter().enumerate().map(|(at, (name, to))| -> Result<Logical> {
            let value = match self.find(at, name, schema) {
                Some(place) => cast(Logical::Column(schema.qualified_field(place).into()), schema.field(place).data_type(), to),
                None => Logical::Literal(ScalarValue::try_from(to).map_err(of_datafusion)?, None),
            };
            Ok(value.alias(name))
        });
        let aligned = aligned.collect::<Result<Vec<_>>>()?;
        // Not by `build`: what a union is made of has plain names, since DataFusion takes its qualifiers from its inputs anew
        // whenever it changes one of them.
        Projection::try_new(aligned, Arc::new(input)).map(LogicalPlan::Projection).map_err(of_datafusion)
    }
}

fn clash(nth: usize, name: &str, so_far: &DataType, here: &DataType) -> Error {
    let (so_far, here) = (type_name(so_far), type_name(here));
    let message = format!("column {name:?} is {so_far}, and {here} in frame {}", nth + 1);
    Error::new(ErrorKind::TypeMismatch, message).with_help(format!("cast one of them: .cast([({name:?}, {so_far:?})])"))
}
