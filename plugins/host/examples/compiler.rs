//! The process that compiles components, by itself: what the daemon starts with an argument of its
//! own. Given `hang` it says nothing for ever, and given `babble` something else.

use std::io;

fn main() -> io::Result<()> {
    let ill = std::env::args().nth(1);
    match ill.as_deref() {
        None => plugins_host::compile::serve(&mut io::stdin().lock(), &mut io::stdout().lock()),
        Some("hang") => loop {
            std::thread::park();
        },
        Some("abort") => std::process::abort(),
        Some(_) => {
            println!("what a compiler does not say");
            Ok(())
        }
    }
}
