//! Finished blocks of seeds, kept in files, so that a sweep that was killed goes on where it was.

use std::path::{Path, PathBuf};

use reports::sweep::SweepSummary;
use sim_engine::DigestHasher;

use crate::problem::Problem;

/// Where finished blocks are kept, if anywhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    folder: Option<PathBuf>,
    /// What tells this program from others: blocks of another one may not mean the same.
    program: String,
}

impl Kept {
    /// Keeps blocks in a folder, which is made when the first one is finished.
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder: Some(folder), program: program() }
    }

    /// The block of these seeds, if this program finished it before. What cannot be read is run
    /// again.
    pub(crate) fn find(&self, sweep: &SweepSummary, from: u64, to: u64) -> Option<SweepSummary> {
        let path = self.path(sweep, from, to)?;
        let known: SweepSummary = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        let fits = known.fingerprint == sweep.fingerprint
            && (known.seeds.from, known.seeds.to, known.seeds.run) == (from, to, to - from);
        fits.then_some(known)
    }

    /// Keeps a block if all of it was run: written beside its place, and moved there whole.
    pub(crate) fn keep(&self, block: &SweepSummary) -> Result<(), Problem> {
        let (from, to) = (block.seeds.from, block.seeds.to);
        let path = self.path(block, from, to).filter(|_| block.seeds.run == to - from);
        let Some(path) = path else { return Ok(()) };
        let text = serde_json::to_string(block).unwrap_or_default();
        write_whole(&path, &text).map_err(|error| Problem {
            origin: Some(path.display().to_string()),
            ..Problem::new(error.to_string())
        })
    }

    fn path(&self, sweep: &SweepSummary, from: u64, to: u64) -> Option<PathBuf> {
        let name = format!("{}-{}-{from}-{to}.json", sweep.fingerprint, self.program);
        Some(self.folder.as_ref()?.join(name))
    }
}

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    std::fs::write(&draft, text)?;
    std::fs::rename(draft, path)
}

/// The fingerprint of this program's file; of nothing where it cannot be read.
fn program() -> String {
    let bytes = std::env::current_exe().and_then(std::fs::read).unwrap_or_default();
    let mut digest = DigestHasher::default();
    std::hash::Hasher::write(&mut digest, &bytes);
    digest.digest().to_string()
}
