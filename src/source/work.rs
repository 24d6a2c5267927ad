//! A count of elementary steps, so that tests can compare work instead of time: it is the same on every machine.
//!
//! Text values and the lists of the model count each access. Only builds with debug assertions count, each thread for
//! itself; a test that runs the whole pipeline on one thread reads the sum.

#[cfg(debug_assertions)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts one step.
#[inline]
pub fn step() {
    #[cfg(debug_assertions)]
    STEPS.with(|steps| steps.set(steps.get() + 1));
}

/// The steps that this thread has counted so far; always 0 without debug assertions.
pub fn steps() -> u64 {
    #[cfg(debug_assertions)]
    return STEPS.with(std::cell::Cell::get);
    #[cfg(not(debug_assertions))]
    0
}
