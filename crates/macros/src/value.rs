//! `#[derive(Value)]`: the wire form and the name of a serde type.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Error, GenericParam, Path, Result, parse_quote};

/// The implementations of `Value` and `Whole`.
pub(crate) fn derive(item: &DeriveInput) -> Result<TokenStream> {
    let path = path(item)?;
    let private = quote!(#path::__private);
    let name = &item.ident;
    let mut generics = item.generics.clone();
    let mut parameters = Vec::new();
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Lifetime(lifetime) => {
                return Err(Error::new_spanned(
                    lifetime,
                    "a Value owns what it has: it outlives the call that made it, and may leave the process",
                ));
            }
            GenericParam::Type(ty) => {
                ty.bounds.push(parse_quote!(#private::Value));
                ty.bounds.push(parse_quote!(#private::Serialize));
                ty.bounds.push(parse_quote!(#private::DeserializeOwned));
                let ident = &ty.ident;
                parameters.push(quote!(<#ident as #private::Value>::type_name()));
            }
            GenericParam::Const(constant) => {
                let ident = &constant.ident;
                parameters.push(quote!(::std::string::ToString::to_string(&#ident)));
            }
        }
    }
    let text = syn::ext::IdentExt::unraw(name).to_string();
    let plain = quote!(::core::concat!(::core::module_path!(), "::", #text));
    let type_name = match parameters.is_empty() {
        true => quote!(::std::string::ToString::to_string(#plain)),
        false => quote!(::std::format!("{}<{}>", #plain, [#(#parameters),*].join(", "))),
    };
    let (implement, types, conditions) = generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #implement #private::Value for #name #types #conditions {
            fn type_name() -> ::std::string::String {
                #type_name
            }

            fn encode(&self, out: &mut ::std::vec::Vec<u8>) -> #private::Result<()> {
                #private::encode(self, out)
            }

            fn decode(input: &mut &[u8]) -> #private::Result<Self> {
                #private::decode(input)
            }

            fn heap_bytes(&self) -> u64 {
                #private::size(self)
            }
        }

        #[automatically_derived]
        impl #implement #private::Whole for #name #types #conditions {}
    })
}

/// Where Stratal is: `#[value(crate = path)]`, else `::stratal`.
fn path(item: &DeriveInput) -> Result<Path> {
    let mut path = parse_quote!(::stratal);
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("value")) {
        attribute.parse_nested_meta(|option| match option.path.is_ident("crate") {
            true => {
                path = option.value()?.call(Path::parse_mod_style)?;
                Ok(())
            }
            false => Err(option.error("unknown option; #[value] knows: crate = path")),
        })?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_borrows_is_refused() {
        let item = syn::parse_str("struct S<'a>(&'a str);").expect("it is a struct");
        assert!(derive(&item).expect_err("it borrows").to_string().contains("owns what it has"));
    }

    #[test]
    fn type_parameters_are_named_by_their_own_names() {
        let item = syn::parse_str("#[value(crate = own)] struct S<T>(T);").expect("it is a struct");
        let text = derive(&item).expect("it is a value").to_string();
        assert!(
            text.contains("own :: __private :: Value for S < T >") && text.contains("< T as own :: __private :: Value > :: type_name"),
            "{text}"
        );
    }
}
