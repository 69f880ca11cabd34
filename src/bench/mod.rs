//! Benchmarks: cold and warm calls of contenders that take turns, so that other load on the machine
//! or the region affects all of them alike.

mod entrant;
mod error;
mod knee;
mod lambda;
mod local;
mod price;
mod stats;

pub use entrant::Entrant;
pub use error::Error;
pub use knee::{RULE, knees};
pub use lambda::{Copied, CopiedCode, lambda, sweep};
pub use local::{Contained, local};
pub use price::prices;

/// The order of `count` contenders in a round, counted from 0: alternately forwards and backwards,
/// so that a steady drift cancels out.
fn order(count: usize, round: u32) -> Vec<usize> {
    match round % 2 {
        0 => (0..count).collect(),
        _ => (0..count).rev().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn a_steady_drift_hits_every_contender_alike() {
        let mut total = [0; 3];
        let turns = (0..4).flat_map(|round| order(3, round));
        for (time, contender) in turns.enumerate() {
            total[contender] += time;
        }
        assert_eq!(total, [22, 22, 22]);
    }
}
