//! DataFusion's errors as ours: kind, message, and whether to try again. Our own errors pass through unchanged.

use arrow_schema::ArrowError;
use datafusion::error::DataFusionError;
use stratal_core::{Error, ErrorKind};

/// Wraps an error of ours so that it can cross DataFusion. [`of_datafusion`] takes it out again.
pub(crate) fn to_datafusion(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// What DataFusion reports, in our terms.
pub(crate) fn of_datafusion(error: DataFusionError) -> Error {
    if let Some(own) = own(&error) {
        return own;
    }
    let root = error.find_root();
    let kind = match root {
        DataFusionError::ResourcesExhausted(_) => {
            return Error::new(ErrorKind::Memory, root.strip_backtrace())
                .with_help("raise memory.limit, point spill.dir at a larger disk, or use more and smaller partitions");
        }
        DataFusionError::ArrowError(error, _) => return of_arrow(error),
        DataFusionError::Plan(_) | DataFusionError::SchemaError(..) => ErrorKind::TypeMismatch,
        DataFusionError::IoError(_) => ErrorKind::Io,
        DataFusionError::Configuration(_) => ErrorKind::Config,
        DataFusionError::Internal(_) => ErrorKind::Internal,
        _ => ErrorKind::Task,
    };
    Error::new(kind, root.strip_backtrace())
}

/// An error of ours at the end of the chain of causes.
fn own(error: &DataFusionError) -> Option<Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = next {
        if let Some(own) = cause.downcast_ref::<Error>() {
            return Some(own.clone());
        }
        next = match cause.downcast_ref::<DataFusionError>() {
            // The source of an external error is what *it* wraps; the error itself is looked at here.
            Some(DataFusionError::External(inner)) => Some(&**inner),
            Some(DataFusionError::ArrowError(inner, _)) => match &**inner {
                ArrowError::ExternalError(inner) => Some(&**inner),
                _ => cause.source(),
            },
            _ => cause.source(),
        };
    }
    None
}

fn of_arrow(error: &ArrowError) -> Error {
    let kind = match error {
        ArrowError::IoError(..) => ErrorKind::Io,
        ArrowError::SchemaError(_) => ErrorKind::TypeMismatch,
        ArrowError::MemoryError(_) => ErrorKind::Memory,
        _ => ErrorKind::BadValue,
    };
    Error::new(kind, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_ours_survives_the_way_through_datafusion() {
        let own = Error::new(ErrorKind::BadValue, "\"12,5\" is not i64").in_file("a.csv", Some(3), Some("amount"));
        let wrapped = DataFusionError::Context("while reading".into(), Box::new(to_datafusion(own.clone())));
        assert!(of_datafusion(wrapped).is_same(&own));
        let shared = DataFusionError::Shared(std::sync::Arc::new(to_datafusion(own.clone())));
        assert!(of_datafusion(shared).is_same(&own));
        let arrow = DataFusionError::from(ArrowError::ExternalError(Box::new(to_datafusion(own.clone()))));
        assert!(of_datafusion(arrow).is_same(&own));
    }
}
