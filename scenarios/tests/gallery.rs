//! The pictures in the gallery are what the program draws.

#![expect(clippy::unwrap_used, reason = "a test that cannot draw has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;

const PICTURES: [&str; 3] =
    ["split-brain", "raft-figure8-indirect-commit@without-the-rule", "raft-prevote-rejoin"];

/// Draws a scenario with the binary, as a reader would.
fn draw(name: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_partitura"))
        .args(["run", name, "--no-files", "--export", "svg=-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn file(name: &str) -> PathBuf {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/gallery");
    gallery.join(format!("{}.svg", name.replace('@', "-")))
}

/// `REWRITE=1` draws them anew: look at each before you commit it.
#[test]
#[expect(clippy::disallowed_methods, reason = "whoever runs the test says whether to rewrite")]
fn the_gallery_is_what_the_program_draws() {
    for name in PICTURES {
        let drawn = draw(name);
        if std::env::var("REWRITE").is_ok() {
            std::fs::write(file(name), &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(file(name)).unwrap_or_default();
        assert!(
            drawn == kept,
            "{name} is drawn differently; if that was meant: REWRITE=1 cargo test"
        );
    }
}
