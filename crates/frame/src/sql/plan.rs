//! A parsed query as a plan over the plans of its tables.

use super::{
    names::Names,
    text::{Query, spelled},
};
use crate::{bind::build, error::of_datafusion, session};
use datafusion::{
    catalog::{CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider},
    common::SchemaError,
    datasource::ViewTable,
    error::DataFusionError,
    logical_expr::{Expr as Logical, LogicalPlan},
    sql::parser::Statement,
};
use std::{collections::HashSet, sync::Arc};
use stratal_core::{Error, ErrorKind, Result, client::wait_for, error::nearest};

/// The plan of a query. `tables` are the names that it uses, as it spells them, with their plans.
pub(crate) fn plan(query: &Query, tables: Vec<(String, LogicalPlan)>) -> Result<LogicalPlan> {
    let columns = tables.iter().flat_map(|(_, plan)| plan.schema().fields().iter().map(|field| field.name().clone()));
    let known: Vec<String> = tables.iter().map(|(name, _)| name.clone()).chain(columns).collect();
    let mut statement = query.statement();
    if let Statement::Statement(sql) = &mut statement {
        Names::new(known).spell(&mut **sql);
    }
    let catalog = MemoryCatalogProvider::new();
    for reference in query.references()? {
        let name = spelled(&reference);
        let table = tables.iter().find(|(known, _)| *known == name);
        let (_, plan) = table.ok_or_else(|| Error::internal(format!("the table {name:?} was not planned")))?;
        if name.contains('.') && reference.schema().is_some() {
            let message = format!("{name:?} is no table");
            return Err(Error::new(ErrorKind::Sql, message).with_help(format!("a file stands in quotes: FROM '{name}'")));
        }
        let schema = match catalog.schema(session::SQL_SCHEMA) {
            Some(schema) => schema,
            None => {
                let schema: Arc<dyn SchemaProvider> = Arc::new(MemorySchemaProvider::new());
                catalog.register_schema(session::SQL_SCHEMA, schema.clone()).map_err(of_datafusion)?;
                schema
            }
        };
        schema.register_table(name, Arc::new(ViewTable::new(plan.clone(), None))).map_err(of_datafusion)?;
    }
    let state = session::sql(Arc::new(catalog));
    let planned = wait_for(async move { state.statement_to_plan(statement).await });
    unqualified(planned.map_err(of_sql)?)
}

/// The columns under plain names, each once: the second `id` is `id_1`.
fn unqualified(plan: LogicalPlan) -> Result<LogicalPlan> {
    let mut taken: HashSet<String> = HashSet::new();
    let columns: Vec<Logical> = plan
        .schema()
        .columns()
        .into_iter()
        .map(|column| {
            let mut name = column.name.clone();
            let mut next = 0;
            while !taken.insert(name.clone()) {
                next += 1;
                name = format!("{}_{next}", column.name);
            }
            Logical::Column(column).alias(name)
        })
        .collect();
    build(plan, |plan| plan.project(columns))
}

/// What the planner refuses, in our words where it is about names.
fn of_sql(error: DataFusionError) -> Error {
    if let DataFusionError::SchemaError(schema, _) = error.find_root()
        && let SchemaError::FieldNotFound { field, valid_fields } = &**schema
    {
        let names: Vec<&str> = valid_fields.iter().map(|column| column.name.as_str()).collect();
        let message = format!("no column {:?} in [{}]", field.name, names.join(", "));
        let error = Error::new(ErrorKind::UnknownColumn, message);
        return match nearest(&field.name, names) {
            Some(near) => error.with_help(format!("did you mean {near:?}?")),
            None => error,
        };
    }
    let error = of_datafusion(error);
    match error.kind() {
        ErrorKind::Task | ErrorKind::TypeMismatch | ErrorKind::Internal => Error::new(ErrorKind::Sql, error.message()),
        _ => error,
    }
}
