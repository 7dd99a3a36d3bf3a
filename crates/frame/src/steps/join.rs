//! `join`: rows of two frames whose keys are equal, or for which a condition is true.
//!
//! The sides are called `left` and `right` while they are joined, so that no name of one is taken for a name of the other;
//! what comes out has plain names again, each once.

use super::{
    Combine,
    join_condition::{condition, has_null_safe_equality},
    listed,
};
use crate::{
    bind::{build, cast, column, common_type, refuse_aggregates, resolve},
    dframe::{JoinOptions, Keys, LEFT, RIGHT, UniqueSides},
    error::of_datafusion,
    expr::{Expr, output_name, show},
    nodes::{self, UniqueKeys},
    operators::BuildSide,
    types::type_name,
};
use arrow_schema::DataType;
use datafusion::{
    common::{Column, DFSchema, JoinConstraint, JoinType, NullEquality, ScalarValue, TableReference},
    functions::core::expr_fn::coalesce,
    logical_expr::{Expr as Logical, ExprSchemable, Join as JoinPlan, LogicalPlan},
};
use std::{collections::HashSet, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

pub(crate) struct Join(pub(crate) JoinOptions);

/// Two keys that have to be equal, as one type.
pub(super) struct Pair {
    pub(super) left: Logical,
    pub(super) right: Logical,
    /// The columns that come out as one.
    pub(super) merged: Option<(Column, Column)>,
}

impl Combine for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn arguments(&self) -> String {
        let options = &self.0;
        let keys = match (&options.condition, &options.keys) {
            (Some(condition), _) => format!("on {condition:?}"),
            (None, Keys::Both(keys)) => format!("on {}", listed(keys)),
            (None, Keys::Each { left, right }) => format!("left on {}, right on {}", listed(left), listed(right)),
        };
        let kind = match options.kind {
            JoinType::LeftSemi => "semi".to_owned(),
            JoinType::LeftAnti => "anti".to_owned(),
            other => other.to_string().to_lowercase(),
        };
        let nulls = if options.nulls == NullEquality::NullEqualsNull { ", nulls equal" } else { "" };
        let unique = options.unique.as_ref().map_or_else(String::new, |(text, _)| format!(", validate {text:?}"));
        let broadcast = options.broadcast.map_or_else(String::new, |broadcast| format!(", broadcast {broadcast}"));
        format!("{keys}, {kind}{nulls}{unique}{broadcast}")
    }

    fn apply(&self, inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
        let JoinOptions { keys, condition: wanted, kind, nulls, suffix, unique, broadcast } = &self.0;
        let (left, right) = sides(inputs)?;
        let unique = unique.as_ref().map(|(_, sides)| sides.clone()).transpose()?.unwrap_or_default();
        let is_null_safe = *nulls == NullEquality::NullEqualsNull;
        let mut joined = match wanted {
            Some(wanted) => {
                refuse_options_of_keys(unique, is_null_safe)?;
                by_condition(wanted, left, right)?
            }
            None => by_keys(keys, left, right, unique, is_null_safe)?,
        };
        joined.tell(unique, *broadcast);
        let columns: Vec<Logical> = match kind {
            JoinType::LeftSemi | JoinType::LeftAnti => joined.left_columns.iter().cloned().map(Logical::Column).collect(),
            kind => outputs(&joined.pairs, *kind, &joined.left_columns, &joined.right_columns, suffix)?,
        };
        let rows = match unique {
            UniqueSides { left: true, right: true } => joined.read_whole(*kind, *nulls)?,
            _ => joined.plan(*kind, *nulls)?,
        };
        build(rows, |plan| plan.project(columns))
    }
}

/// What is joined by what.
struct Sides {
    left: LogicalPlan,
    right: LogicalPlan,
    /// The columns that each side had before keys were added to it.
    left_columns: Vec<Column>,
    right_columns: Vec<Column>,
    pairs: Vec<Pair>,
    filter: Option<Logical>,
}

