//! A set of ranges with a fast check for overlap with another range.

use std::ops::Range;

/// A set of ranges, which may overlap. A check takes logarithmic time.
#[derive(Debug, Default)]
pub struct Spans {
    /// In ascending order of the starts: a start, and the largest end up to and including this range.
    starts: Vec<(usize, usize)>,
}

impl Spans {
    pub fn overlaps(&self, range: &Range<usize>) -> bool {
        let started = self.starts.partition_point(|(start, _)| *start < range.end);
        started
            .checked_sub(1)
            .and_then(|last| self.starts.get(last))
            .is_some_and(|(_, largest_end)| *largest_end > range.start)
    }
}

impl FromIterator<Range<usize>> for Spans {
    fn from_iter<I: IntoIterator<Item = Range<usize>>>(ranges: I) -> Self {
        let mut starts: Vec<(usize, usize)> =
            ranges.into_iter().map(|range| (range.start, range.end)).collect();
        starts.sort_unstable();
        let mut largest_end = 0;
        for (_, end) in &mut starts {
            largest_end = largest_end.max(*end);
            *end = largest_end;
        }
        Spans { starts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_found_in_nested_ranges() {
        let spans: Spans = [5..30, 6..7, 40..41].into_iter().collect();
        for range in [0..6, 29..40, 10..11, 0..100, 40..50] {
            assert!(spans.overlaps(&range), "{range:?}");
        }
        for range in [0..5, 30..40, 41..50] {
            assert!(!spans.overlaps(&range), "{range:?}");
        }
        assert!(!Spans::default().overlaps(&(0..9)));
    }
}
