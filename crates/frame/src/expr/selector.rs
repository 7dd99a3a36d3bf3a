//! [`Selector`] and [`cols`]: several columns at once, chosen by name or type.

use super::{Expr, later::Later};
use crate::{
    bind::column,
    error::{of_datafusion, to_datafusion},
    types::{ColumnType, is_text, type_name},
};
use arrow_schema::DataType;
use datafusion::{
    common::{
        Column, DFSchema,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Expr as Logical, expr::ScalarFunction},
};
use regex::Regex;
use std::fmt;
use stratal_core::{Error, ErrorKind, Result};

/// Columns chosen by name or type, in the order of the frame (those of [`names`](Self::names) in the order that is given).
/// Stands wherever columns are listed; in [`cols`] also within an expression. [`greatest`](super::greatest) and its like make
/// one value of all of them.
///
/// ```
/// use stratal_frame::{Selector, cols, frame};
/// let df = frame! { "id" => [1i64, 2], "x" => [0.5, 1.5], "name" => ["a", "b"] };
/// assert_eq!(df.select(Selector::numeric().except("id")).columns()?, ["x"]);
/// let twice = df.with_columns(cols(Selector::of_type("f64")) * 2).collect()?;
/// assert_eq!(twice.column::<f64>("x")?, [1.0, 3.0]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Selector {
    chosen: Chosen,
    except: Vec<Selector>,
}

#[derive(Clone, Debug)]
enum Chosen {
    All,
    Numeric,
    Strings,
    Temporal,
    OfType(Result<DataType>),
    Names(Vec<String>),
    Matching(String),
}

impl Selector {
    fn new(chosen: Chosen) -> Self {
        Selector { chosen, except: Vec::new() }
    }

