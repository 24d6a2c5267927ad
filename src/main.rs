//! The process: arguments, environment and exit status. Nothing else reads them.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use sfcred::internals::cli::{self, Environment, Status, Stopper};
use sfcred::internals::threads;

/// The exit status of a shell for a program that was interrupted: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Ends the log on standard input, if one is read.
static STOPPER: Mutex<Option<Stopper>> = Mutex::new(None);

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(report_panic));
    // Without the handler, an interrupt ends the program, and temporary files can be left behind.
    let _ = ctrlc::set_handler(interrupt);
    let threads = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok());
    threads::prepare(threads.unwrap_or(0));
    let environment = match environment() {
        Ok(environment) => environment,
        Err(error) => {
            let _ =
                writeln!(io::stderr(), "error: cannot determine the working directory: {error}");
            return ExitCode::from(Status::NoRun as u8);
        }
    };
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    let status = cli::run(std::env::args_os(), &environment, &mut out, &mut io::stderr());
    ExitCode::from(status as u8)
}

/// The first interrupt ends the log on standard input; otherwise it ends the program.
fn interrupt() {
    let stopper = STOPPER.lock().unwrap_or_else(PoisonError::into_inner);
    if !stopper.as_ref().is_some_and(Stopper::stop) {
        cli::abandon(|| std::process::exit(INTERRUPTED));
    }
}

fn environment() -> io::Result<Environment<'static>> {
    Ok(Environment {
        working_directory: std::env::current_dir()?,
        today: time::OffsetDateTime::now_utc().date(),
        stdout_is_terminal: io::stdout().is_terminal(),
        stderr_is_terminal: io::stderr().is_terminal(),
        stdin_is_terminal: io::stdin().is_terminal(),
        width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
        lookup: &|name| std::env::var(name).ok(),
        variables: &|| {
            std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect()
        },
        stdin: &|| Box::new(io::stdin()),
        live_stdin: &|| {
            if threads::available(2) < 2 {
                return Box::new(io::stdin());
            }
            let (input, stopper) = cli::live_input(io::stdin());
            *STOPPER.lock().unwrap_or_else(PoisonError::into_inner) = Some(stopper);
            Box::new(input)
        },
    })
}

/// Prints only the place in our code: the message of a panic may quote a file, and with it a
/// secret.
fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(|location| format!(" ({}:{})", location.file(), location.line()))
        .unwrap_or_default();
    let _ = writeln!(
        io::stderr(),
        "error: sfcred crashed{place}; please report this bug with the command line"
    );
    std::process::exit(i32::from(Status::NoRun as u8));
}
