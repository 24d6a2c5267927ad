//! Arguments, a command, an exit status. The only place that asks the machine for anything but files.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use sfcred::cli::{self, Machine, Status};

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(tell_of_a_fault));
    let machine = match machine() {
        Ok(machine) => machine,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: the working directory cannot be found: {error}");
            return ExitCode::from(Status::NoRun as u8);
        }
    };
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    let status = cli::run(std::env::args_os(), &machine, &mut out, &mut io::stderr());
    ExitCode::from(status as u8)
}

fn machine() -> io::Result<Machine<'static>> {
    Ok(Machine {
        working_directory: std::env::current_dir()?,
        today: time::OffsetDateTime::now_utc().date(),
        stdout_is_terminal: io::stdout().is_terminal(),
        stderr_is_terminal: io::stderr().is_terminal(),
        stdin_is_terminal: io::stdin().is_terminal(),
        width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
        environment: &|name| std::env::var(name).ok(),
        variables: &|| {
            std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect()
        },
        stdin: &|| Box::new(io::stdin()),
    })
}

/// The payload of a panic may quote a file, and with it a secret: only the place in our own code is shown.
fn tell_of_a_fault(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(|location| format!(" ({}:{})", location.file(), location.line()))
        .unwrap_or_default();
    let _ = writeln!(
        io::stderr(),
        "sfcred met a fault of its own{place}; please report it with the command line"
    );
    std::process::exit(i32::from(Status::NoRun as u8));
}
