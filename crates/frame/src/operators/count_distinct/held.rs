//! [`Held`]: the groups of a partition so far, and the different values of each.

use super::{
    CountDistinct,
    bits::Fixed,
    pairs::Pairs,
    texts::{LIMIT, Texts},
};
use crate::operators::batch_of;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, UInt32Array, UInt64Array, new_null_array};
use arrow_cast::cast;
use arrow_schema::{FieldRef, Schema, SchemaRef};
use arrow_select::take::take;
use datafusion::{
    common::Result as DfResult,
    logical_expr::EmitTo,
    physical_plan::aggregates::{
        group_values::{GroupValues, new_group_values},
        order::GroupOrdering,
    },
};
use std::{slice, sync::Arc};

/// How values become numbers.
enum Values {
    /// They are numbers already.
    Fixed(Fixed),
    /// Each different one has the number by which it came.
    Numbered(Box<dyn GroupValues>),
}

/// Groups, numbered as they came, and their values.
pub(super) struct Held {
    /// Where the keys are in a batch, and where the values are.
    at: Vec<usize>,
    value: usize,
    keys: Box<dyn GroupValues>,
    values: Values,
    pairs: Pairs,
    /// The texts of each column of the keys, and of values that are numbered.
    key_texts: Vec<Texts>,
    value_texts: Texts,
    /// Bytes of texts that a column may have.
    limit: usize,
    /// Of the batch that is looked at: the group of each row, and its value.
    groups: Vec<usize>,
    numbers: Vec<usize>,
    bits: Vec<u64>,
}

/// A place for the different rows of these columns.
fn different(fields: Vec<FieldRef>) -> DfResult<Box<dyn GroupValues>> {
    new_group_values(Arc::new(Schema::new(fields)), &GroupOrdering::None)
}

impl Held {
    pub(super) fn new(operator: &CountDistinct, input: &SchemaRef) -> DfResult<Self> {
        Held::within(operator, input, LIMIT)
    }

    /// With so many bytes of texts in a column at most.
    pub(super) fn within(operator: &CountDistinct, input: &SchemaRef, limit: usize) -> DfResult<Self> {
        let at: Vec<usize> = operator.keys.iter().map(|(at, _)| *at).collect();
        let keys = different(at.iter().map(|at| input.fields()[*at].clone()).collect())?;
        let value = &input.fields()[operator.value];
        let values = match Fixed::of(value.data_type()) {
            Some(fixed) => Values::Fixed(fixed),
            None => Values::Numbered(different(vec![value.clone()])?),
        };
        Ok(Held {
            key_texts: at.iter().map(|_| Texts::default()).collect(),
            at,
            value: operator.value,
            keys,
            values,
            pairs: Pairs::default(),
            value_texts: Texts::default(),
            limit,
            groups: Vec::new(),
            numbers: Vec::new(),
            bits: Vec::new(),
        })
    }

    /// Whether the texts of these rows can be held as well: of more bytes than 32 bits number, DataFusion makes no column. What
    /// comes first always can.
    pub(super) fn has_room(&self, batch: &RecordBatch) -> bool {
        let mut keys = self.key_texts.iter().zip(&self.at);
        let is_numbered = matches!(self.values, Values::Numbered(_));
        self.keys.is_empty()
            || keys.all(|(texts, at)| texts.has_room(batch.column(*at), self.limit))
                && (!is_numbered || self.value_texts.has_room(batch.column(self.value), self.limit))
    }

