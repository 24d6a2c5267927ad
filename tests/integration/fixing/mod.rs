//! Fixes: each on its own, and all together with `--fix`.

mod applied;
mod offered;
