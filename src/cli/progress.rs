//! The progress of a run: times for `--verbose`, and a line on a terminal if the run takes long.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::pipeline::Phase;
use crate::threads;

/// A shorter run shows no line.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);
const SPINNER: [char; 4] = ['|', '/', '-', '\\'];

/// How long each phase took, in order.
pub(super) type Times = Vec<(Phase, Duration)>;

/// Runs `work`. On a terminal, shows what it is doing after `patience`, and clears the line when done.
pub(super) fn with_status<'w, T: Send>(
    terminal: Option<(&mut (dyn Write + 'w), Duration)>,
    work: impl FnOnce(&(dyn Fn(String) + Sync)) -> T + Send,
) -> T {
    let doing: Mutex<String> = Mutex::new("starting".to_owned());
    let on_step = |step: String| *doing.lock().unwrap_or_else(PoisonError::into_inner) = step;
    let shown = || doing.lock().unwrap_or_else(PoisonError::into_inner).clone();
    drawn(terminal, &shown, || work(&on_step))
}

/// Runs `work`. On a terminal, shows a progress line after `patience` and clears it when done.
pub(super) fn with_progress<'w, T: Send>(
    terminal: Option<(&mut (dyn Write + 'w), Duration)>,
    work: impl FnOnce(&(dyn Fn(Phase) + Sync)) -> T + Send,
) -> (T, Times) {
    let begun: Mutex<Vec<(Phase, Instant)>> = Mutex::new(Vec::new());
    let entered = || begun.lock().unwrap_or_else(PoisonError::into_inner);
    let on_phase = |phase: Phase| entered().push((phase, Instant::now()));
    let shown = || entered().last().map_or("starting", |(phase, _)| doing(*phase)).to_owned();
    let result = drawn(terminal, &shown, || work(&on_phase));
    let end = Instant::now();
    let begun = begun.into_inner().unwrap_or_else(PoisonError::into_inner);
    let ends = begun.iter().skip(1).map(|(_, at)| *at).chain([end]);
    let times = begun
        .iter()
        .zip(ends)
        .map(|((phase, at), end)| (*phase, end.duration_since(*at)))
        .collect();
    (result, times)
}

/// Runs `work`. On a terminal, draws what it is doing after `patience`, and clears the line when done.
fn drawn<'w, T: Send>(
    terminal: Option<(&mut (dyn Write + 'w), Duration)>,
    doing: &dyn Fn() -> String,
    work: impl FnOnce() -> T + Send,
) -> T {
    let Some((out, patience)) = terminal.filter(|_| threads::available(2) == 2) else {
        return work();
    };
    thread::scope(|scope| {
        let (done, waiting) = channel::<()>();
        let worker = scope.spawn(|| {
            // Dropped when the work is over, even after a panic.
            let _done = done;
            work()
        });
        let (mut wait, mut turn) = (patience, 0);
        while waiting.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            // A progress line that cannot be written is not an error.
            let _ = write!(out, "\r\u{1b}[K{} {}", SPINNER[turn % SPINNER.len()], doing())
                .and_then(|()| out.flush());
            (wait, turn) = (TICK, turn + 1);
        }
        if turn > 0 {
            let _ = write!(out, "\r\u{1b}[K").and_then(|()| out.flush());
        }
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn doing(phase: Phase) -> &'static str {
    match phase {
        Phase::Discover => "finding and reading files",
        Phase::Parse => "parsing",
        Phase::Link => "linking",
        Phase::Check => "checking",
    }
}

/// A completed phase.
pub(super) fn done(phase: Phase) -> &'static str {
    match phase {
        Phase::Discover => "found and read",
        Phase::Parse => "parsed",
        Phase::Link => "linked",
        Phase::Check => "checked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_shows_a_line_and_clears_it() {
        let mut out = Vec::new();
        let (result, times) = with_progress(Some((&mut out, Duration::ZERO)), |on_phase| {
            on_phase(Phase::Parse);
            thread::sleep(Duration::from_millis(50));
            7
        });
        let shown = String::from_utf8(out).unwrap();
        assert_eq!((result, times.len(), times[0].0), (7, 1, Phase::Parse));
        assert!(shown.starts_with("\r\u{1b}[K|") && shown.ends_with("\r\u{1b}[K"), "{shown:?}");
    }

    #[test]
    fn a_short_run_shows_nothing() {
        let mut out = Vec::new();
        assert_eq!(with_progress(Some((&mut out, PATIENCE)), |_| 7).0, 7);
        assert!(out.is_empty());
    }
}