    /// Every column.
    ///
    /// ```
    /// use stratal_frame::{Selector, frame};
    /// let df = frame! { "a" => [1], "b" => ["x"] };
    /// assert_eq!(df.select(Selector::all()).columns()?, ["a", "b"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn all() -> Self {
        Selector::new(Chosen::All)
    }

    /// Columns of numbers: integers, floats, decimals.
    ///
    /// ```
    /// use stratal_frame::{Selector, cols, frame};
    /// let df = frame! { "k" => ["a", "a"], "x" => [1i64, 2], "y" => [0.5, 0.25] };
    /// let sums = df.group_by("k").agg(cols(Selector::numeric()).sum()).collect()?;
    /// assert_eq!((sums.value::<i64>(0, "x")?, sums.value::<f64>(0, "y")?), (3, 0.75));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn numeric() -> Self {
        Selector::new(Chosen::Numeric)
    }

    /// Columns of texts.
    ///
    /// ```
    /// use stratal_frame::{Selector, cols, frame};
    /// let df = frame! { "a" => [" x "], "b" => [1] }.with_columns(cols(Selector::strings()).str().trim());
    /// assert_eq!(df.collect()?.value::<String>(0, "a")?, "x");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn strings() -> Self {
        Selector::new(Chosen::Strings)
    }

    /// Columns of dates, times, datetimes and durations.
    ///
    /// ```
    /// use stratal_frame::{Selector, date, frame};
    /// let df = frame! { "x" => [1] }.with_column("day", date("2024-01-31"));
    /// assert_eq!(df.select(Selector::temporal()).columns()?, ["day"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn temporal() -> Self {
        Selector::new(Chosen::Temporal)
    }

    /// Columns of one type, as tables print it.
    ///
    /// ```
    /// use stratal_frame::{Selector, frame};
    /// let df = frame! { "a" => [1i64], "b" => [1i32] };
    /// assert_eq!(df.select(Selector::of_type("i64")).columns()?, ["a"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn of_type(of: impl Into<ColumnType>) -> Self {
        Selector::new(Chosen::OfType(of.into().resolve()))
    }

    /// The columns of these names, in this order. A name that no column has is an error.
    ///
    /// ```
    /// use stratal_frame::{Selector, frame};
    /// let df = frame! { "a" => [1], "b" => [2] };
    /// assert_eq!(df.select(Selector::names(["b", "a"])).columns()?, ["b", "a"]);
    /// assert!(df.select(Selector::names(["c"])).check().is_err());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn names(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Selector::new(Chosen::Names(names.into_iter().map(Into::into).collect()))
    }

    /// Columns in whose name a regular expression finds a match.
    ///
    /// ```
    /// use stratal_frame::{Selector, frame};
    /// let df = frame! { "x_1" => [1], "x_2" => [2], "max_1" => [3] };
    /// assert_eq!(df.select(Selector::matching("^x_")).columns()?, ["x_1", "x_2"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn matching(pattern: impl Into<String>) -> Self {
        Selector::new(Chosen::Matching(pattern.into()))
    }

    /// All of these but those.
    ///
    /// ```
    /// use stratal_frame::{Selector, frame};
    /// let df = frame! { "id" => [1], "x" => [2], "name" => ["a"] };
    /// assert_eq!(df.select(Selector::all().except(["id"]).except(Selector::strings())).columns()?, ["x"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[must_use]
    pub fn except(&self, others: impl Into<Selector>) -> Self {
        let mut except = self.except.clone();
        except.push(others.into());
        Selector { chosen: self.chosen.clone(), except }
    }

    /// The names of the columns.
    ///
    /// # Errors
    /// `UnknownColumn` for a name that no column has; `BadValue` for what is no type or no regular expression.
    pub(crate) fn columns(&self, schema: &DFSchema) -> Result<Vec<String>> {
        let fields = |wanted: &dyn Fn(&str, &DataType) -> bool| -> Vec<String> {
            let wanted = schema.fields().iter().filter(|field| wanted(field.name(), field.data_type()));
            wanted.map(|field| field.name().clone()).collect()
        };
        let mut names = match &self.chosen {
            Chosen::All => fields(&|_, _| true),
            Chosen::Numeric => fields(&|_, data_type| data_type.is_numeric()),
            Chosen::Strings => fields(&|_, data_type| is_text(data_type)),
            Chosen::Temporal => fields(&|_, data_type| data_type.is_temporal()),
            Chosen::OfType(of) => {
                let of = type_name(&of.clone()?);
                fields(&|_, data_type| type_name(data_type) == of)
            }
            Chosen::Names(names) => names.iter().map(|name| Ok(column(name, schema)?.name)).collect::<Result<_>>()?,
            Chosen::Matching(pattern) => {
                let regex = Regex::new(pattern).map_err(|error| Error::new(ErrorKind::BadValue, error.to_string()))?;
                fields(&|name, _| regex.is_match(name))
            }
        };
        for others in &self.except {
            let others = others.columns(schema)?;
            names.retain(|name| !others.contains(name));
        }
        Ok(names)
    }

    /// These, unless they were named one by one, but the ones of these names.
    fn besides(&self, names: &[String]) -> Self {
        match self.chosen {
            Chosen::Names(_) => self.clone(),
            _ => self.except(Selector::names(names)),
        }
    }
}

/// It as errors print it.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.chosen {
            Chosen::All => f.write_str("cols(all")?,
            Chosen::Numeric => f.write_str("cols(numeric")?,
            Chosen::Strings => f.write_str("cols(strings")?,
            Chosen::Temporal => f.write_str("cols(temporal")?,
            Chosen::OfType(Ok(of)) => write!(f, "cols(of type {}", type_name(of))?,
            Chosen::OfType(Err(error)) => write!(f, "cols({}", error.message())?,
            Chosen::Names(names) => write!(f, "cols([{}]", names.join(", "))?,
            Chosen::Matching(pattern) => write!(f, "cols(matching {pattern:?}")?,
        }
        if !self.except.is_empty() {
            f.write_str(" except ..")?;
        }
        f.write_str(")")
    }
}

impl From<&Selector> for Selector {
    fn from(selector: &Selector) -> Self {
        selector.clone()
    }
}

impl From<&str> for Selector {
    fn from(name: &str) -> Self {
        Selector::names([name])
    }
}

impl From<String> for Selector {
    fn from(name: String) -> Self {
        Selector::names([name])
    }
}

