//! Made from the contract at compile time.

wit_bindgen::generate!({
    path: "wit",
    world: "ledger-policy",
    runtime_path: "::wit_bindgen::rt",
    pub_export_macro: true,
    export_macro_name: "export_component",
    default_bindings_module: "plugins_sdk::bindings",
});
