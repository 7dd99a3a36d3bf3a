//! `stratal graph`: the layers of a query, drawn.

use super::{
    print_text,
    sql::{QueryArguments, RunArguments},
};
use crate::{Error, ErrorKind, Result, core::draw::Detail};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// A picture's kind.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Dot,
    Mermaid,
    Svg,
    Png,
}

#[derive(Args)]
pub(super) struct GraphArguments {
    #[command(flatten)]
    query: QueryArguments,
    #[command(flatten)]
    run: RunArguments,
    /// What will run, and not the steps as they were written.
    #[arg(long)]
    optimized: bool,
    /// Every task, and not only the layers.
    #[arg(long)]
    tasks: bool,
    /// The kind of picture; that of the output's ending, else text.
    #[arg(long)]
    format: Option<Format>,
    /// Where the picture goes; stdout unless given.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

impl GraphArguments {
    pub(super) fn run(self) -> Result<()> {
        let _client = self.run.client()?;
        let frame = self.query.frame()?;
        let graph = if self.optimized { frame.graph_optimized()? } else { frame.graph()? };
        let detail = if self.tasks { Detail::Tasks } else { Detail::Layers };
        let text = |format| graph.draw(detail, format);
        match (&self.output, self.format) {
            (Some(path), None) => graph.visualize_with(path, detail),
            (Some(path), Some(Format::Png)) => match path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
                true => graph.visualize_with(path, detail),
                false => Err(Error::new(ErrorKind::BadValue, "a png picture is written to a file that ends in .png")),
            },
            (Some(path), Some(format)) => {
                std::fs::write(path, text(of(format)?)).map_err(|error| Error::from(error).in_file(path.display().to_string(), None, None))
            }
            (None, format) => {
                print_text(&text(of(format.unwrap_or(Format::Text))?))?;
                Ok(())
            }
        }
    }
}

/// The formats that are text.
fn of(format: Format) -> Result<crate::core::draw::Format> {
    use crate::core::draw::Format as Text;
    Ok(match format {
        Format::Text => Text::Text,
        Format::Dot => Text::Dot,
        Format::Mermaid => Text::Mermaid,
        Format::Svg => Text::Svg,
        Format::Png => {
            return Err(Error::new(ErrorKind::BadValue, "a png picture is no text").with_help("name a file for it: -o graph.png"));
        }
    })
}