impl<T: Into<String>, const N: usize> From<[T; N]> for Selector {
    fn from(names: [T; N]) -> Self {
        Selector::names(names)
    }
}

impl<T: Into<String>> From<Vec<T>> for Selector {
    fn from(names: Vec<T>) -> Self {
        Selector::names(names)
    }
}

impl<T: Into<String> + Clone> From<&[T]> for Selector {
    fn from(names: &[T]) -> Self {
        Selector::names(names.iter().cloned())
    }
}

/// One expression for each of these columns, under the column's name: `cols(..).sum()` is the sum of each.
///
/// ```
/// use stratal_frame::{Selector, cols, frame};
/// let df = frame! { "a" => [1i64, 2], "b" => [3i64, 4], "c" => ["x", "y"] };
/// let sums = df.agg(cols(["a", "b"]).sum()).collect()?;
/// assert_eq!((sums.value::<i64>(0, "a")?, sums.value::<i64>(0, "b")?), (3, 7));
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn cols(columns: impl Into<Selector>) -> Expr {
    Expr(Ok(Later::Columns(columns.into()).stand(Vec::new())))
}

/// The expressions, one for each column in place of those that stand for several; of columns that are not in `besides`,
/// unless they were named one by one.
///
/// # Errors
/// Those of the selections; `BadValue` for two different ones in one expression.
pub(crate) fn spread(exprs: &[Expr], schema: &DFSchema, besides: &[String]) -> Result<Vec<Expr>> {
    let mut all = Vec::with_capacity(exprs.len());
    for expr in exprs {
        let whole = gathered(expr.to_datafusion()?, schema)?;
        match selection(&whole)? {
            None => all.push(Expr(Ok(whole))),
            Some(selector) => {
                for name in selector.besides(besides).columns(schema)? {
                    all.push(Expr(Ok(with_column(whole.clone(), &name)?)));
                }
            }
        }
    }
    Ok(all)
}

/// The expression with all columns of a selection in its place where several are made one: in `greatest` and its like.
fn gathered(expr: Logical, schema: &DFSchema) -> Result<Logical> {
    let gather = |function: ScalarFunction| -> Result<Transformed<Logical>> {
        let mut columns = Vec::with_capacity(function.args.len());
        for argument in &function.args {
            match selector(argument) {
                None => columns.push(argument.clone()),
                Some(selector) => {
                    columns.extend(selector.columns(schema)?.into_iter().map(|name| Logical::Column(Column::from_name(name))))
                }
            }
        }
        let besides_columns = usize::from(function.name() == "concat_str");
        if columns.len() == besides_columns {
            let message = format!("{} is of no column", super::show(&Logical::ScalarFunction(function)));
            return Err(Error::new(ErrorKind::BadValue, message).with_help("choose columns that the frame has"));
        }
        Ok(Transformed::yes(Logical::ScalarFunction(ScalarFunction { args: columns, ..function })))
    };
    let replaced = expr.transform_down(|node| match node {
        Logical::ScalarFunction(function)
            if makes_one(function.name()) && function.args.iter().any(|argument| selector(argument).is_some()) =>
        {
            gather(function).map_err(to_datafusion)
        }
        node => Ok(Transformed::no(node)),
    });
    replaced.data().map_err(of_datafusion)
}

/// Whether a function makes one value of several columns.
fn makes_one(function: &str) -> bool {
    matches!(function, "coalesce" | "greatest" | "least" | "concat_str")
}

/// The selection in an expression.
fn selection(expr: &Logical) -> Result<Option<Selector>> {
    let mut found: Option<&Selector> = None;
    let mut two = None;
    // The visitor never fails.
    let _ = expr.apply(|node| {
        if let Some(selector) = selector(node) {
            match found {
                Some(first) if format!("{first:?}") != format!("{selector:?}") => two = Some((first, selector)),
                _ => found = Some(selector),
            }
        }
        Ok(TreeNodeRecursion::Continue)
    });
    match two {
        None => Ok(found.cloned()),
        Some((one, other)) => {
            let message = format!("{one} and {other} stand in one expression, and each for several columns");
            Err(Error::new(ErrorKind::BadValue, message)
                .with_help("use the same columns in both places, or write the expressions one by one"))
        }
    }
}

