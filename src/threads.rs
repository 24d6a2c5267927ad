//! How many threads can be used: the system may refuse to start as many as are asked for.

use std::sync::mpsc::channel;
use std::thread;

/// The maximum number of threads. More do not make a run faster.
const MAX: usize = 16;

/// The number of threads that can run at the same time, at most `wanted`; 0 for one per CPU core. 1 means that no thread
/// can be started: the work must be done on the current one.
pub fn available(wanted: usize) -> usize {
    let wanted = match wanted {
        0 => thread::available_parallelism().map_or(1, usize::from).min(12),
        wanted => wanted.min(MAX),
    };
    if wanted == 1 {
        return 1;
    }
    let started: Vec<_> = (0..wanted)
        .map_while(|_| {
            let (done, waiting) = channel::<()>();
            let started = thread::Builder::new().spawn(move || waiting.recv().is_ok()).ok()?;
            Some((done, started))
        })
        .collect();
    let count = started.len();
    for (done, thread) in started {
        drop(done);
        // It does nothing that could panic.
        let _ = thread.join();
    }
    count.max(1)
}

/// Sets up the threads that parse and check, at most `wanted`; 0 for one per CPU core.
pub fn prepare(wanted: usize) {
    let threads = available(wanted);
    let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads);
    // Only the first pool counts, and later attempts change nothing.
    if threads == 1 || pool().build_global().is_err() {
        let _ = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absurd_number_is_clamped() {
        assert!((1..=MAX).contains(&available(65_535)));
        assert!(available(0) >= 1);
        assert_eq!(available(1), 1);
    }
}
