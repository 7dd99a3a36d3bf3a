//! The macros of Stratal: [`macro@task`], which makes a function known to every process that links it, and
//! [`derive@Value`], which makes a type of your own a value that tasks take and give.
//!
//! What they make refers to `::stratal`; a crate that depends on `stratal-core` alone says `crate = stratal_core`.

mod task;
mod value;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Registers a function under its module path and name, with a hash of its signature, so that a call of it can cross the
/// network. The function stays what it is: `square(3)` is 9.
///
/// It may be async. Its parameters are `T`, `Arc<T>`, `&T`, `&[T]` or `&str` (async: `T` or `Arc<T>`), at most eight; it
/// returns a value, or a `Result` of one with any error.
///
/// Options: `retries = 3` (how often it is tried again), `resources("gpu" = 1.0)` (what a call occupies of its worker),
/// `isolated` (in a process of its own), `impure` (equal calls are not merged), `crate = path` (where Stratal is).
///
/// ```
/// # extern crate stratal_core as stratal;
/// # use stratal_macros::task;
/// #[task(retries = 3, resources("gpu" = 1.0))]
/// fn score(part: Vec<f64>, model: &str) -> stratal::Result<f64> {
///     Ok(part.iter().sum::<f64>() * model.len() as f64)
/// }
///
/// # fn main() -> stratal::Result<()> {
/// assert_eq!(score(vec![1.0, 2.0], "ab")?, 6.0);
/// let known = stratal::registry::Registry::global().functions().filter_map(|function| function.name());
/// assert!(known.into_iter().any(|name| name.ends_with("::score")));
/// # Ok(())
/// # }
/// ```
#[proc_macro_attribute]
pub fn task(options: TokenStream, item: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as task::Options);
    let kept = proc_macro2::TokenStream::from(item.clone());
    let function = parse_macro_input!(item as syn::ItemFn);
    match task::register(&options, &function) {
        Ok(registration) => quote::quote! { #kept #registration },
        Err(error) => {
            let error = error.into_compile_error();
            quote::quote! { #kept #error }
        }
    }
    .into()
}

/// Makes a serde type a value that tasks take and give. It is named by its module path; its wire form is postcard.
///
/// ```
/// # extern crate stratal_core as stratal;
/// # use stratal_macros::Value;
/// #[derive(Clone, serde::Serialize, serde::Deserialize, Value)]
/// struct Model {
///     weights: Vec<f64>,
/// }
///
/// # fn main() -> stratal::Result<()> {
/// let model = stratal::value::Object::new(Model { weights: vec![0.5, 1.5] });
/// let arrived = stratal::value::Object::from_wire(model.type_name().to_owned(), model.wire()?);
/// assert_eq!(arrived.get::<Model>()?.weights, [0.5, 1.5]);
/// # Ok(())
/// # }
/// ```
///
/// `#[value(crate = path)]` says where Stratal is.
#[proc_macro_derive(Value, attributes(value))]
pub fn derive_value(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    value::derive(&item).unwrap_or_else(syn::Error::into_compile_error).into()
}
