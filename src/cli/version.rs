//! `stratal --version`: what must agree between the processes of a cluster.

use std::sync::LazyLock;

/// Stratal's version, and those of what its processes exchange.
pub(super) fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(make);
    &TEXT
}

fn make() -> String {
    let text = env!("CARGO_PKG_VERSION").to_owned();
    #[cfg(feature = "cluster")]
    let text = {
        let others: Vec<String> = crate::cluster::versions()
            .into_iter()
            .filter(|(name, _)| name != "stratal")
            .map(|(name, version)| format!("{name} {version}"))
            .chain([format!("protocol {}", crate::cluster::PROTOCOL)])
            .collect();
        format!("{text} ({})", others.join(", "))
    };
    text
}
