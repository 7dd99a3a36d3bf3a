//! Files, whatever stands in them: paths to a list of files, what their paths say, and their bytes.
//!
//! - [`IntoPaths`]: how paths are given. [`Asked`]: what options say of them. [`list`]: paths, globs and directories to [`Listed`]
//!   files; `local` and `remote` find them, `neighbours` says what there is instead.
//! - `hive`: keys in the names of directories. [`Extra`]: the columns that do not stand in the files. [`prune`]: files that no
//!   row is wanted of.
//! - `compression`: compressed files. `download`: a file elsewhere, and its bytes, fetched ahead. `input`: the bytes of a file,
//!   from wherever. [`Blocks`]: a part of a file, a block at a time. `cut`: where a large file is cut. `each`: many files
//!   looked at, several at once. `show`: values in messages. [`FileTable`]: files that are bound, for DataFusion.

mod asked;
mod blocks;
mod compression;
mod cut;
mod download;
mod each;
mod extra;
mod hive;
mod input;
mod list;
mod listed;
mod local;
mod neighbours;
mod paths;
mod prune;
mod remote;
mod show;
mod table;

pub(crate) use asked::{Asked, setters};
pub(crate) use blocks::{BLOCK, Blocks};
pub(crate) use compression::Compression;
pub(crate) use cut::{Part, keep, newline_cuts, parts};
pub(crate) use each::{each, sampled};
pub(crate) use extra::Extra;
pub(crate) use input::read_range;
pub(crate) use list::{Listing, list};
pub(crate) use listed::Listed;
pub use paths::IntoPaths;
pub(crate) use prune::{prune, pushdown};
pub(crate) use show::{grouped, shortened};
pub(crate) use table::{FileProvider, FileTable};
