//! Making a session that differs shorter.

use crate::generate::Step;

/// Leaves out as many steps as it can, halves first and then one by one, while `differs` stays true.
pub(crate) fn shrink(
    mut steps: Vec<Step>,
    differs: impl Fn(&[Step]) -> Result<bool, String>,
) -> Result<Vec<Step>, String> {
    if !differs(&steps)? {
        return Err("this session does not differ".to_owned());
    }
    let mut size = steps.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < steps.len() {
            let shorter: Vec<Step> = steps
                .iter()
                .take(at)
                .chain(steps.iter().skip(at + size))
                .cloned()
                .collect();
            if !shorter.is_empty() && differs(&shorter)? {
                steps = shorter;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::shrink;
    use crate::generate::{Kind, session};

    #[test]
    fn only_what_a_difference_needs_is_left() {
        let steps = session(Kind::Containers, 1, 20);
        let wanted = [steps[2].clone(), steps[11].clone()];
        let found = shrink(steps, |rest| {
            Ok(wanted.iter().all(|step| rest.contains(step)))
        });
        assert_eq!(found.unwrap(), wanted);
    }

    #[test]
    fn a_seed_repeats_its_session() {
        for (_, kind) in Kind::ALL {
            assert_eq!(session(kind, 7, 30), session(kind, 7, 30));
            assert_ne!(session(kind, 7, 30), session(kind, 8, 30));
        }
    }
}
