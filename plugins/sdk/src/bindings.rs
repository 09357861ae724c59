//! Made from the contract when this is compiled: `wit` beside the manifest.
#![expect(
    missing_docs,
    reason = "generated: it passes values across the edge of the sandbox"
)]

wit_bindgen::generate!({
    path: "wit",
    world: "ledger-policy",
    additional_derives: [PartialEq, Eq],
    runtime_path: "::wit_bindgen::rt",
    pub_export_macro: true,
    export_macro_name: "export_component",
    default_bindings_module: "plugins_sdk::bindings",
});
