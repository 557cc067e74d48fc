//! Workflows of GitHub Actions, as a rule of trusted publishing names them.

use std::fmt;

use crate::limits::{MAX_GIT_REF_BYTES, MAX_REPOSITORY_PART_BYTES};

/// A repository, `owner/name`. GitHub takes upper and lower case for the same, so it is kept in
/// lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository(String);

/// The text is no such name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a repository is written as OWNER/NAME, of letters, digits, \"-\", \"_\" and \".\"")]
pub struct InvalidRepository;

/// The file of a workflow below `.github/workflows/`, like `release.yml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkflowFile(String);

/// The text is no such file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a workflow is the name of its file alone, like release.yml")]
pub struct InvalidWorkflowFile;

/// Which branches and tags: one of them, or all whose names begin alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefPattern(String);

/// The text is no such pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a ref is written in full, like refs/heads/main, and may end with a \"*\", like refs/tags/*"
)]
pub struct InvalidRefPattern;

fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_REPOSITORY_PART_BYTES).contains(&text.len())
        && text.bytes().all(plain)
        && !matches!(text, "." | "..")
}

impl Repository {
    /// Parses `owner/name` in upper or lower case.
    pub fn parse(text: &str) -> Result<Self, InvalidRepository> {
        let (owner, name) = text.split_once('/').ok_or(InvalidRepository)?;
        if is_plain(owner) && is_plain(name) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidRepository)
        }
    }

    /// In lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl WorkflowFile {
    /// Parses the name of a file; nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, InvalidWorkflowFile> {
        let stem = text.strip_suffix(".yml").or(text.strip_suffix(".yaml"));
        if is_plain(text) && stem.is_some_and(|stem| !stem.is_empty()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidWorkflowFile)
        }
    }

    /// The file's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RefPattern {
    /// Parses `refs/…`, perhaps with a `*` at its end.
    pub fn parse(text: &str) -> Result<Self, InvalidRefPattern> {
        let fixed = text.strip_suffix('*').unwrap_or(text);
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'*';
        if text.len() <= MAX_GIT_REF_BYTES
            && fixed.len() > "refs/".len()
            && fixed.starts_with("refs/")
            && fixed.bytes().all(plain)
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRefPattern)
        }
    }

    /// Whether `git_ref`, which is written in full, is one of these. A `*` stands for any text, also
    /// for one with slashes in it.
    pub fn matches(&self, git_ref: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(start) => git_ref.starts_with(start),
            None => git_ref == self.0,
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

crate::string_newtype!(Repository, InvalidRepository);
crate::string_newtype!(WorkflowFile, InvalidWorkflowFile);
crate::string_newtype!(RefPattern, InvalidRefPattern);

/// The workflow of a run, as the claim `workflow_ref` of its token has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRef {
    /// The repository that has the file.
    pub repository: Repository,
    /// The file.
    pub file: WorkflowFile,
}

impl WorkflowRef {
    /// Parses `owner/name/.github/workflows/file.yml@refs/heads/main`; `None` if it is not such a
    /// text. From which ref the file is says nothing that the claim `ref` does not.
    pub fn parse(text: &str) -> Option<Self> {
        // Not at the first `@`, which a file may have in its name.
        let (path, _) = text.split_once("@refs/")?;
        let (repository, file) = path.split_once("/.github/workflows/")?;
        Some(Self {
            repository: Repository::parse(repository).ok()?,
            file: WorkflowFile::parse(file).ok()?,
        })
    }
}

impl fmt::Display for WorkflowRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/.github/workflows/{}", self.repository, self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_the_same_in_upper_and_lower_case() {
        let mine = Repository::parse("Octo-Org/Repo.rs_1").unwrap();
        assert_eq!(mine.as_str(), "octo-org/repo.rs_1");
        let long = "a".repeat(MAX_REPOSITORY_PART_BYTES + 1);
        for text in [
            "",
            "a",
            "/a",
            "a/",
            "a/b/c",
            "a b/c",
            "a/..",
            "ä/b",
            "a/b@c",
            &format!("a/{long}"),
        ] {
            assert_eq!(Repository::parse(text), Err(InvalidRepository), "{text}");
        }
    }

    #[test]
    fn another_file_whose_name_begins_so_is_another_workflow() {
        let file = |text: &str| {
            let workflow = WorkflowRef::parse(&format!("o/r/.github/workflows/{text}"))?;
            Some(workflow.file.to_string())
        };
        assert_eq!(file("a.yml@refs/heads/main").as_deref(), Some("a.yml"));
        for other in [
            "a.yml@b.yml@refs/tags/v1",
            "a.yml@refs",
            "a.yml@main",
            "a.yml",
        ] {
            assert_eq!(file(other), None, "{other}");
        }
    }

    #[test]
    fn a_workflow_is_a_file_and_no_path() {
        for text in ["release.yml", "a.b.yaml"] {
            assert_eq!(WorkflowFile::parse(text).unwrap().as_str(), text);
        }
        for text in ["", ".yml", "release", "a/b.yml", "../b.yml", "a.yml@x"] {
            assert_eq!(WorkflowFile::parse(text), Err(InvalidWorkflowFile));
        }
    }

    #[test]
    fn a_ref_is_one_or_all_that_begin_alike() {
        let tags = RefPattern::parse("refs/tags/*").unwrap();
        assert!(tags.matches("refs/tags/v1") && tags.matches("refs/tags/a/b"));
        assert!(!tags.matches("refs/heads/v1") && !tags.matches("xrefs/tags/v1"));
        let main = RefPattern::parse("refs/heads/main").unwrap();
        assert!(main.matches("refs/heads/main"));
        assert!(!main.matches("refs/heads/main2") && !main.matches("refs/heads/"));
        let long = format!("refs/{}", "a".repeat(MAX_GIT_REF_BYTES));
        for text in [
            "",
            "*",
            "main",
            "refs/",
            "refs/*",
            "refs/tags/*/x",
            "refs/tags/**",
            "refs/a b",
            &long,
        ] {
            assert_eq!(RefPattern::parse(text), Err(InvalidRefPattern), "{text}");
        }
    }

    #[test]
    fn the_workflow_of_a_run_is_taken_apart() {
        let text = "Octo/Repo/.github/workflows/release.yml@refs/heads/main";
        let run = WorkflowRef::parse(text).unwrap();
        assert_eq!(run.to_string(), "octo/repo/.github/workflows/release.yml");
        for text in [
            "",
            "octo/repo/.github/workflows/release.yml",
            "octo/repo/workflows/release.yml@refs/heads/main",
            "octo/repo/.github/workflows/../release.yml@refs/heads/main",
            "octo/repo/x/.github/workflows/release.yml@refs/heads/main",
            "octo/repo/.github/workflows/a/.github/workflows/release.yml@r",
        ] {
            assert_eq!(WorkflowRef::parse(text), None, "{text}");
        }
    }
}
