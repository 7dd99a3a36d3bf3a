//! SQL text over frames.
//!
//! - `text`: text to a syntax tree, and the tables that it names. `names`: what the text calls columns and tables, spelled as
//!   they are; what is not named is called by its text. `plan`: the tree as a plan over the tables' plans.
//!
//! DataFusion folds names to lower case, which makes columns of the name `Amount` unreachable. Here an unquoted name is found
//! exactly, else it is the one that is equal but for case. A word that SQL has a meaning for, `user` or `current_date`, is a column
//! where a table has one of that name.

mod names;
mod plan;
mod text;

pub(crate) use names::word;
pub(crate) use plan::plan;
pub(crate) use text::{Query, Table};
