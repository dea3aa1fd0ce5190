//! Files to start from.

/// One example: what it is called, and its text.
pub(crate) type Example = (&'static str, &'static str);

macro_rules! example {
    ($name:literal, $file:literal) => {
        (
            $name,
            include_str!(concat!("../../../examples/", $file, ".yaml")),
        )
    };
}

/// All of them, the simplest idea first.
pub(crate) const EXAMPLES: [Example; 8] = [
    example!("Three tiers", "three-tier"),
    example!("Aliases on two networks", "aliases"),
    example!("Scaling and round robin", "scaling"),
    example!("Static addresses", "static"),
    example!("A shared namespace", "sidecar"),
    example!("Internal network", "internal"),
    example!("IPv4 and IPv6", "dual-stack"),
    example!("External network", "shared"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use lab::Lab;
    use lab::view::Deed;

    #[test]
    fn every_example_is_without_fault_and_would_come_up() {
        let lab = Lab::new("lan", 1).unwrap();
        for (name, text) in EXAMPLES {
            let checked = lab.check("hostA", "/root/compose.yaml", text);
            assert_eq!(checked.marks, [], "{name}");
            let deeds: Vec<Deed> = checked.plan.iter().map(|p| p.deed).collect();
            let outside = name == "External network";
            let expected = if outside {
                vec![Deed::Create, Deed::Refuse]
            } else {
                vec![Deed::Create]
            };
            assert_eq!(deeds, expected, "{name}");
        }
    }
}
