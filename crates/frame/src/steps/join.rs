//! `join`: rows of two frames whose keys are equal.
//!
//! The sides are called `left` and `right` while they are joined, so that no name of one is taken for a name of the other;
//! what comes out has plain names again, each once.

use super::{Combine, listed};
use crate::{
    bind::{build, cast, common_type, refuse_aggregates, resolve},
    dframe::{JoinOptions, Keys},
    error::of_datafusion,
    expr::{Expr, output_name, show},
    nodes,
    types::type_name,
};
use arrow_schema::DataType;
use datafusion::{
    common::{Column, DFSchema, JoinConstraint, JoinType, NullEquality, TableReference},
    functions::core::expr_fn::coalesce,
    logical_expr::{Expr as Logical, ExprSchemable, Join as JoinPlan, LogicalPlan},
};
use std::{collections::HashSet, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct Join(pub(crate) JoinOptions);

/// Two keys that have to be equal, as one type.
struct Pair {
    left: Logical,
    right: Logical,
    /// The columns that come out as one.
    merged: Option<(Column, Column)>,
}

impl Combine for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn arguments(&self) -> String {
        let options = &self.0;
        let keys = match &options.keys {
            Keys::Both(keys) => format!("on {}", listed(keys)),
            Keys::Each { left, right } => format!("left on {}, right on {}", listed(left), listed(right)),
        };
        let kind = match options.kind {
            JoinType::LeftSemi => "semi".to_owned(),
            JoinType::LeftAnti => "anti".to_owned(),
            other => other.to_string().to_lowercase(),
        };
        let nulls = if options.nulls == NullEquality::NullEqualsNull { ", nulls equal" } else { "" };
        format!("{keys}, {kind}{nulls}")
    }

    fn apply(&self, inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
        let JoinOptions { keys, kind, nulls, suffix } = &self.0;
        let (left, right) = sides(inputs)?;
        let pairs = pairs(keys, left.schema(), right.schema())?;
        let columns: Vec<Logical> = match kind {
            JoinType::LeftSemi | JoinType::LeftAnti => left.schema().columns().into_iter().map(Logical::Column).collect(),
            kind => outputs(&pairs, *kind, left.schema(), right.schema(), suffix)?,
        };
        let on = pairs.into_iter().map(|pair| (pair.left, pair.right)).collect();
        let joined = JoinPlan::try_new(Arc::new(left), Arc::new(right), on, None, *kind, JoinConstraint::On, *nulls, false);
        let joined = build(LogicalPlan::Join(joined.map_err(of_datafusion)?), |plan| plan.project(columns))?;
        Ok(match nulls {
            NullEquality::NullEqualsNothing => joined,
            // DataFusion makes a condition `x = y` above a join a key of the join, and a null equal to a null with it.
            NullEquality::NullEqualsNull => nodes::fence(joined),
        })
    }
}

/// The two inputs, each under its side's name.
pub(super) fn sides(inputs: Vec<LogicalPlan>) -> Result<(LogicalPlan, LogicalPlan)> {
    let [left, right] = <[LogicalPlan; 2]>::try_from(inputs).map_err(|_| Error::internal("a join of other than two frames"))?;
    let side = |plan, name: &'static str| build(plan, |plan| plan.alias(TableReference::bare(name)));
    Ok((side(left, "left")?, side(right, "right")?))
}

fn pairs(keys: &Keys, left: &DFSchema, right: &DFSchema) -> Result<Vec<Pair>> {
    let (left_keys, right_keys) = match keys {
        Keys::Both(keys) => (keys, keys),
        Keys::Each { left, right } => (left, right),
    };
    if left_keys.is_empty() && right_keys.is_empty() {
        let help = "name the key: on(\"id\"), or take every row with every row: join_cross(..)";
        return Err(Error::new(ErrorKind::BadValue, "there is nothing to join on").with_help(help));
    }
    if left_keys.len() != right_keys.len() {
        let message = format!("there are {} keys on the left and {} on the right", left_keys.len(), right_keys.len());
        let help = "give both sides as many: left_on([\"a\", \"b\"]).right_on([\"c\", \"d\"])";
        return Err(Error::new(ErrorKind::BadValue, message).with_help(help));
    }
    let is_merged = matches!(keys, Keys::Both(_));
    left_keys.iter().zip(right_keys).map(|(one, two)| pair((one, left), (two, right), is_merged)).collect()
}

