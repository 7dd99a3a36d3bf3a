//! [`Query`]: SQL text as a syntax tree, and the tables that it names.

use crate::error::of_datafusion;
use datafusion::{
    common::TableReference,
    error::DataFusionError,
    sql::{
        parser::{DFParserBuilder, Statement},
        resolve::resolve_table_references,
        sqlparser::{ast::Statement as Sql, dialect::GenericDialect},
    },
};
use stratal_core::{Error, ErrorKind, Result, error::nearest};

/// Texts that nest deeper are refused.
const DEEPEST: usize = 256;

/// One query, parsed.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    statement: Statement,
}

/// A table that a query names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// One of those that were given, by its place among them.
    Given(usize),
    /// A file, a glob or a directory.
    File(String),
}

impl Query {
    /// Parses one `SELECT` (or `WITH`, `VALUES`, …).
    ///
    /// # Errors
    /// `Sql` for what is no query: bad syntax with its line and column, several statements, statements that change something.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let parser = DFParserBuilder::new(text).with_dialect(&GenericDialect {}).with_recursion_limit(DEEPEST).build();
        let statements = parser.and_then(|mut parser| parser.parse_statements());
        let mut statements = statements.map_err(wrong)?;
        let statement = match (statements.pop_front(), statements.len()) {
            (Some(statement), 0) => statement,
            (None, _) => return Err(Error::new(ErrorKind::Sql, "the query is empty").with_help("write a SELECT")),
            (Some(_), more) => {
                let message = format!("there are {} statements where one is wanted", more + 1);
                return Err(Error::new(ErrorKind::Sql, message).with_help("run them one by one"));
            }
        };
        match &statement {
            Statement::Statement(sql) if matches!(&**sql, Sql::Query(_)) => Ok(Query { statement }),
            _ => {
                let help = "only queries are run: SELECT, WITH, VALUES; files are written by write_csv(..) and its like, or by -o";
                Err(Error::new(ErrorKind::Sql, "this is no query").with_help(help))
            }
        }
    }

    /// The tree, to be changed or planned.
    pub(super) fn statement(&self) -> Statement {
        self.statement.clone()
    }

    /// The tables that are named, as they are written there, each once.
    pub(super) fn references(&self) -> Result<Vec<TableReference>> {
        resolve_table_references(&self.statement, false).map(|(tables, _)| tables).map_err(of_datafusion)
    }

    /// The tables that are named, each with what it is.
    ///
    /// # Errors
    /// `NotFound` for a name that is neither a given table's nor looks like a file's.
    pub(crate) fn tables(&self, given: &[String]) -> Result<Vec<(String, Table)>> {
        let tables = self.references()?.into_iter().map(|reference| {
            let name = spelled(&reference);
            table(&name, given).map(|table| (name, table))
        });
        tables.collect()
    }
}

/// What is wrong with a text, with its line and column.
fn wrong(error: DataFusionError) -> Error {
    let message = match error.find_root() {
        DataFusionError::SQL(parser, _) => parser.to_string().trim_start_matches("sql parser error: ").to_owned(),
        _ => of_datafusion(error).message().to_owned(),
    };
    Error::new(ErrorKind::Sql, message)
}

/// A reference as it is written, without quotes.
pub(super) fn spelled(reference: &TableReference) -> String {
    match reference {
        TableReference::Bare { table } => table.to_string(),
        TableReference::Partial { schema, table } => format!("{schema}.{table}"),
        TableReference::Full { catalog, schema, table } => format!("{catalog}.{schema}.{table}"),
    }
}

fn table(name: &str, given: &[String]) -> Result<Table> {
    if let Some(at) = given.iter().position(|known| known == name) {
        return Ok(Table::Given(at));
    }
    let mut alike = given.iter().enumerate().filter(|(_, known)| known.to_lowercase() == name.to_lowercase());
    if let (Some((at, _)), None) = (alike.next(), alike.next()) {
        return Ok(Table::Given(at));
    }
    if name.contains(['/', '.', '*', '?', '[', '\\']) {
        return Ok(Table::File(name.to_owned()));
    }
    let error = Error::new(ErrorKind::NotFound, format!("no table {name:?} in [{}]", given.join(", ")));
    Err(match nearest(name, given.iter().map(String::as_str)) {
        Some(near) => error.with_help(format!("did you mean {near:?}? Files stand in quotes: FROM 'data/*.csv'")),
        None => error.with_help("files stand in quotes: FROM 'data/*.csv'; frames are given by name: DFrame::sql(query, [(\"t\", &df)])"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_given_ones_or_files() {
        let given = ["orders".to_owned(), "Customers".to_owned()];
        let query =
            Query::parse("with o as (select * from ORDERS) select * from o join customers using (id) join 'data/*.csv' on true").unwrap();
        let tables = query.tables(&given).unwrap();
        let of = |name: &str| tables.iter().find(|(of, _)| of == name).map(|(_, table)| table.clone());
        assert_eq!(of("ORDERS"), Some(Table::Given(0)));
        assert_eq!(of("customers"), Some(Table::Given(1)));
        assert_eq!(of("data/*.csv"), Some(Table::File("data/*.csv".to_owned())));
        assert_eq!(tables.len(), 3);
        let error = Query::parse("select * from ordrs").unwrap().tables(&given).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.help().unwrap().contains("\"orders\""));
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for text in ["", "select 1; select 2", "drop table t", "create table t as select 1", "copy (select 1) to 'x.csv'", "selec 1"] {
            assert_eq!(Query::parse(text).unwrap_err().kind(), ErrorKind::Sql, "{text}");
        }
    }
}
