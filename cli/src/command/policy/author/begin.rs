//! A policy is begun.

use std::fs;

use verify::Name;

use crate::args::NewArgs;
use crate::exit::Exit;
use crate::fault::{Fault, PolicyFault};
use crate::files;
use crate::output::Output;
use crate::policy::template;
use crate::view::policy::BegunView;

pub(super) fn run(output: Output, args: &NewArgs) -> Result<Exit, Fault> {
    let folder = &args.folder;
    let name = folder.file_name().and_then(|name| name.to_str());
    let name = name
        .and_then(|name| Name::new(name).ok())
        .ok_or_else(|| PolicyFault::NoName(folder.clone()))?;
    let is_taken = fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
    if is_taken || folder.is_file() {
        return Err(PolicyFault::Exists(folder.clone()).into());
    }
    let begun = template::files(args.lang, name.as_str());
    for (path, text) in &begun {
        let file = folder.join(path);
        files::create_folder(file.parent().unwrap_or(folder))?;
        files::write(&file, text.as_bytes())?;
    }
    let files = begun.iter().map(|(path, _)| *path).collect();
    output.line(&BegunView::new(folder, args.lang, files))?;
    Ok(Exit::Success)
}
