//! Names and ids that the engine makes up.

/// Source of random numbers; on a simulated machine the kernel's generator.
pub trait Random {
    /// Returns a number below `n`, 0 if `n` is 0.
    fn below(&mut self, n: u64) -> u64;
}

impl Random for kernel::rng::Rng {
    fn below(&mut self, n: u64) -> u64 {
        Self::below(self, n)
    }
}

const LEFT: [&str; 48] = [
    "agile", "amber", "bold", "brave", "breezy", "bright", "calm", "careful", "cheerful", "clever",
    "cosy", "curious", "daring", "eager", "earnest", "fair", "fearless", "fond", "frank", "gentle",
    "glad", "golden", "grand", "happy", "honest", "humble", "jolly", "keen", "kind", "lively",
    "lucid", "merry", "modest", "nimble", "patient", "placid", "polite", "proud", "quick", "quiet",
    "sharp", "silent", "steady", "sunny", "tidy", "vivid", "warm", "witty",
];

/// People of computing and networking.
const RIGHT: [&str; 48] = [
    "allen",
    "babbage",
    "backus",
    "baran",
    "bartik",
    "berners",
    "boole",
    "booth",
    "brooks",
    "cerf",
    "clarke",
    "cohen",
    "davies",
    "dijkstra",
    "eckert",
    "elion",
    "engelbart",
    "feinler",
    "floyd",
    "goldberg",
    "hamilton",
    "hoare",
    "hopper",
    "jacobson",
    "kahn",
    "kay",
    "keller",
    "kernighan",
    "kleinrock",
    "knuth",
    "lamport",
    "liskov",
    "lovelace",
    "mauchly",
    "mccarthy",
    "metcalfe",
    "mills",
    "perlman",
    "postel",
    "ritchie",
    "roberts",
    "shannon",
    "sutherland",
    "thompson",
    "turing",
    "wilkes",
    "wing",
    "wirth",
];

/// Makes up a container name, `adjective_surname`. From the second try on a digit is added, in case the name is taken.
pub fn random_name(random: &mut impl Random, attempt: u32) -> String {
    let mut pick = |words: &[&'static str]| {
        let n = usize::try_from(random.below(words.len() as u64)).unwrap_or(0);
        words.get(n).copied().unwrap_or("plain")
    };
    let name = format!("{}_{}", pick(&LEFT), pick(&RIGHT));
    if attempt == 0 {
        name
    } else {
        format!("{name}{}", random.below(10))
    }
}

/// Makes an id of 64 hexadecimal digits. One whose first twelve are all decimal is drawn again, since it could not be
/// used as a host name.
pub fn random_id(random: &mut impl Random) -> String {
    loop {
        let id = hex(random, 64);
        if id.chars().take(12).any(|c| !c.is_ascii_digit()) {
            return id;
        }
    }
}

/// Makes text of hexadecimal digits.
pub fn hex(random: &mut impl Random, digits: usize) -> String {
    (0..digits)
        .filter_map(|_| char::from_digit(u32::try_from(random.below(16)).unwrap_or(0), 16))
        .collect()
}

/// Returns the first twelve digits of an id.
pub fn short_id(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// Returns whether a container may have this name, without a slash: `[a-zA-Z0-9][a-zA-Z0-9_.-]+`.
pub fn is_container_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphanumeric())
        && name.len() > 1
        && chars.all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Count(u64);

    impl Random for Count {
        fn below(&mut self, n: u64) -> u64 {
            self.0 += 7;
            if n == 0 { 0 } else { self.0 % n }
        }
    }

    #[test]
    fn names_and_ids_have_dockers_form() {
        let mut random = Count(0);
        let name = random_name(&mut random, 0);
        assert!(name.split_once('_').is_some() && is_container_name(&name));
        assert!(random_name(&mut random, 1).ends_with(|c: char| c.is_ascii_digit()));
        assert_eq!(random_id(&mut random).len(), 64);
    }

    #[test]
    fn container_names_need_two_characters() {
        for bad in ["", "x", "_bad", "bad/name", "a b", "-a"] {
            assert!(!is_container_name(bad), "{bad}");
        }
        for good in ["ab", "a.b-c_d", "0x"] {
            assert!(is_container_name(good), "{good}");
        }
    }
}