impl Sides {
    /// Leaves word for the planner. A side whose keys are checked is read first, since a join may find that it need not read
    /// the other to its end.
    fn tell(&mut self, unique: UniqueSides, broadcast: Option<bool>) {
        let is_one = unique.left != unique.right;
        let tell = |side: &mut LogicalPlan, wanted: BuildSide| {
            if wanted.is_broadcast.is_some() || wanted.is_read_first {
                *side = nodes::build_side(side.clone(), wanted);
            }
        };
        tell(&mut self.left, BuildSide { is_broadcast: None, is_read_first: is_one && unique.left });
        tell(&mut self.right, BuildSide { is_broadcast: broadcast, is_read_first: is_one && unique.right });
    }

    /// The rows of the join, all columns of both sides; of a semi or an anti join those of the left.
    fn plan(self, kind: JoinType, nulls: NullEquality) -> Result<LogicalPlan> {
        let is_fenced = nulls == NullEquality::NullEqualsNull || self.filter.as_ref().is_some_and(has_null_safe_equality);
        let on = self.pairs.into_iter().map(|pair| (pair.left, pair.right)).collect();
        let (left, right) = (Arc::new(self.left), Arc::new(self.right));
        let joined = JoinPlan::try_new(left, right, on, self.filter, kind, JoinConstraint::On, nulls, false);
        let joined = LogicalPlan::Join(joined.map_err(of_datafusion)?);
        // DataFusion makes a condition `x = y` above a join a key of the join, and a null equal to a null with it.
        Ok(if is_fenced { nodes::fence(joined) } else { joined })
    }

    /// The same by a full join, which reads both sides to their ends, and a filter that leaves the rows that are wanted. For
    /// keys that are there once on both sides: no row of the left has two matches.
    fn read_whole(mut self, kind: JoinType, nulls: NullEquality) -> Result<LogicalPlan> {
        let (left_mark, right_mark) = (mark(&mut self.left, LEFT)?, mark(&mut self.right, RIGHT)?);
        // What is behind the fence stays a full join, whatever the filter says.
        let all = nodes::fence(self.plan(JoinType::Full, nulls)?);
        let (left, right) = (Logical::Column(left_mark), Logical::Column(right_mark));
        let wanted = match kind {
            JoinType::Full => return Ok(all),
            JoinType::Left => left.is_not_null(),
            JoinType::Right => right.is_not_null(),
            JoinType::LeftAnti => left.is_not_null().and(right.is_null()),
            _ => left.is_not_null().and(right.is_not_null()),
        };
        build(all, |plan| plan.filter(wanted))
    }
}

/// Adds a column that is null where the side has no row.
fn mark(side: &mut LogicalPlan, name: &str) -> Result<Column> {
    let schema = side.schema().clone();
    let name = hidden(&format!("{name} is there"), |name| schema.fields().iter().any(|field| field.name() == name));
    let there = Logical::Literal(ScalarValue::Boolean(Some(true)), None).alias(&name);
    let columns = schema.columns().into_iter().map(Logical::Column).chain([there]);
    *side = build(side.clone(), |plan| plan.project(columns))?;
    column(&name, side.schema())
}

fn by_condition(wanted: &Expr, left: LogicalPlan, right: LogicalPlan) -> Result<Sides> {
    let filter = Some(condition(wanted, left.schema(), right.schema())?);
    let (left_columns, right_columns) = (left.schema().columns(), right.schema().columns());
    Ok(Sides { left, right, left_columns, right_columns, pairs: Vec::new(), filter })
}

fn by_keys(keys: &Keys, left: LogicalPlan, right: LogicalPlan, unique: UniqueSides, is_null_safe: bool) -> Result<Sides> {
    let mut pairs = pairs(keys, left.schema(), right.schema())?;
    let (left_columns, right_columns) = (left.schema().columns(), right.schema().columns());
    let names = |of_pair: fn(&Pair) -> &Logical| pairs.iter().map(|pair| show(&plain(of_pair(pair)))).collect::<Vec<String>>();
    let (left_names, right_names) = (names(|pair| &pair.left), names(|pair| &pair.right));
    let left = match unique.left {
        true => checked(left, pairs.iter_mut().map(|pair| &mut pair.left), left_names, LEFT, is_null_safe)?,
        false => left,
    };
    let right = match unique.right {
        true => checked(right, pairs.iter_mut().map(|pair| &mut pair.right), right_names, RIGHT, is_null_safe)?,
        false => right,
    };
    Ok(Sides { left, right, left_columns, right_columns, pairs, filter: None })
}