fn selector(node: &Logical) -> Option<&Selector> {
    match node {
        Logical::ScalarFunction(function) => match Later::of(function)? {
            Later::Columns(selector) => Some(selector),
            _ => None,
        },
        _ => None,
    }
}

/// The expression with a column in place of the selection.
fn with_column(expr: Logical, name: &str) -> Result<Logical> {
    let replaced = expr.transform_down(|node| {
        Ok(match selector(&node) {
            Some(_) => Transformed::yes(Logical::Column(Column::from_name(name))),
            None => Transformed::no(node),
        })
    });
    replaced.data().map_err(of_datafusion)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::col;
    use arrow_schema::{Field, Schema, TimeUnit};

    fn schema() -> DFSchema {
        let field = |name: &str, data_type| Field::new(name, data_type, true);
        let fields = vec![
            field("id", DataType::Int32),
            field("x", DataType::Float64),
            field("name", DataType::Utf8View),
            field("at", DataType::Timestamp(TimeUnit::Microsecond, None)),
            field("took", DataType::Duration(TimeUnit::Microsecond)),
            field("ok", DataType::Boolean),
        ];
        DFSchema::try_from(Schema::new(fields)).unwrap()
    }

    #[test]
    fn columns_are_chosen_by_type_and_by_name() {
        let names = |selector: Selector| selector.columns(&schema()).unwrap().join(" ");
        assert_eq!(names(Selector::all()), "id x name at took ok");
        assert_eq!(names(Selector::numeric()), "id x");
        assert_eq!(names(Selector::strings()), "name");
        assert_eq!(names(Selector::temporal()), "at took");
        assert_eq!(names(Selector::of_type("str")), "name");
        assert_eq!(names(Selector::of_type(DataType::Boolean)), "ok");
        assert_eq!(names(["x", "id"].into()), "x id");
        assert_eq!(names(Selector::matching("^[in]")), "id name");
        assert_eq!(names(Selector::all().except(Selector::numeric()).except("ok")), "name at took");
    }

    #[test]
    fn what_cannot_be_chosen_is_an_error() {
        let error = |selector: Selector| selector.columns(&schema()).unwrap_err();
        assert_eq!(error(Selector::names(["nam"])).help(), Some("did you mean \"name\"?"));
        assert_eq!(error(Selector::all().except("y")).kind(), ErrorKind::UnknownColumn);
        assert_eq!(error(Selector::of_type("int")).message(), "\"int\" is no type");
        assert_eq!(error(Selector::matching("(")).kind(), ErrorKind::BadValue);
    }

    #[test]
    fn one_expression_becomes_one_for_each_column() {
        let spread = |expr: Expr, besides: &[String]| spread(&[expr], &schema(), besides).map(|all| format!("{all:?}"));
        assert_eq!(spread(cols(Selector::numeric()) * 2 + col("x"), &[]).unwrap(), "[id * 2 + x, x * 2 + x]");
        assert_eq!(spread(col("x") + 1, &[]).unwrap(), "[x + 1]");
        assert_eq!(spread(cols(Selector::numeric()).sum(), &["id".to_owned()]).unwrap(), "[sum(x)]");
        assert_eq!(spread(cols(["id"]).sum(), &["id".to_owned()]).unwrap(), "[sum(id)]");
        let same = cols(Selector::numeric()) - cols(Selector::numeric()).mean();
        assert_eq!(spread(same, &[]).unwrap(), "[id - mean(id), x - mean(x)]");
        let largest = crate::expr::greatest((Selector::numeric(), col("y")));
        assert_eq!(spread(largest, &[]).unwrap(), "[greatest(id, x, y)]");
        let error = spread(cols(Selector::numeric()) + cols(Selector::strings()), &[]).unwrap_err();
        assert!(error.message().starts_with("cols(numeric) and cols(strings) stand in one expression"), "{error}");
    }
}
