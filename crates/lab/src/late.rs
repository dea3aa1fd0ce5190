//! What a lab does only for somebody who uses it. A page may load this code after the lab has been drawn.
//!
//! Everything here is reached through [`LATE`] alone, so a linker that sees no other way to it can put it elsewhere.

use kernel::ids::ProcessId;
use kernel::state::Kernel;
use kernel::world::Programs;

use crate::explain::{self, Asked};
use crate::places::Places;
use crate::view::{Checked, Completions, Explanation, Export, Exported, Topology};
use crate::{complete, editing, exports};

/// Entry points of what comes late: see the functions of the same names.
pub struct Late {
    /// Adds the programs that machines do not run by themselves.
    pub(crate) programs: fn(&Programs),
    /// [`complete::complete`].
    pub(crate) complete: fn(&Kernel, ProcessId, &str, &str, usize) -> Completions,
    /// [`editing::complete`].
    pub(crate) complete_file: fn(&Kernel, &str, &str, &str, (usize, usize)) -> Completions,
    /// [`editing::check`].
    pub(crate) check: fn(&Kernel, &str, &str, &str, &str) -> Checked,
    /// [`exports::export`].
    pub(crate) export: fn(&Kernel, &Places, &str, Export) -> Option<Exported>,
    /// [`explain::last`].
    pub(crate) explain: fn(&Kernel, &Places, &Topology, &Asked<'_>) -> Option<Explanation>,
}

/// All of it.
pub static LATE: Late = Late {
    programs,
    complete: complete::complete,
    complete_file: editing::complete,
    check: editing::check,
    export: exports::export,
    explain: explain::last,
};

fn programs(programs: &Programs) {
    userland::registry::fill(programs);
    engine::register(programs);
    cli::register(programs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lab;

    /// What is on the terminals and the stage, as text.
    fn shown(lab: &Lab) -> String {
        format!("{:?}{:?}", lab.terminals(), lab.topology())
    }

    #[test]
    fn a_lab_looks_the_same_before_the_rest_has_come() {
        for scenario in ["lan", "strict", "pair"] {
            let mut early = Lab::early(scenario, 1).unwrap();
            let whole = Lab::new(scenario, 1).unwrap();
            assert_eq!(shown(&early), shown(&whole));
            early.finish(&LATE);
            assert_eq!(shown(&early), shown(&whole));
        }
    }

    #[test]
    fn what_came_late_works_in_shells_that_ran_before() {
        let typed = |mut lab: Lab| {
            let terminal = lab.terminals().first().unwrap().id;
            let text = "ip -br addr; docker network ls; docker run --rm busybox ip -br addr; curl -s http://site.example.test";
            lab.apply(crate::log::Input::Line {
                terminal,
                text: text.to_owned(),
            });
            lab.run_idle(10_000_000_000);
            shown(&lab)
        };
        let mut early = Lab::early("lan", 1).unwrap();
        early.finish(&LATE);
        assert_eq!(typed(early), typed(Lab::new("lan", 1).unwrap()));
    }

    #[test]
    fn a_saved_lab_can_go_on_from_one_that_was_made_before() {
        let mut lab = Lab::new("lan", 1).unwrap();
        let terminal = lab.terminals().first().unwrap().id;
        let text = "docker run -d --name web nginx; ip route".to_owned();
        lab.apply(crate::log::Input::Line { terminal, text });
        lab.run_idle(10_000_000_000);
        for made in [("lan", 1), ("lan", 2), ("pair", 1)] {
            let made = Lab::early(made.0, made.1).unwrap();
            let restored = Lab::restore_with(&lab.save(), &LATE, Some(made)).unwrap();
            assert_eq!(shown(&restored), shown(&lab));
        }
    }

    #[test]
    fn every_name_is_known_from_the_beginning() {
        let early = Lab::early("lan", 1).unwrap();
        let names = early.world.programs().keys();
        let missing = names
            .iter()
            .filter(|name| early.world.programs().get(name).is_none());
        assert!(missing.count() > 100);
        (LATE.programs)(early.world.programs());
        assert_eq!(names, early.world.programs().keys());
        assert!(
            names
                .iter()
                .all(|name| early.world.programs().get(name).is_some())
        );
    }
}
