//! What shells and `man` know of the command line, made from the command line itself.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::generate;

use super::args::Arguments;
use super::{Answer, io_problem};
use crate::problem::Problem;

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// Where they go; the folder is made if it is not there
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
}

/// `partitura completions SHELL`.
pub(super) fn completions(arguments: &CompletionsArguments) -> Answer {
    let mut script = Vec::new();
    generate(arguments.shell, &mut Arguments::command(), "partitura", &mut script);
    Answer { out: String::from_utf8_lossy(&script).into_owned(), ..Answer::default() }
}

/// `partitura man DIR`: a page for the program and one for each command.
pub(super) fn pages(arguments: &ManArguments) -> Result<Answer, Problem> {
    let folder = &arguments.folder;
    let pages = std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder));
    pages.map_err(|error| io_problem(folder, &error))?;
    let out = format!("read them with `man -l {}`\n", folder.join("partitura.1").display());
    Ok(Answer { out, ..Answer::default() })
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_completes_every_command() {
        for shell in clap_complete::Shell::value_variants() {
            let script = completions(&CompletionsArguments { shell: *shell }).out;
            for command in super::super::COMMANDS {
                assert!(script.contains(command), "{shell}: {command}");
            }
        }
    }

    #[test]
    fn every_command_has_a_page() {
        let folder = std::env::temp_dir().join(format!("partitura-man-{}", std::process::id()));
        let answer = pages(&ManArguments { folder: folder.clone() }).unwrap();
        for command in super::super::COMMANDS {
            let page = folder.join(format!("partitura-{command}.1"));
            let text = std::fs::read_to_string(&page).unwrap();
            assert!(text.contains(".TH"), "{text}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(answer.out.contains("partitura.1"), "{}", answer.out);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = std::env::current_exe().unwrap().join("man");
        let problem = pages(&ManArguments { folder: folder.clone() }).unwrap_err();
        assert!(problem.to_string().contains(&folder.display().to_string()), "{problem}");
    }
}
