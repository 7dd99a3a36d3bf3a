//! `#[task]`: reads the options, refuses what cannot be a task, and writes the registration.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{
    Error, FnArg, GenericParam, ItemFn, LitFloat, LitInt, LitStr, Path, Result, Token, Type,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    spanned::Spanned,
};

const KNOWN: &str = "retries = 3, resources(\"gpu\" = 1.0), isolated, impure, crate = path";
const PARAMETERS: usize = 8;

/// What stands in the brackets of the attribute.
#[derive(Default)]
pub(crate) struct Options {
    retries: Option<u32>,
    resources: Vec<(LitStr, f64)>,
    isolated: bool,
    impure: bool,
    path: Option<Path>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Options::default();
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            let name = input.call(syn::Ident::parse_any)?;
            if seen.contains(&name.to_string()) {
                return Err(Error::new(name.span(), format!("option `{name}` stands here twice")));
            }
            seen.push(name.to_string());
            match name.to_string().as_str() {
                "retries" => {
                    input.parse::<Token![=]>()?;
                    options.retries = Some(input.parse::<LitInt>()?.base10_parse()?);
                }
                "resources" => {
                    let list;
                    parenthesized!(list in input);
                    options.resources =
                        Punctuated::<Resource, Token![,]>::parse_terminated(&list)?.into_iter().map(|r| (r.name, r.amount)).collect();
                }
                "isolated" => options.isolated = true,
                "impure" => options.impure = true,
                "crate" => {
                    input.parse::<Token![=]>()?;
                    options.path = Some(input.call(Path::parse_mod_style)?);
                }
                _ => return Err(Error::new(name.span(), format!("unknown option `{name}`; #[task] knows: {KNOWN}"))),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

struct Resource {
    name: LitStr,
    amount: f64,
}

impl Parse for Resource {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: LitStr = input.parse()?;
        input.parse::<Token![=]>()?;
        let amount = match input.peek(LitInt) {
            true => input.parse::<LitInt>()?.base10_parse()?,
            false => input.parse::<LitFloat>()?.base10_parse()?,
        };
        if amount >= 0.0 { Ok(Resource { name, amount }) } else { Err(Error::new(name.span(), "an amount of a resource is at least 0")) }
    }
}

/// The registration that stands next to the function.
pub(crate) fn register(options: &Options, function: &ItemFn) -> Result<TokenStream> {
    check(function)?;
    let path = options.path.clone().unwrap_or_else(|| syn::parse_quote!(::stratal));
    let (name, signature) = (&function.sig.ident, &function.sig);
    let text = name.unraw().to_string();
    let signature = quote!(#signature).to_string();
    let retries = match options.retries {
        Some(retries) => quote!(::core::option::Option::Some(#retries)),
        None => quote!(::core::option::Option::None),
    };
    let resources = options.resources.iter().map(|(name, amount)| quote!((#name, #amount)));
    let (isolated, impure) = (options.isolated, options.impure);
    let conditions = function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    Ok(quote! {
        #(#conditions)*
        const _: () = {
            #path::__private::inventory::submit! {
                #path::__private::FunctionEntry {
                    name: ::core::concat!(::core::module_path!(), "::", #text),
                    signature: #signature,
                    options: #path::__private::TaskOptions {
                        retries: #retries,
                        resources: &[#(#resources),*],
                        isolated: #isolated,
                        impure: #impure,
                    },
                    erased: || #path::__private::erase(#name),
                }
            }
        };
    })
}

/// Refuses what cannot be a task, before the compiler does so at greater length.
fn check(function: &ItemFn) -> Result<()> {
    let signature = &function.sig;
    let fail = |span: Span, message: &str| Err(Error::new(span, message));
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            let message = "a #[task] is not generic: workers find it by its name; write a function for each type, and mark those";
            return fail(parameter.span(), message);
        }
    }
    if let Some(unsafety) = &signature.unsafety {
        return fail(unsafety.span(), "a #[task] is a safe function");
    }
    if signature.inputs.len() > PARAMETERS {
        return fail(signature.inputs[PARAMETERS].span(), "a #[task] has at most 8 parameters; put some of them in a struct");
    }
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                return fail(receiver.span(), "a #[task] has no self: make it a function, and pass the value as its first argument");
            }
            FnArg::Typed(parameter) => match &*parameter.ty {
                Type::ImplTrait(ty) => return fail(ty.span(), "a #[task] is not generic: name the type of this parameter"),
                Type::Reference(ty) if ty.mutability.is_some() => {
                    return fail(ty.span(), "a #[task] cannot change its arguments: take `&T` or `T`");
                }
                Type::Reference(ty) if signature.asyncness.is_some() => {
                    return fail(ty.span(), "an async #[task] owns its arguments: take `T` or `Arc<T>` (String for &str, Vec<T> for &[T])");
                }
                _ => {}
            },
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(function: &str) -> String {
        let function = syn::parse_str(function).expect("it is a function");
        register(&Options::default(), &function).expect_err("it cannot be a task").to_string()
    }

    #[test]
    fn options_are_read_and_unknown_ones_name_the_known() {
        let options: Options =
            syn::parse_str(r#"retries = 3, resources("gpu" = 1, "disk" = 0.5), isolated, crate = own::path"#).expect("they are options");
        let amounts: Vec<f64> = options.resources.iter().map(|(_, amount)| *amount).collect();
        assert_eq!((options.retries, amounts, options.isolated, options.impure), (Some(3), vec![1.0, 0.5], true, false));
        let error = syn::parse_str::<Options>("retry = 3").err().expect("there is no such option");
        assert!(error.to_string().starts_with("unknown option `retry`; #[task] knows: retries = 3"));
        assert!(syn::parse_str::<Options>("impure, impure").is_err());
    }

    #[test]
    fn what_cannot_be_a_task_is_refused_with_the_way_out() {
        assert!(refusal("fn f<T>(x: T) {}").contains("write a function for each type"));
        assert!(refusal("fn f(x: impl Copy) {}").contains("name the type"));
        assert!(refusal("fn f(&self) {}").contains("has no self"));
        assert!(refusal("async fn f(x: &str) {}").contains("owns its arguments"));
        assert!(refusal("fn f(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8) {}").contains("at most 8"));
    }

    #[test]
    fn the_registration_has_the_name_and_the_signature() {
        let function = syn::parse_str("pub fn square<'a>(x: &'a i64) -> i64 { x * x }").expect("it is a function");
        let text = register(&Options::default(), &function).expect("it can be a task").to_string();
        assert!(text.contains(":: stratal :: __private :: FunctionEntry") && text.contains("fn square < 'a >"), "{text}");
    }
}
