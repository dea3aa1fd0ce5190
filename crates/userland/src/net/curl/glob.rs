//! Addresses with `{a,b}` and `[1-3]` in them. Source: `curl(1)`, "GLOBBING"; texts of `tool_urlglob.c`.

/// More addresses than that from one pattern are refused.
const MOST: usize = 10_000;

/// One of the addresses that a pattern stands for.
#[derive(Clone, Default, Debug)]
pub(super) struct Address {
    /// The address.
    pub(super) url: String,
    /// What stands there for each part in braces or brackets.
    parts: Vec<String>,
}

impl Address {
    /// An address as it was given.
    pub(super) fn plain(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            parts: Vec::new(),
        }
    }

    /// A file's name with `#1` and the like replaced by what stands for that part. Source: `glob_match_url`.
    pub(super) fn name(&self, pattern: &str) -> String {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('#') {
            out += before;
            let digits = after
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(after.len());
            let (number, behind) = after.split_at_checked(digits).unwrap_or((after, ""));
            let number = number.parse::<usize>().ok();
            let part = number.and_then(|n| self.parts.get(n.checked_sub(1)?));
            match part {
                Some(part) => {
                    out += part;
                    rest = behind;
                }
                None => {
                    out.push('#');
                    rest = after;
                }
            }
        }
        out + rest
    }
}

/// All the addresses that a pattern stands for, the last part changing fastest.
///
/// # Errors
/// What curl says of a broken pattern, with the pattern and a mark below the place.
pub(super) fn expand(pattern: &str) -> Result<Vec<Address>, String> {
    let mut made = vec![Address::default()];
    let mut rest = pattern;
    let wrong = |what: &str, rest: &str| {
        let column = pattern.chars().count() - rest.chars().count() + 1;
        format!(
            "{what} in position {column}:\n{pattern}\n{}^",
            " ".repeat(column - 1)
        )
    };
    while let Some(c) = rest.chars().next() {
        let inside = rest.get(c.len_utf8()..).unwrap_or_default();
        let (choices, after) = match c {
            '{' => {
                let Some((list, after)) = inside.split_once('}') else {
                    return Err(wrong("unmatched brace", ""));
                };
                if list.is_empty() {
                    return Err(wrong("empty string within braces", inside));
                }
                (list.split(',').map(str::to_owned).collect(), after)
            }
            // An IPv6 address in its brackets is no range, with its zone or without.
            '[' if inside
                .split([']', '%'])
                .next()
                .is_some_and(|a| a.parse::<std::net::Ipv6Addr>().is_ok()) =>
            {
                let (address, after) = inside.split_once(']').unwrap_or((inside, ""));
                (vec![format!("[{address}]")], after)
            }
            '[' => match inside.split_once(']') {
                Some((text, after)) => match range(text) {
                    Some(choices) => (choices, after),
                    None if text.len() <= 1 => return Err(wrong("bad range", inside)),
                    None => return Err(wrong("bad range", after)),
                },
                None => return Err(wrong("bad range", "")),
            },
            '}' | ']' => return Err(wrong("unmatched close brace/bracket", rest)),
            '\\' if inside.starts_with(['{', '}', '[', ']']) => {
                let (quoted, after) = inside.split_at(1);
                (vec![quoted.to_owned()], after)
            }
            c => (vec![c.to_string()], inside),
        };
        rest = after;
        if made.len() * choices.len() > MOST {
            return Err(wrong("range overflow", rest));
        }
        let is_part = c == '{' || (c == '[' && choices.first().is_none_or(|c| !c.starts_with('[')));
        let longer = |start: &Address, choice: &String| {
            let mut next = start.clone();
            next.url += choice;
            next.parts.extend(is_part.then(|| choice.clone()));
            next
        };
        made = made
            .iter()
            .flat_map(|start| choices.iter().map(move |choice| longer(start, choice)))
            .collect();
    }
    Ok(made)
}

/// `1-3`, `01-10`, `a-e`, each perhaps with `:STEP`.
fn range(text: &str) -> Option<Vec<String>> {
    let (ends, step) = text
        .split_once(':')
        .map_or((text, "1"), |(ends, step)| (ends, step));
    let step = step.parse::<usize>().ok().filter(|step| *step > 0)?;
    let (from, to) = ends.split_once('-')?;
    if let (Ok(first), Ok(last)) = (from.parse::<u32>(), to.parse::<u32>()) {
        let width = if from.starts_with('0') { from.len() } else { 0 };
        return (first <= last && (last - first) as usize / step < MOST).then(|| {
            (first..=last)
                .step_by(step)
                .map(|n| format!("{n:0width$}"))
                .collect()
        });
    }
    let letter = |end: &str| {
        let mut letters = end.chars();
        letters
            .next()
            .filter(|c| c.is_ascii_alphabetic() && letters.next().is_none())
    };
    let (first, last) = (letter(from)?, letter(to)?);
    (first <= last).then(|| (first..=last).step_by(step).map(String::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(pattern: &str) -> Vec<String> {
        let all = expand(pattern).unwrap().into_iter();
        all.map(|address| address.url).collect()
    }

    #[test]
    fn names_of_files_take_the_parts() {
        let all = expand("http://[::1]/{a,b}[8-9]").unwrap();
        let last = all.last().unwrap();
        assert_eq!(last.name("out_#2_#1.txt"), "out_9_b.txt");
        assert_eq!(last.name("#3#0#x#"), "#3#0#x#");
    }

    #[test]
    fn patterns_stand_for_their_addresses() {
        assert_eq!(urls("h/{a,b}[8-10:2]"), ["h/a8", "h/a10", "h/b8", "h/b10"]);
        assert_eq!(urls("[01-02][a-b]"), ["01a", "01b", "02a", "02b"]);
        assert_eq!(urls("http://[::1]:80/"), ["http://[::1]:80/"]);
        let of_a_link = "http://[fe80::1%25eth0]/";
        assert_eq!(urls(of_a_link), [of_a_link]);
        assert_eq!(
            expand("http://127.0.0.1:1/{x").unwrap_err(),
            "unmatched brace in position 22:\nhttp://127.0.0.1:1/{x\n                     ^"
        );
    }
}