fn pair((one, left_schema): (&Expr, &DFSchema), (two, right_schema): (&Expr, &DFSchema), is_merged: bool) -> Result<Pair> {
    let left = resolve(one, left_schema)?.unalias();
    let right = resolve(two, right_schema).map_err(on_the_right)?.unalias();
    refuse_aggregates([&left, &right])?;
    let merged = match (&left, &right) {
        (Logical::Column(left), Logical::Column(right)) if is_merged => Some((left.clone(), right.clone())),
        _ if is_merged => {
            let message = format!("{} is no column, and two keys come out as one column", show(&left));
            let help = "join by left_on(..).right_on(..), which takes expressions, or make it a column first";
            return Err(Error::new(ErrorKind::BadValue, message).with_help(help));
        }
        _ => None,
    };
    let left_type = left.get_type(left_schema).map_err(of_datafusion)?;
    let right_type = right.get_type(right_schema).map_err(of_datafusion)?;
    let both = common_type(&left_type, &right_type).ok_or_else(|| clash((&left, &left_type), (&right, &right_type)))?;
    Ok(Pair { left: cast(left, &left_type, &both), right: cast(right, &right_type, &both), merged })
}

/// Says which frame does not have a key.
fn on_the_right(error: Error) -> Error {
    match (error.kind(), error.help()) {
        (ErrorKind::UnknownColumn, None) => {
            error.with_help("the right frame has no such key; keys of two names are given by left_on(..).right_on(..)")
        }
        _ => error,
    }
}

fn clash((left, left_type): (&Logical, &DataType), (right, right_type): (&Logical, &DataType)) -> Error {
    let (left_type, right_type) = (type_name(left_type), type_name(right_type));
    let message = format!("cannot join {left_type} with {right_type} in {} = {}", show(left), show(right));
    let help = format!("cast one side: .cast([({:?}, {right_type:?})]) on the left", output_name(left));
    Error::new(ErrorKind::TypeMismatch, message).with_help(help)
}

/// What comes out of a join of both sides' columns: those of the left, a merged key in its place among them, then those of
/// the right.
fn outputs(pairs: &[Pair], kind: JoinType, left: &DFSchema, right: &DFSchema, suffix: &str) -> Result<Vec<Logical>> {
    let merged = |column: &Column| pairs.iter().find(|pair| pair.merged.as_ref().is_some_and(|(left, _)| left == column));
    let key = |column: Column| {
        let Some(pair) = merged(&column) else { return Logical::Column(column) };
        let key = match kind {
            JoinType::Right => pair.right.clone(),
            JoinType::Full => coalesce(vec![pair.left.clone(), pair.right.clone()]),
            // Where the right has a match its key is the same.
            _ => pair.left.clone(),
        };
        match key {
            Logical::Column(_) => key,
            computed => computed.alias(column.name),
        }
    };
    let is_merged = |column: &Column| pairs.iter().any(|pair| pair.merged.as_ref().is_some_and(|(_, right)| right == column));
    let left = left.columns().into_iter().map(key).collect();
    let right = right.columns().into_iter().filter(|column| !is_merged(column)).collect();
    side_by_side(left, right, suffix)
}

/// The columns of both sides, those of the right with a suffix where the left has their name.
pub(super) fn side_by_side(left: Vec<Logical>, right: Vec<Column>, suffix: &str) -> Result<Vec<Logical>> {
    let taken: HashSet<String> = left.iter().map(output_name).collect();
    let right = right.into_iter().map(|column| match taken.contains(&column.name) {
        true => {
            let name = format!("{}{suffix}", column.name);
            Logical::Column(column).alias(name)
        }
        false => Logical::Column(column),
    });
    let columns: Vec<Logical> = left.into_iter().chain(right).collect();
    let mut seen = HashSet::new();
    for name in columns.iter().map(output_name) {
        if !seen.insert(name.clone()) {
            let message = format!("two columns are named {name:?}");
            return Err(Error::new(ErrorKind::BadValue, message).with_help("rename one before, or choose another suffix: .suffix(\"_2\")"));
        }
    }
    Ok(columns)
}