    /// Takes rows in.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> DfResult<()> {
        let keys: Vec<ArrayRef> = self.at.iter().map(|at| batch.column(*at).clone()).collect();
        self.keys.intern(&keys, &mut self.groups)?;
        for (texts, column) in self.key_texts.iter_mut().zip(&keys) {
            texts.add(column, &self.groups, self.keys.len());
        }
        self.pairs.reach(self.keys.len());
        let column = batch.column(self.value);
        match &mut self.values {
            Values::Fixed(fixed) => fixed.read(column, &mut self.bits),
            Values::Numbered(values) => {
                values.intern(slice::from_ref(column), &mut self.numbers)?;
                self.value_texts.add(column, &self.numbers, values.len());
                self.bits.clear();
                self.bits.extend(self.numbers.iter().map(|number| *number as u64));
            }
        }
        let rows = self.groups.iter().zip(&self.bits);
        match column.logical_nulls().filter(|nulls| nulls.null_count() > 0) {
            None => rows.for_each(|(group, bits)| self.pairs.insert(*group, *bits)),
            Some(nulls) => {
                let there = rows.zip(nulls.iter()).filter(|(_, is_there)| *is_there);
                there.for_each(|((group, bits), _)| self.pairs.insert(*group, *bits));
            }
        }
        Ok(())
    }

    /// Whether more can be told apart.
    pub(super) fn is_full(&self) -> bool {
        self.pairs.is_full()
    }

    pub(super) fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Fixed(_) => 0,
            Values::Numbered(values) => values.size(),
        };
        self.keys.size() + values + self.pairs.bytes()
    }

    /// The columns of the key, and that of the counts; none where there are no groups.
    pub(super) fn finish(mut self) -> DfResult<Option<Vec<ArrayRef>>> {
        if self.keys.is_empty() {
            return Ok(None);
        }
        let mut columns = self.keys.emit(EmitTo::All)?;
        columns.push(Arc::new(Int64Array::from_iter_values(self.pairs.counts())));
        Ok(Some(columns))
    }

    /// The type of the values, if they are floats: of these, several stand for one.
    pub(super) fn float(&self) -> Option<Fixed> {
        match &self.values {
            Values::Fixed(fixed) if fixed.is_float() => Some(fixed.clone()),
            _ => None,
        }
    }

    /// Gives every group with each of its values, as batches of so many rows: the columns of the key, then the value, of the
    /// types of the schema. A group without values comes with null. There is one group at least.
    pub(super) fn drain(self, schema: &SchemaRef, rows: usize, mut give: impl FnMut(RecordBatch) -> DfResult<()>) -> DfResult<()> {
        let Held { mut keys, values, pairs, .. } = self;
        let keys = keys.emit(EmitTo::All)?;
        let keys = keys.iter().zip(schema.fields()).map(|(key, field)| cast(key, field.data_type())).collect::<Result<Vec<_>, _>>()?;
        let values: Box<dyn Fn(Vec<u64>) -> DfResult<ArrayRef>> = match values {
            Values::Fixed(fixed) => Box::new(move |bits: Vec<u64>| fixed.column(&bits, None)),
            Values::Numbered(mut values) if !values.is_empty() => {
                let all = cast(&values.emit(EmitTo::All)?.swap_remove(0), schema.field(keys.len()).data_type())?;
                Box::new(move |numbers: Vec<u64>| Ok(take(&all, &UInt64Array::from(numbers), None)?))
            }
            Values::Numbered(_) => return Ok(()),
        };
        let mut of_groups = |groups: Vec<u32>, values: ArrayRef| -> DfResult<()> {
            let groups = UInt32Array::from(groups);
            let mut columns = keys.iter().map(|key| take(key, &groups, None)).collect::<Result<Vec<_>, _>>()?;
            columns.push(values);
            give(batch_of(schema, columns, groups.len())?)
        };
        let (mut with, mut without) = (pairs.iter(), pairs.bare());
        loop {
            let (groups, bits): (Vec<u32>, Vec<u64>) = with.by_ref().take(rows).unzip();
            if groups.is_empty() {
                break;
            }
            of_groups(groups, values(bits)?)?;
        }
        loop {
            let groups: Vec<u32> = without.by_ref().take(rows).collect();
            if groups.is_empty() {
                return Ok(());
            }
            let nulls = new_null_array(schema.field(keys.len()).data_type(), groups.len());
            of_groups(groups, nulls)?;
        }
    }
}
