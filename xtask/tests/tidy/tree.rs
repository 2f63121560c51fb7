//! The repository's text files, read once.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// A file, its path relative to the repository and with `/`.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// For samples.
    pub fn new(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| end == extension)
    }

    /// A file that holds nothing but tests.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    pub fn is_generated(&self) -> bool {
        self.text.lines().take(5).any(|line| line.contains("@generated"))
    }
}

/// Made by tools or brought by them.
const NOT_OURS: &[&str] =
    &["target", "node_modules", "dist", "test-results", "playwright-report", "screenshots"];
const TEXT: &[&str] = &["rs", "css", "ts", "js", "mjs", "json", "md", "sql", "toml", "html"];

/// Every text file of the repository.
pub fn files() -> &'static [File] {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    FILES.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands in the workspace");
        let mut files = Vec::new();
        collect(root, root, &mut files);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        assert!(
            files.iter().any(|file| file.path == "Cargo.toml"),
            "the repository was not found at {root:?}"
        );
        files
    })
}

/// The files in one folder (`gateway/src/store/`).
pub fn under(folder: &str) -> Vec<&'static File> {
    files().iter().filter(|file| file.path.starts_with(folder)).collect()
}

/// Stops a test with everything its rule found.
#[track_caller]
pub fn none(rule: &str, violations: Vec<String>) {
    assert!(violations.is_empty(), "{rule}:\n  {}\n", violations.join("\n  "));
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository is readable").flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !name.starts_with("signalbox-") && !NOT_OURS.contains(&name.as_str())
            {
                collect(root, &path, files);
            }
        } else if path.extension().is_some_and(|end| TEXT.iter().any(|text| end == *text)) {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let path =
                path.strip_prefix(root).expect("found below the root").to_string_lossy().replace('\\', "/");
            files.push(File { path, text });
        }
    }
}
