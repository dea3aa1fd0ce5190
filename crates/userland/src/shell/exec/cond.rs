//! What `[[ ]]` finds.

use crate::shell::Flavour;
use crate::shell::ast::{Cond, Piece, Word};
use crate::shell::state::{Abort, Boxed, Shell};

impl Shell {
    pub(super) fn cond<'a>(&'a mut self, cond: &'a Cond) -> Boxed<'a, Result<bool, Abort>> {
        Box::pin(async move {
            Ok(match cond {
                Cond::And(a, b) => self.cond(a).await? && self.cond(b).await?,
                Cond::Or(a, b) => self.cond(a).await? || self.cond(b).await?,
                Cond::Not(a) => !self.cond(a).await?,
                Cond::Word(word) => !self.single(word).await?.is_empty(),
                Cond::Unary(op, word) => {
                    let operand = self.single(word).await?;
                    match op.as_str() {
                        "-v" => self.is_set(&operand),
                        "-o" => self.option_is_on(&operand),
                        op => crate::text::test::unary(&self.sys, op, &operand).unwrap_or(false),
                    }
                }
                Cond::Binary(a, op, b) => {
                    let left = self.single(a).await?;
                    match op.as_str() {
                        "=" | "==" => self.pattern(b).await?.matches(&left),
                        "!=" => !self.pattern(b).await?.matches(&left),
                        "<" => left < self.single(b).await?,
                        ">" => left > self.single(b).await?,
                        "=~" => self.regex_matches(&left, b).await?,
                        "-nt" | "-ot" | "-ef" => {
                            let right = self.single(b).await?;
                            crate::text::test::binary(&self.sys, &left, op, &right).unwrap_or(false)
                        }
                        op => {
                            let left = self
                                .arithmetic(&Word {
                                    pieces: vec![Piece::Quoted(left)],
                                })
                                .await?;
                            let right = self.arithmetic(b).await?;
                            crate::text::test::compare(op, left, right)
                        }
                    }
                }
            })
        })
    }

    async fn regex_matches(&mut self, text: &str, word: &Word) -> Result<bool, Abort> {
        let field = self.unsplit(word).await?;
        let mut pattern = String::new();
        for (c, quoted) in field {
            if quoted && !c.is_alphanumeric() && !c.is_whitespace() {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        match crate::text::regex::Regex::extended(&pattern, false) {
            Ok(regex) => {
                let found = regex.groups_at(text, 0);
                if self.flavour == Flavour::Bash {
                    let groups = found.as_deref().unwrap_or_default();
                    let part = |group: &Option<(usize, usize)>| {
                        let (start, end) = group.unwrap_or_default();
                        text.get(start..end).unwrap_or_default().to_owned()
                    };
                    self.assign_array("BASH_REMATCH", groups.iter().map(part).collect())?;
                }
                Ok(found.is_some())
            }
            Err(error) => {
                self.complain(&format!(
                    "[[: invalid regular expression `{pattern}': {error}"
                ));
                Err(Abort)
            }
        }
    }
}
