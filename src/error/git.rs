//! Errors while git lists the changes for `--since`.

use std::io;
use std::path::PathBuf;

use super::shown;

/// Why the changes are unknown.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("`--since`: cannot run `git`: {source}")]
    NotStarted { source: io::Error },
    #[error("`--since`: `{}` is not in a git repository", shown(path))]
    NoRepository { path: PathBuf },
    #[error("`--since`: unknown commit `{reference}`")]
    UnknownReference { reference: String, shallow: bool },
    #[error("`--since`: this branch and `{reference}` have no common commit")]
    NoMergeBase { reference: String, shallow: bool },
    #[error("`--since`: cannot use the repository of `{}`: {reason}", shown(path))]
    Unusable { path: PathBuf, reason: &'static str },
    #[error(
        "`--since`: this partial clone does not have the committed content of `{}`",
        shown(path)
    )]
    PartialClone { path: PathBuf },
    #[error("`--since`: the commit has more than {limit} files")]
    TooManyFiles { limit: usize },
    #[error("`--since`: `git {command}` failed: the repository is damaged or incomplete")]
    Failed { command: String },
}

impl GitError {
    pub(super) fn hint(&self) -> Option<String> {
        Some(
            match self {
                GitError::NotStarted { .. } => "install git, or omit `--since` to show all findings",
                GitError::NoRepository { .. } => {
                    "`--since` compares with a commit; omit it to show all findings"
                }
                GitError::UnknownReference { shallow: true, .. }
                | GitError::NoMergeBase { shallow: true, .. } => {
                    "this is a shallow clone without that commit: run `git fetch --unshallow`, or configure the pipeline to fetch the whole history (`fetch-depth: 0` in GitHub Actions, `GIT_DEPTH: 0` in GitLab CI)"
                }
                GitError::UnknownReference { .. } => {
                    "use a branch, a tag or a commit, such as `origin/main`; `git fetch` gets those that are only on the server"
                }
                GitError::NoMergeBase { .. } => "compare with a branch of the same history",
                GitError::Unusable { .. } => {
                    "omit `--since` to show all findings; if its `.git` leads to a repository that you trust, allow that folder with `--allow-outside DIR`"
                }
                GitError::PartialClone { .. } | GitError::Failed { .. } => {
                    "git must not fetch anything during a run: clone without `--filter`, or run `git fetch --refetch --no-filter`"
                }
                GitError::TooManyFiles { .. } => "omit `--since` to show all findings",
            }
            .to_owned(),
        )
    }
}
