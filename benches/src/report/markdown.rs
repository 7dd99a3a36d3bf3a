//! A report as Markdown: what it was measured on, then each suite with its tables and plots.

use super::{Report, Row, Section, Table, format, plot};
use std::fmt::Write;

/// What stands above the figures.
const HEAD: &str = "\
# Benchmarks

Made by `cargo run --release -p stratal-benches -- all` and `… -- publish`; [performance.md](performance.md) says how each figure is
measured. A time is the median of all runs, the memory beside it the most that the side's processes had in use. The figure that follows
a peer's name is its time divided by that of the first side: above 1 the first side is faster, below 1 it is slower.
";

/// A report with its pictures.
pub(super) struct Rendered {
    pub(super) text: String,
    /// Names of files, and what is in them.
    pub(super) plots: Vec<(String, String)>,
}

/// Several reports, with pictures in the directory `pictures` beside the text.
pub(super) fn render(reports: &[Report], pictures: &str) -> Rendered {
    let mut rendered = Rendered { text: HEAD.to_owned(), plots: Vec::new() };
    for (number, report) in reports.iter().enumerate() {
        let suites: Vec<&str> = report.sections.iter().map(|section| section.suite.as_str()).collect();
        rendered.line(&format!("\n## {}: {}\n", report.date, suites.join(", ")));
        for (name, value) in report.machine.iter().chain(&report.settings) {
            rendered.line(&format!("- {name}: {value}"));
        }
        for section in &report.sections {
            rendered.section(section, number, pictures);
        }
    }
    rendered
}

impl Rendered {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn section(&mut self, section: &Section, report: usize, pictures: &str) {
        self.line(&format!("\n### {}\n\n{}\n", section.suite, section.about));
        let versions: Vec<&str> = section.versions.iter().map(|(_, version)| version.as_str()).collect();
        if !versions.is_empty() {
            self.line(&format!("- {}", versions.join(", ")));
        }
        for note in &section.notes {
            self.line(&format!("- {note}"));
        }
        for table in &section.tables {
            self.line(&format!("\n#### {}: {}\n", section.suite, table.name));
            for summary in table.summaries() {
                self.line(&format!("- {summary}"));
            }
            if let Some(plot) = plot::plot(table) {
                let name = format!("{}.svg", slug(&format!("{report}-{}-{}", section.suite, table.name)));
                self.line(&format!("\n![{}: {}]({pictures}{name})\n", section.suite, table.name));
                self.plots.push((name, plot));
            }
            self.line(&markdown(table));
        }
    }
}

/// A table, with the ratio behind each peer.
fn markdown(table: &Table) -> String {
    let mut text = String::new();
    let mut heads = vec![String::new()];
    for (side, name) in table.sides.iter().enumerate() {
        heads.push(escaped(name));
        heads.extend((side > 0).then(|| "×".to_owned()));
    }
    heads.extend(table.more.iter().map(|head| escaped(head)));
    let rule: Vec<&str> = heads.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" }).collect();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "| {} |\n|{}|", heads.join(" | "), rule.join("|"));
    for row in &table.rows {
        let _ = writeln!(text, "| {} |", cells(row).join(" | "));
    }
    text
}

fn cells(row: &Row) -> Vec<String> {
    let mut cells = vec![escaped(&row.case)];
    for (side, cell) in row.cells.iter().enumerate() {
        cells.push(escaped(&format::cell(cell)));
        cells.extend((side > 0).then(|| row.ratio(side).map(format::ratio).unwrap_or_default()));
    }
    cells.extend(row.more.iter().map(|figure| escaped(figure)));
    cells
}

/// A text in one cell of a table.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// A text as part of a file's name.
fn slug(text: &str) -> String {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::tests::report;

    #[test]
    fn wins_losses_and_failures_stand_in_one_table() {
        let table = markdown(&report().sections[0].tables[0]);
        let expected = "\
|  | Stratal | Polars | × |
|---|---:|---:|---:|
| q1 | 200 ms, 100 MiB | 400 ms, 50 MiB | 2.00× |
| q2 | 20.0 ms, 64 MiB | 10.0 ms, 128 MiB | 0.50× |
| q3 | 1.50 s, 10 MiB | another answer: 3 and 4 rows |  |
";
        assert_eq!(table, expected);
    }

    #[test]
    fn further_columns_come_last_and_no_cell_breaks_the_table() {
        let mut table = Table::new("figures", vec!["Stratal".to_owned()]);
        table.more = vec!["tasks".to_owned()];
        let cell = crate::report::Cell::Failed { reason: "one | two\nthree".to_owned() };
        table.rows = vec![Row { case: "map".to_owned(), cells: vec![cell], more: vec!["1000".to_owned()] }];
        assert_eq!(markdown(&table), "|  | Stratal | tasks |\n|---|---:|---:|\n| map | one \\| two three | 1000 |\n");
    }

    #[test]
    fn a_report_tells_where_with_what_and_on_which_data() {
        let rendered = render(&[report()], "benchmarks/");
        for part in ["## 2026-01-31: tpch", "- CPU: one | two", "- runs: 5", "- Polars 2.1.0", "- parquet: 300.0 MiB in 26 files"] {
            assert!(rendered.text.contains(part), "{part}:\n{}", rendered.text);
        }
        assert!(rendered.text.contains("![tpch: parquet, scale 1](benchmarks/0-tpch-parquet-scale-1.svg)"), "{}", rendered.text);
        assert_eq!(rendered.plots.len(), 1);
    }

    #[test]
    fn pictures_of_several_reports_have_names_of_their_own() {
        let rendered = render(&[report(), report()], "");
        assert_ne!(rendered.plots[0].0, rendered.plots[1].0);
    }
}
