//! A whole setup, and what a trace says with each of its steps left out in turn.
