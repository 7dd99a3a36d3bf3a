//! Globs of CSV files: parse everything, keep a tenth of the rows, sum one column of one row in twenty.

use super::{Suite, no_case};
use crate::{
    data::{self, SHAPES},
    measure::{self, Case, Check},
    report::Section,
    settings::{Format, Settings},
    sides::{Request, Side},
};
use stratal::{Result, prelude::*};

const WORKS: [&str; 3] = ["parse", "filter", "sum"];

pub(super) struct Csv;

impl Suite for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "Globs of CSV files, narrow, wide and quoted: parsed whole, filtered and collected, filtered and summed, beside Polars (lazy, streaming engine)."
    }

    fn measure(&self, settings: &Settings, section: &mut Section) -> Result<()> {
        let sides = measure::present([Side::stratal(), Side::polars()], settings, section);
        let directory = data::csv(settings)?;
        let name = format!("{:e} rows", settings.rows as f64);
        let rows = SHAPES.map(|(shape, share)| format!("{} rows {shape}", (settings.rows / share).max(1)));
        section.notes.push(format!("{}: {}", data::size(&name, &directory)?, rows.join(", ")));
        section.tables.push(measure::table(name, &sides, &self.cases(settings)?, settings)?);
        Ok(())
    }

    fn cases(&self, settings: &Settings) -> Result<Vec<Case>> {
        let directory = data::csv(settings)?;
        let cases = SHAPES.iter().flat_map(|(shape, _)| WORKS.map(|work| format!("{shape}-{work}"))).map(|name| {
            // Large answers, but for the sums.
            let check = if name.ends_with("sum") { Check::Rows } else { Check::Digest };
            Case { request: Request::new("csv", &name, &directory, Format::Csv), name, check }
        });
        Ok(cases.collect())
    }

    fn frame(&self, request: &Request) -> Result<DFrame> {
        let (shape, work) = request.case.split_once('-').ok_or_else(|| no_case(request))?;
        let rows = DFrame::read_csv(format!("{}/{shape}.*.csv", request.data));
        match work {
            "parse" => Ok(rows),
            "filter" => Ok(rows.filter(col("amount").lt(10.0))),
            "sum" => Ok(rows.filter(col("kind").eq("kind7")).agg(col("amount").sum())),
            _ => Err(no_case(request)),
        }
    }
}
