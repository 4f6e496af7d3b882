//! Files, written whole or not at all.

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};

/// The files of a run, kept in memory until all of them are made.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    /// Each with its path below the folder of the run.
    list: Vec<(PathBuf, String)>,
}

impl Files {
    pub(super) fn add(&mut self, path: impl Into<PathBuf>, text: String) {
        self.list.push((path.into(), text));
    }

    /// Writes everything into a folder beside the place it is for, then moves it there. Files of
    /// other names that are already there stay.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        fs::create_dir_all(parent)?;
        let draft = parent.join(format!(".partitura-{}", std::process::id()));
        let done = self.write_into(&draft).and_then(|()| self.move_all(&draft, folder));
        // What is left of the draft helps nobody, whether moving worked or not.
        let _ignored = fs::remove_dir_all(&draft);
        done
    }

    fn write_into(&self, draft: &Path) -> Result<()> {
        for (path, text) in &self.list {
            let path = draft.join(path);
            fs::create_dir_all(path.parent().unwrap_or(draft))?;
            fs::write(path, text)?;
        }
        Ok(())
    }

    fn move_all(&self, draft: &Path, folder: &Path) -> Result<()> {
        if !folder.exists() {
            return fs::rename(draft, folder);
        }
        for (path, _) in &self.list {
            let place = folder.join(path);
            fs::create_dir_all(place.parent().unwrap_or(folder))?;
            fs::rename(draft.join(path), place)?;
        }
        Ok(())
    }
}

/// Single files, each written beside its place, and moved there once all of them are written.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    /// Each with its draft.
    list: Vec<(PathBuf, PathBuf)>,
}

impl Drafts {
    /// Writes the draft of one file.
    pub(super) fn add(&mut self, path: &Path, text: &str) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let n = self.list.len();
        let draft = path.with_file_name(format!(".{name}-{}-{n}", std::process::id()));
        self.list.push((path.to_owned(), draft.clone()));
        fs::write(draft, text)
    }

    /// Moves every file to its place.
    pub(super) fn keep(&self) -> std::result::Result<(), (PathBuf, std::io::Error)> {
        for (path, draft) in &self.list {
            fs::rename(draft, path).map_err(|error| (path.clone(), error))?;
        }
        Ok(())
    }
}

impl Drop for Drafts {
    /// What was not kept helps nobody.
    fn drop(&mut self) {
        for (_, draft) in &self.list {
            let _ignored = fs::remove_file(draft);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("partitura-{name}-{}", std::process::id()));
        let _ignored = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn files_replace_older_ones_and_leave_others_alone() {
        let folder = fresh("replace");
        let mut files = Files::default();
        files.add("one/a.txt", "old".to_owned());
        files.write(&folder.join("run")).unwrap();
        fs::write(folder.join("run/one/mine.txt"), "mine").unwrap();
        let mut files = Files::default();
        files.add("one/a.txt", "new".to_owned());
        files.write(&folder.join("run")).unwrap();
        assert_eq!(fs::read_to_string(folder.join("run/one/a.txt")).unwrap(), "new");
        assert_eq!(fs::read_to_string(folder.join("run/one/mine.txt")).unwrap(), "mine");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn nothing_is_left_where_writing_fails() {
        let folder = fresh("fails");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("run"), "a file where a folder should be").unwrap();
        let mut files = Files::default();
        files.add("one/a.txt", "new".to_owned());
        assert!(files.write(&folder.join("run")).is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
        fs::remove_dir_all(folder).unwrap();
    }
}
