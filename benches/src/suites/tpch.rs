//! The 22 queries of TPC-H over Parquet and CSV files, as a user of each library would write them.

use super::{Suite, no_case};
use crate::{
    data,
    measure::{self, Case, Check},
    report::Section,
    settings::{Format, Money, Settings},
    sides::{Request, Role, Side},
};
use std::{fs, path::Path};
use stratal::{Result, frame::DFrame};
use stratal_tests::tpch::{self, TABLES, Tables};

/// The texts of the queries, which the tests keep.
const SQL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/answers/tpch/sql");

pub(super) struct Tpch;

impl Suite for Tpch {
    fn name(&self) -> &'static str {
        "tpch"
    }

    fn about(&self) -> &'static str {
        "The 22 queries of TPC-H beside Polars (lazy, streaming engine), DuckDB, DataFusion alone (SQL), and Stratal asked by the same SQL."
    }

    fn measure(&self, settings: &Settings, section: &mut Section) -> Result<()> {
        let peers = [
            Side::stratal(),
            Side::polars(),
            Side::this("DataFusion", Role::Datafusion),
            Side::this("Stratal by SQL", Role::StratalSql),
            Side::script("DuckDB", "duckdb_peer.py"),
        ];
        let sides = measure::present(peers, settings, section);
        over_files(&sides, settings, section)
    }

    fn cases(&self, settings: &Settings) -> Result<Vec<Case>> {
        let of = |format: &Format| cases(&data::tpch(settings, *format)?, *format, settings);
        let all = settings.formats.iter().map(of).collect::<Result<Vec<_>>>()?;
        Ok(all.into_iter().flatten().collect())
    }

    fn frame(&self, request: &Request) -> Result<DFrame> {
        let number: Option<usize> = request.case.strip_prefix('q').and_then(|number| number.parse().ok());
        let number = number.filter(|number| (1..=22).contains(number)).ok_or_else(|| no_case(request))?;
        let format = match request.format {
            Format::Csv => tpch::Format::Csv,
            Format::Parquet => tpch::Format::Parquet,
        };
        let tables = Tables::read(Path::new(&request.data), format, request.scale);
        Ok(tpch::query(number, &tables))
    }
}

/// A table for each kind of file.
pub(super) fn over_files(sides: &[Side], settings: &Settings, section: &mut Section) -> Result<()> {
    for format in &settings.formats {
        let directory = data::tpch(settings, *format)?;
        let money = if *format == Format::Parquet { format!(", money as {}", settings.money) } else { String::new() };
        let name = format!("{format}, scale {}{money}", settings.scale);
        section.notes.push(data::size(&name, &directory)?);
        section.tables.push(measure::table(name, sides, &cases(&directory, *format, settings)?, settings)?);
    }
    Ok(())
}

fn cases(directory: &Path, format: Format, settings: &Settings) -> Result<Vec<Case>> {
    let exact = format == Format::Parquet && settings.money == Money::Decimal;
    let case = |number: usize| -> Result<Case> {
        let name = format!("q{number}");
        let sql = sql(number, settings.scale, exact)?;
        let tables = TABLES.iter().filter(|table| names(&sql, table)).map(|table| (*table).to_owned()).collect();
        let request = Request { scale: settings.scale, sql, tables, ..Request::new("tpch", &name, directory, format) };
        Ok(Case { name, request, check: Check::Rows })
    };
    (1..=22).map(case).collect()
}

/// The text of a query.
fn sql(number: usize, scale: f64, exact: bool) -> Result<String> {
    let text = fs::read_to_string(format!("{SQL}/q{number:02}.sql"))?.replace("$fraction", &(0.0001 / scale).to_string());
    // Sums of floats that are computed twice may differ in the last digit, and the largest is then equal to none.
    let (equal, nearly) = (
        "total_revenue = (select max(total_revenue) from revenue)",
        "total_revenue >= (select max(total_revenue) * 0.999999999999 from revenue)",
    );
    Ok(if exact { text } else { text.replace(equal, nearly) })
}

/// Whether a text has a name in it.
fn names(sql: &str, name: &str) -> bool {
    sql.split(|character: char| !(character.is_alphanumeric() || character == '_')).any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_has_a_text_and_names_its_tables() {
        let texts: Vec<String> = (1..=22).map(|number| sql(number, 1.0, true).unwrap()).collect();
        assert!(texts.iter().all(|text| TABLES.iter().any(|table| names(text, table)) && !text.contains('$')));
        let of = |number: usize| TABLES.iter().filter(|table| names(&texts[number - 1], table)).copied().collect::<Vec<_>>();
        assert_eq!(of(6), ["lineitem"]);
        assert_eq!(of(16), ["part", "partsupp", "supplier"]);
    }

    #[test]
    fn the_fraction_of_query_11_depends_on_the_scale() {
        assert!(sql(11, 10.0, true).unwrap().contains("0.00001"));
        assert!(sql(11, 1.0, true).unwrap().contains("0.0001"));
    }

    #[test]
    fn only_floats_need_another_query_15() {
        for number in 1..=22 {
            let (exact, floats) = (sql(number, 1.0, true).unwrap(), sql(number, 1.0, false).unwrap());
            assert_eq!(exact != floats, number == 15, "q{number}");
        }
    }
}
