//! `DFrame::sql`: SQL text over frames and files.

use super::DFrame;
use crate::{
    source::Memory,
    sql::{Query, Table},
    steps::{Op, Sql},
};
use arrow_schema::Schema;
use std::{panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// The tables of a query by name: `()`, or pairs of names and frames.
///
/// ```
/// use stratal_frame::{DFrame, frame};
/// let orders = frame! { "amount" => [10i64, 20] };
/// let total = DFrame::sql("SELECT sum(amount) AS total FROM orders", [("orders", &orders)]);
/// assert_eq!(total.collect()?.item::<i64>()?, 30);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub trait IntoTables {
    /// Names and frames.
    fn into_tables(self) -> Vec<(String, DFrame)>;
}

impl IntoTables for () {
    fn into_tables(self) -> Vec<(String, DFrame)> {
        Vec::new()
    }
}

impl<S: Into<String>, const N: usize> IntoTables for [(S, &DFrame); N] {
    fn into_tables(self) -> Vec<(String, DFrame)> {
        self.into_iter().map(|(name, frame)| (name.into(), frame.clone())).collect()
    }
}

impl<S: Into<String>> IntoTables for Vec<(S, &DFrame)> {
    fn into_tables(self) -> Vec<(String, DFrame)> {
        self.into_iter().map(|(name, frame)| (name.into(), frame.clone())).collect()
    }
}

impl<S: Into<String>> IntoTables for Vec<(S, DFrame)> {
    fn into_tables(self) -> Vec<(String, DFrame)> {
        self.into_iter().map(|(name, frame)| (name.into(), frame)).collect()
    }
}

impl DFrame {
    /// A query over frames, by the names that they are given here, and over files, which stand in quotes:
    /// `FROM 'data/*.csv'`.
    ///
    /// An unquoted name is found exactly, else it is the one that is equal but for case; the file's spelling is kept. Columns
    /// without an alias are called by their text: `sum(x)`, `count(*)`; of two of one name the second is `id_1`. Nulls are
    /// sorted last unless the text says otherwise.
    ///
    /// ```
    /// use stratal_frame::{DFrame, col, frame};
    /// let orders = frame! { "id" => [1i64, 2, 1], "Amount" => [10i64, 20, 30] };
    /// let cities = frame! { "id" => [1i64, 2], "city" => ["Oslo", "Rome"] };
    /// let query = "SELECT city, sum(amount) AS total FROM orders JOIN cities USING (id) GROUP BY city";
    /// let totals = DFrame::sql(query, [("orders", &orders), ("cities", &cities)]).filter(col("total").gt(20));
    /// assert_eq!(totals.collect()?.column::<String>("city")?, ["Oslo"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sql(query: impl Into<String>, tables: impl IntoTables) -> Self {
        let (text, at) = (query.into(), Location::caller());
        let given = tables.into_tables();
        let mut frames = Vec::new();
        let query = Query::parse(&text);
        // No closure: the frames of files are made where the query is written.
        let tables = match &query {
            Ok(query) => inputs(query, &given, &mut frames),
            Err(error) => Err(error.clone()),
        };
        let (query, tables) = match tables {
            Ok(tables) => (query, tables),
            Err(error) => (Err(error), Vec::new()),
        };
        if frames.is_empty() {
            // A query of no table stands on an empty frame, like one of several stands on its first.
            let nothing = Memory::new("sql", Ok((Arc::new(Schema::empty()), Vec::new())));
            frames.push(DFrame::begin(Op::Source(Arc::new(nothing)), at));
        }
        let others = frames[1..].iter().map(|frame| frame.steps.clone()).collect();
        frames[0].combine(Sql { text, query, tables }, others, at)
    }

    /// The files of a path, read as their ending says: `csv tsv json ndjson jsonl parquet arrow`, with `.gz .zst .bz2 .xz`
    /// after those of text.
    ///
    /// # Errors
    /// `BadValue` for an ending that says nothing.
    #[track_caller]
    pub fn read(path: impl Into<String>) -> Result<Self> {
        let path = path.into();
        let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        let plain = [".gz", ".zst", ".bz2", ".xz"].iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
        match plain.rsplit_once('.').map(|(_, ending)| ending) {
            Some("csv") => Ok(DFrame::read_csv(path)),
            Some("tsv") => Ok(DFrame::read_csv(crate::CsvOptions::new(path).delimiter('\t'))),
            Some("json" | "ndjson" | "jsonl") => Ok(DFrame::read_json(path)),
            Some("parquet") => Ok(DFrame::read_parquet(path)),
            Some("arrow" | "ipc" | "feather") => Ok(DFrame::read_ipc(path)),
            _ => {
                let message = format!("the ending of {path:?} does not say what the file is");
                let help = "csv, tsv, json, ndjson, jsonl, parquet and arrow are known; read others by DFrame::read_csv(..) and its like";
                Err(Error::new(ErrorKind::BadValue, message).with_help(help))
            }
        }
    }
}

/// The frame of every table that a query names, each once; and which of them it is.
#[track_caller]
fn inputs(query: &Query, given: &[(String, DFrame)], frames: &mut Vec<DFrame>) -> Result<Vec<(String, usize)>> {
    let names: Vec<String> = given.iter().map(|(name, _)| name.clone()).collect();
    let mut tables = Vec::new();
    let mut places: Vec<(Table, usize)> = Vec::new();
    for (name, table) in query.tables(&names)? {
        let known = places.iter().find(|(of, _)| *of == table).map(|(_, place)| *place);
        let place = match known {
            Some(place) => place,
            None => {
                frames.push(match &table {
                    Table::Given(at) => given[*at].1.clone(),
                    Table::File(path) => DFrame::read(path)?,
                });
                places.push((table, frames.len() - 1));
                frames.len() - 1
            }
        };
        tables.push((name, place));
    }
    Ok(tables)
}
