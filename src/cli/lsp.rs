//! `sfcred lsp`.

use clap::Args;

use super::{Environment, Failure, Status};
use crate::lsp;
use crate::report::Printer;

/// Serve an editor: findings while you type, fixes, explanations
///
/// Speaks the Language Server Protocol on standard input and output. Editors start it; docs/editors.md
/// describes how to set them up. Checks what `sfcred lint` would check in each folder of the
/// workspace, with unsaved changes.
#[derive(Debug, Args)]
pub(super) struct Lsp {
    /// Accepted because many editors pass it; the server uses no other channel
    #[arg(long)]
    stdio: bool,
}

impl Lsp {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        out: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let input = (environment.stdin)();
        let folder = environment.working_directory.clone();
        match lsp::serve(input, out.verbatim()?, folder, environment.today) {
            Ok(true) => Ok(Status::Clean),
            Ok(false) => Ok(Status::Findings),
            // The client is gone.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Status::Findings),
            Err(error) => Err(error.into()),
        }
    }
}
