//! What `stratal query` and `stratal graph` have in common: a query, its tables, and where it runs.

use crate::{Client, Error, ErrorKind, Result, core::client::ClientBuilder, frame::DFrame};
use clap::Args;
use std::{io::Read, path::PathBuf};

/// A query and its tables.
#[derive(Args)]
pub(super) struct QueryArguments {
    /// The query. Files stand in quotes: FROM 'data/*.csv'. `-` reads it from stdin.
    sql: Option<String>,
    /// A file that holds the query.
    #[arg(short, long, conflicts_with = "sql")]
    file: Option<PathBuf>,
    /// A table by name: NAME=GLOB. May be given several times.
    #[arg(long, value_name = "NAME=GLOB")]
    table: Vec<String>,
}

impl QueryArguments {
    /// The query as a frame.
    pub(super) fn frame(&self) -> Result<DFrame> {
        let text = self.text()?;
        let tables = self.table.iter().map(|table| {
            let wrong = || {
                Error::new(ErrorKind::BadValue, format!("--table {table:?} is not NAME=GLOB")).with_help("--table sales='data/sales.*.csv'")
            };
            let (name, path) = table.split_once('=').ok_or_else(wrong)?;
            if name.is_empty() || path.is_empty() {
                return Err(wrong());
            }
            Ok((name.to_owned(), DFrame::read(path)?))
        });
        Ok(DFrame::sql(text, tables.collect::<Result<Vec<_>>>()?))
    }

    fn text(&self) -> Result<String> {
        match (&self.sql, &self.file) {
            (Some(sql), _) if sql == "-" => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text)?;
                Ok(text)
            }
            (Some(sql), _) => Ok(sql.clone()),
            (None, Some(path)) => {
                std::fs::read_to_string(path).map_err(|error| Error::from(error).in_file(path.display().to_string(), None, None))
            }
            (None, None) => Err(Error::new(ErrorKind::BadValue, "there is no query").with_help("stratal query \"SELECT …\", or -f FILE")),
        }
    }
}

/// Where a query runs. What is given here goes before the configuration.
#[derive(Args)]
pub(super) struct RunArguments {
    /// Tasks that run at once; one a core unless given.
    #[arg(long)]
    threads: Option<usize>,
    /// Bytes that results and operators may take: 8GiB, auto or none.
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<String>,
    /// Where what does not fit is kept.
    #[arg(long, value_name = "DIR")]
    spill_dir: Option<String>,
    /// The scheduler of a cluster: HOST:PORT.
    #[arg(long, value_name = "ADDR")]
    scheduler: Option<String>,
    /// How rows pass between partitions: auto, pipe or store.
    #[arg(long, value_name = "E")]
    exchange: Option<String>,
    /// What runs the query on a cluster: auto, query or layers.
    #[arg(long, value_name = "E")]
    engine: Option<String>,
}

impl RunArguments {
    /// The client, current while it lives.
    pub(super) fn client(&self) -> Result<Client> {
        let set = |builder: ClientBuilder, key: &str, value: &Option<String>| match value {
            Some(value) => builder.set(key, value),
            None => builder,
        };
        let mut builder = Client::builder();
        if let Some(threads) = self.threads {
            builder = builder.threads(threads);
        }
        builder = set(builder, "memory.limit", &self.memory_limit);
        builder = set(builder, "spill.dir", &self.spill_dir);
        builder = set(builder, "execution.exchange", &self.exchange);
        builder = set(builder, "execution.engine", &self.engine);
        let named = match &self.scheduler {
            Some(address) => Some(address.clone()),
            None => crate::Config::load()?.scheduler,
        };
        match named {
            Some(address) => builder.connect(&address),
            None => builder.local(),
        }
    }
}
