//! The ten group-by questions and five joins of the database-like ops benchmark (H2O.ai, 2018).
//!
//! Both sides scan Parquet files, because both are lazy: what a question does not need is not read, and what is measured is what a
//! user waits for.

use super::{Suite, no_case};
use crate::{
    data,
    measure::{self, Case, Check},
    report::Section,
    settings::{Format, Settings},
    sides::{Request, Side},
};
use stratal::{Result, prelude::*};

/// Answers to these have as many rows as the tables.
const LARGE: [&str; 6] = ["q10", "j1", "j2", "j3", "j4", "j5"];

pub(super) struct GroupBy;

impl Suite for GroupBy {
    fn name(&self) -> &'static str {
        "groupby"
    }

    fn about(&self) -> &'static str {
        "Ten group-by questions (q) and five joins (j) of the database-like ops benchmark, over Parquet files, beside Polars (lazy, streaming engine)."
    }

    fn measure(&self, settings: &Settings, section: &mut Section) -> Result<()> {
        let sides = measure::present([Side::stratal(), Side::polars()], settings, section);
        let directory = data::groups(settings)?;
        let name = format!("{:e} rows, {:e} groups", settings.rows as f64, settings.groups as f64);
        section.notes.push(data::size(&name, &directory)?);
        section.tables.push(measure::table(name, &sides, &self.cases(settings)?, settings)?);
        Ok(())
    }

    fn cases(&self, settings: &Settings) -> Result<Vec<Case>> {
        let directory = data::groups(settings)?;
        let names = (1..=10).map(|number| format!("q{number}")).chain((1..=5).map(|number| format!("j{number}")));
        let cases = names.map(|name| {
            let check = if LARGE.contains(&name.as_str()) { Check::Digest } else { Check::Rows };
            Case { request: Request::new("groupby", &name, &directory, Format::Parquet), name, check }
        });
        Ok(cases.collect())
    }

    fn frame(&self, request: &Request) -> Result<DFrame> {
        let table = |name: &str| DFrame::read_parquet(format!("{}/{name}.*.parquet", request.data));
        question(&request.case, &table).ok_or_else(|| no_case(request))
    }
}

/// A question, over tables by name.
fn question(name: &str, table: &dyn Fn(&str) -> DFrame) -> Option<DFrame> {
    let groups = || table("groups");
    Some(match name {
        "q1" => groups().group_by("id1").agg(col("v1").sum()),
        "q2" => groups().group_by(["id1", "id2"]).agg(col("v1").sum()),
        "q3" => groups().group_by("id3").agg([col("v1").sum(), col("v3").mean()]),
        "q4" => groups().group_by("id4").agg([col("v1").mean(), col("v2").mean(), col("v3").mean()]),
        "q5" => groups().group_by("id6").agg([col("v1").sum(), col("v2").sum(), col("v3").sum()]),
        "q6" => groups().group_by(["id4", "id5"]).agg([col("v3").median().alias("median"), col("v3").std().alias("sd")]),
        "q7" => groups().group_by("id3").agg((col("v1").max() - col("v2").min()).alias("range")),
        "q8" => groups().group_by("id6").top(2, col("v3").desc()).select(["id6", "v3"]),
        "q9" => groups().group_by(["id2", "id4"]).agg(corr("v1", "v2").pow(2).alias("r2")),
        "q10" => groups().group_by(["id1", "id2", "id3", "id4", "id5", "id6"]).agg([col("v3").sum(), count()]),
        "j1" => table("x").join(&table("small"), on("id1")),
        "j2" => table("x").join(&table("medium"), on("id2")),
        "j3" => table("x").join(&table("medium"), on("id2").left()),
        "j4" => table("x").join(&table("medium"), on("id5")),
        "j5" => table("x").join(&table("big"), on("id3")),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups of id6 = 1 and 2, by hand.
    fn groups() -> DFrame {
        frame! {
            "id1" => ["a", "a", "b"], "id2" => ["c", "d", "d"], "id3" => ["e", "e", "f"],
            "id4" => [1i64, 1, 2], "id5" => [1i64, 1, 2], "id6" => [1i64, 1, 2],
            "v1" => [1i64, 2, 3], "v2" => [4i64, 5, 6], "v3" => [1.0, 3.0, 5.0],
        }
    }

    fn asked(name: &str) -> Frame {
        question(name, &|_| groups()).unwrap().collect().unwrap()
    }

    #[test]
    fn questions_have_the_columns_of_the_other_side() {
        assert_eq!(asked("q4").columns(), ["id4", "v1", "v2", "v3"]);
        assert_eq!(asked("q6").columns(), ["id4", "id5", "median", "sd"]);
        assert_eq!(asked("q8").columns(), ["id6", "v3"]);
        assert_eq!(asked("q9").columns(), ["id2", "id4", "r2"]);
        assert_eq!(asked("q10").columns(), ["id1", "id2", "id3", "id4", "id5", "id6", "v3", "count"]);
    }

    #[test]
    fn questions_are_answered() {
        let range = asked("q7").lazy().sort("id3").collect().unwrap();
        assert_eq!(range.column::<i64>("range").unwrap(), [-2, -3]);
        let means = asked("q3").lazy().sort("id3").collect().unwrap();
        assert_eq!(means.column::<f64>("v3").unwrap(), [2.0, 5.0]);
        assert_eq!(asked("q8").len(), 3);
    }

    #[test]
    fn joins_keep_the_columns_of_both_sides() {
        let tables = |name: &str| match name {
            "x" => {
                frame! { "id1" => [1i64, 2], "id2" => [1i64, 2], "id3" => [1i64, 2], "id4" => ["1", "2"], "id5" => ["1", "2"], "v1" => [0.5, 1.5] }
            }
            _ => frame! { "id1" => [1i64], "id2" => [1i64], "id3" => [1i64], "id4" => ["1"], "id5" => ["1"], "v2" => [2.5] },
        };
        let joined = |name: &str| question(name, &tables).unwrap().collect().unwrap();
        assert_eq!(joined("j1").len(), 1);
        assert_eq!(joined("j3").len(), 2);
        assert!(joined("j4").columns().contains(&"id4_right"));
        assert!(question("j6", &tables).is_none());
    }
}
