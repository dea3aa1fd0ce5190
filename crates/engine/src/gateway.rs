//! Which of a container's networks the default route goes through.
//!
//! Pure. Source: moby `libnetwork/sandbox.go` (order of endpoints) and `default_gateway.go` (choice).

/// What the choice depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Name of the network.
    pub name: String,
    /// The user's priority; higher is better.
    pub priority: i64,
    /// True if the network is internal.
    pub internal: bool,
    /// True if it has an IPv4 gateway.
    pub v4: bool,
    /// True if it has an IPv6 gateway.
    pub v6: bool,
}

impl Candidate {
    /// Sorts better ones first.
    fn rank(&self) -> impl Ord {
        let gateways = u8::from(self.v4) + u8::from(self.v6);
        let is_swarm_bridge = self.name == "docker_gwbridge";
        (
            std::cmp::Reverse(self.priority),
            is_swarm_bridge,
            self.internal,
            std::cmp::Reverse(gateways),
            self.name.clone(),
        )
    }
}

/// Returns the positions of the candidates, best first.
pub fn order(candidates: &[Candidate]) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..candidates.len()).collect();
    sorted::sort_by_key(&mut positions, |at| {
        candidates.get(*at).map(Candidate::rank)
    });
    positions
}

/// Returns the positions of the gateways of IPv4 and IPv6. The first candidate with both takes both.
pub fn choose(candidates: &[Candidate]) -> (Option<usize>, Option<usize>) {
    let (mut v4, mut v6) = (None, None);
    for at in order(candidates) {
        let Some(c) = candidates.get(at) else {
            continue;
        };
        if c.v4 && c.v6 {
            return (Some(at), Some(at));
        }
        if c.v4 {
            v4 = v4.or(Some(at));
        }
        if c.v6 {
            v6 = v6.or(Some(at));
        }
    }
    (v4, v6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(name: &str, priority: i64, internal: bool, v4: bool, v6: bool) -> Candidate {
        Candidate {
            name: name.into(),
            priority,
            internal,
            v4,
            v6,
        }
    }

    #[test]
    fn priority_then_name_decides() {
        let nets = [
            net("zzz", 0, false, true, false),
            net("aaa", 0, false, true, false),
        ];
        assert_eq!(choose(&nets), (Some(1), None));
        let nets = [
            net("zzz", 1, false, true, false),
            net("aaa", 0, false, true, false),
        ];
        assert_eq!(choose(&nets), (Some(0), None));
    }

    #[test]
    fn a_network_with_both_families_takes_both() {
        let nets = [
            net("a", 5, false, true, false),
            net("b", 0, false, true, true),
        ];
        assert_eq!(choose(&nets), (Some(1), Some(1)));
        let nets = [
            net("a", 5, false, true, false),
            net("b", 0, false, false, true),
        ];
        assert_eq!(choose(&nets), (Some(0), Some(1)));
    }

    #[test]
    fn internal_networks_come_last_and_have_no_gateway() {
        let nets = [
            net("a", 0, true, false, false),
            net("b", 0, false, true, false),
        ];
        assert_eq!(order(&nets), [1, 0]);
        assert_eq!(choose(&nets[..1]), (None, None));
    }
}
