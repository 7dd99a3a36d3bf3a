//! `stratal schema`: the columns of files.

use super::print_text;
use crate::{Result, frame::DFrame};
use clap::{Args, ValueEnum};

/// What the answer looks like.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

#[derive(Args)]
pub(super) struct SchemaArguments {
    /// Files, globs and directories; each is looked at by itself.
    #[arg(required = true)]
    files: Vec<String>,
    /// What the answer looks like.
    #[arg(long, default_value = "table")]
    format: Format,
}

impl SchemaArguments {
    pub(super) fn run(self) -> Result<()> {
        let mut text = String::new();
        for file in &self.files {
            let origins = DFrame::read(file)?.origins()?;
            let column = |of: fn(&crate::frame::ColumnOrigin) -> String| origins.iter().map(of).collect::<Vec<String>>();
            let rows = crate::frame::frame! {
                "column" => column(|origin| origin.name.clone()),
                "type" => column(|origin| origin.data_type.clone()),
                "nullable" => origins.iter().map(|origin| origin.nullable).collect::<Vec<_>>(),
                "decided by" => column(|origin| origin.decided_by.clone()),
            };
            let rows = rows.collect()?;
            match self.format {
                Format::Json => text.push_str(&rows.to_json()),
                Format::Table if self.files.len() > 1 => text.push_str(&format!("{file}\n{}\n", rows.table(usize::MAX))),
                Format::Table => text.push_str(&format!("{}\n", rows.table(usize::MAX))),
            }
        }
        print_text(&text)
    }
}
