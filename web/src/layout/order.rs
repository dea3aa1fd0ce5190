//! In which order a machine's networks stand side by side.
//!
//! Networks that share containers want to be neighbours, since a shared container then sits astride their border.
//! Nothing moves without a reason: an order is changed only when that brings more sharers together.

/// How many containers two networks share, by their position in the list given to [`arrange`].
pub(crate) type Shares = Vec<(usize, usize, u32)>;

/// Most lanes for which every order is tried.
const EXACT: usize = 7;

/// Orders networks by index, starting from an order that should be kept if possible.
///
/// `pinned` networks at the beginning of `start` stay where they are.
pub(crate) fn arrange(start: &[usize], shares: &Shares, pinned: usize) -> Vec<usize> {
    let mut best = start.to_vec();
    let mut score = neighbours(&best, shares);
    if score == shares.iter().filter(|s| s.2 > 0).map(|s| s.2).sum::<u32>() {
        return best;
    }
    if start.len().saturating_sub(pinned) <= EXACT {
        let mut order = start.to_vec();
        permute(&mut order, pinned, &mut |candidate| {
            let s = neighbours(candidate, shares);
            if s > score
                || (s == score && displacement(candidate, start) < displacement(&best, start))
            {
                score = s;
                best = candidate.to_vec();
            }
        });
        return best;
    }
    loop {
        let mut improved = false;
        for i in pinned..best.len() {
            for j in i + 1..best.len() {
                let mut candidate = best.clone();
                candidate.swap(i, j);
                let s = neighbours(&candidate, shares);
                if s > score {
                    (score, best, improved) = (s, candidate, true);
                }
            }
        }
        if !improved {
            return best;
        }
    }
}

/// How many shared containers stand between neighbours in this order.
fn neighbours(order: &[usize], shares: &Shares) -> u32 {
    order
        .windows(2)
        .map(|w| match *w {
            [a, b] => shares
                .iter()
                .filter(|s| (s.0 == a && s.1 == b) || (s.0 == b && s.1 == a))
                .map(|s| s.2)
                .sum(),
            _ => 0,
        })
        .sum()
}

/// How far networks have moved from where they were.
fn displacement(order: &[usize], start: &[usize]) -> usize {
    let at = |n: usize| start.iter().position(|s| *s == n).unwrap_or(0);
    order
        .iter()
        .enumerate()
        .map(|(i, n)| at(*n).abs_diff(i))
        .sum()
}

fn permute(order: &mut [usize], from: usize, visit: &mut impl FnMut(&[usize])) {
    if from + 1 >= order.len() {
        visit(order);
        return;
    }
    for i in from..order.len() {
        order.swap(from, i);
        permute(order, from + 1, visit);
        order.swap(from, i);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_when_nothing_is_shared() {
        assert_eq!(arrange(&[0, 1, 2, 3], &vec![], 1), [0, 1, 2, 3]);
    }

    #[test]
    fn sharers_become_neighbours_with_the_least_moving() {
        assert_eq!(arrange(&[0, 1, 2, 3], &vec![(1, 3, 1)], 1), [0, 1, 3, 2]);
    }

    #[test]
    fn the_first_network_stays_first() {
        assert_eq!(arrange(&[0, 1, 2], &vec![(0, 2, 1)], 1), [0, 2, 1]);
    }

    #[test]
    fn many_lanes_are_ordered_without_trying_everything() {
        let start: Vec<usize> = (0..20).collect();
        let order = arrange(&start, &vec![(3, 17, 2)], 1);
        let at = |n| order.iter().position(|x| *x == n).unwrap();
        assert_eq!(at(3).abs_diff(at(17)), 1);
    }
}
