//! The command line: a suite or all of them, two reports compared, reports published.
//!
//! `scheduler`, `worker`, `tasks`, `query` and so on are commands of every program of Stratal and never arrive here, so that no suite
//! may be called so: functions are `functions`, and a cluster is `distributed`.

use crate::{
    report::{self, Report},
    settings::{Settings, results},
    sides::{self, Role},
    suites::{self, SUITES},
};
use clap::{ArgMatches, Args, Command, FromArgMatches};
use std::path::PathBuf;
use stratal::{Client, Error, Result};

/// Cases of a suite, to be explained.
#[derive(Args)]
struct Explained {
    /// tpch, groupby or csv.
    suite: String,
    #[command(flatten)]
    settings: Settings,
}

/// Two reports.
#[derive(Args)]
struct Compared {
    /// The report of then, as JSON.
    old: PathBuf,
    /// The report of now, as JSON.
    new: PathBuf,
}

/// What goes into docs/benchmarks.md.
#[derive(Args)]
struct Published {
    /// Reports as JSON; the last one that was made unless given.
    reports: Vec<PathBuf>,
}

/// A side, started by a suite.
#[derive(Args)]
struct Served {
    #[arg(value_enum)]
    role: Role,
    #[arg(long)]
    threads: usize,
}

fn command() -> Command {
    // What a command is about goes last: the description of a struct of arguments would take its place.
    let suites = SUITES.iter().map(|suite| Settings::augment_args(Command::new(suite.name())).about(suite.about()));
    Command::new("stratal-benches")
        .about("Measures Stratal beside its peers and writes a report")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(Settings::augment_args(Command::new("all")).about("Every suite"))
        .subcommands(suites)
        .subcommand(
            Explained::augment_args(Command::new("explain")).about("Runs cases of frames, and prints their plans with rows and times"),
        )
        .subcommand(Compared::augment_args(Command::new("compare")).about("Prints what changed from one report to another"))
        .subcommand(Published::augment_args(Command::new("publish")).about("Writes reports to docs/benchmarks.md"))
        .subcommand(Served::augment_args(Command::new("serve")).about("A side, for a suite that talks to it").hide(true))
}

/// What the command line asks for.
pub(crate) fn run() -> Result<()> {
    let matches = command().get_matches();
    let Some((name, arguments)) = matches.subcommand() else {
        return Err(Error::internal("clap lets no line without a command through"));
    };
    match name {
        "explain" => {
            let Explained { suite, settings } = given(arguments);
            explain(&suite, &settings)
        }
        "compare" => {
            let Compared { old, new } = given(arguments);
            print!("{}", report::compared(&Report::read(&old)?, &Report::read(&new)?));
            Ok(())
        }
        "publish" => {
            let Published { reports } = given(arguments);
            let reports = if reports.is_empty() { vec![results().join("report.json")] } else { reports };
            let reports = reports.iter().map(|path| Report::read(path)).collect::<Result<Vec<_>>>()?;
            report::publish(&reports)
        }
        "serve" => {
            let Served { role, threads } = given(arguments);
            sides::serve(role, threads)
        }
        name => measure(name, &given(arguments)),
    }
}

/// The arguments of a command, or an end with what is wrong about them.
fn given<T: FromArgMatches>(matches: &ArgMatches) -> T {
    T::from_arg_matches(matches).unwrap_or_else(|error| error.exit())
}

/// Runs a suite, or all of them. One that fails is a note in the report, and the error when the others are done.
fn measure(name: &str, settings: &Settings) -> Result<()> {
    let mut report = Report::begin(settings);
    let mut failed = None;
    for suite in SUITES.iter().filter(|suite| name == "all" || name == suite.name()) {
        eprintln!("{}: {}", suite.name(), suite.about());
        let mut section = report::Section::of(suite.name(), suite.about());
        if let Err(error) = suite.measure(settings, &mut section) {
            eprintln!("{}: {error}", suite.name());
            section.notes.push(format!("The suite failed: {error}"));
            failed = failed.or(Some(error));
        }
        report.sections.push(section);
    }
    let written = report.write(&results())?;
    if let Some(path) = &settings.json {
        report.save(path)?;
    }
    println!("{}", written.display());
    failed.map_or(Ok(()), Err)
}

/// Runs cases twice in this process, and prints the second run's plans: the first one warms files and memory up.
fn explain(suite: &str, settings: &Settings) -> Result<()> {
    let suite = suites::find(suite)?;
    let cases = suite.cases(settings)?;
    let client = Client::builder().threads(settings.threads).detached().local()?;
    let _entered = client.enter();
    for case in cases.iter().filter(|case| settings.wants(&case.name)) {
        let frame = suite.frame(&case.request)?;
        frame.collect()?;
        println!("{} over {} files\n{}", case.name, case.request.format, frame.explain_analyze()?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn no_suite_has_the_name_of_a_command_of_every_program() {
        let taken = [
            "scheduler",
            "worker",
            "tasks",
            "isolated",
            "query",
            "graph",
            "schema",
            "cluster",
            "all",
            "explain",
            "compare",
            "publish",
            "serve",
        ];
        for suite in SUITES {
            assert!(!taken.contains(&suite.name()), "{}", suite.name());
        }
    }
}
