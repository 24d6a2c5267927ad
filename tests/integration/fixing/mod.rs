//! Fixes: each by itself, and as `--fix` applies them.

mod applied;
mod offered;
