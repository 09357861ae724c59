//! The signing proxy: keys behind an HTTPS API that refuses to sign two seals for one place.

fn main() {}