/// A key without the cast that made it the type of the other.
fn plain(key: &Logical) -> Logical {
    match key {
        Logical::Cast(cast) if matches!(*cast.expr, Logical::Column(_)) => (*cast.expr).clone(),
        key => key.clone(),
    }
}

/// The side, with a check that its keys are there once each. Keys that are computed become columns, which are checked and
/// joined by alike.
fn checked<'a>(
    side: LogicalPlan,
    keys: impl Iterator<Item = &'a mut Logical>,
    names: Vec<String>,
    name: &'static str,
    has_nulls: bool,
) -> Result<LogicalPlan> {
    let schema = side.schema().clone();
    let keys: Vec<&mut Logical> = keys.collect();
    let mut columns: Vec<Logical> = schema.columns().into_iter().map(Logical::Column).collect();
    let mut checked = Vec::new();
    for (nth, key) in keys.iter().enumerate() {
        checked.push(match &**key {
            Logical::Column(column) => column.name.clone(),
            computed => {
                let name = hidden(&format!("{name} key {nth}"), |name| schema.fields().iter().any(|field| field.name() == name));
                columns.push(computed.clone().alias(&name));
                name
            }
        });
    }
    let side = if columns.len() == schema.fields().len() { side } else { build(side, |plan| plan.project(columns))? };
    for (key, name) in keys.into_iter().zip(&checked) {
        *key = Logical::Column(column(name, side.schema())?);
    }
    Ok(nodes::unique_keys(side, UniqueKeys { keys: checked, names, side: name, has_nulls }))
}

/// A name that is not taken.
pub(super) fn hidden(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    while is_taken(&name) {
        name.push('\'');
    }
    name
}

fn refuse_options_of_keys(unique: UniqueSides, is_null_safe: bool) -> Result<()> {
    let (message, help) = if unique != UniqueSides::default() {
        ("validate(..) counts the rows of a key, and on_expr(..) has none", "join by on(..), or check before: group_by(..).count()")
    } else if is_null_safe {
        let help = "say which: left_col(\"a\").eq_null_safe(right_col(\"b\"))";
        ("nulls_equal() is about keys, and on_expr(..) has none", help)
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::BadValue, message).with_help(help))
}

/// The two inputs, each under its side's name.
pub(super) fn sides(inputs: Vec<LogicalPlan>) -> Result<(LogicalPlan, LogicalPlan)> {
    let [left, right] = <[LogicalPlan; 2]>::try_from(inputs).map_err(|_| Error::internal("a join of other than two frames"))?;
    let side = |plan, name: &'static str| build(plan, |plan| plan.alias(TableReference::bare(name)));
    Ok((side(left, LEFT)?, side(right, RIGHT)?))
}

pub(super) fn pairs(keys: &Keys, left: &DFSchema, right: &DFSchema) -> Result<Vec<Pair>> {
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
fn outputs(pairs: &[Pair], kind: JoinType, left: &[Column], right: &[Column], suffix: &str) -> Result<Vec<Logical>> {
    let merged = |column: &Column| pairs.iter().find(|pair| pair.merged.as_ref().is_some_and(|(left, _)| left == column));
    let key = |column: &Column| {
        let Some(pair) = merged(column) else { return Logical::Column(column.clone()) };
        let key = match kind {
            JoinType::Right => pair.right.clone(),
            JoinType::Full => coalesce(vec![pair.left.clone(), pair.right.clone()]),
            // Where the right has a match its key is the same.
            _ => pair.left.clone(),
        };
        match key {
            Logical::Column(same) if same.name == column.name => Logical::Column(same),
            computed => computed.alias(&column.name),
        }
    };
    let is_merged = |column: &Column| pairs.iter().any(|pair| pair.merged.as_ref().is_some_and(|(_, right)| right == column));
    let left = left.iter().map(key).collect();
    let right = right.iter().filter(|column| !is_merged(column)).cloned().collect();
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
