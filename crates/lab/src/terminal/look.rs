//! How text looks: the sequence that sets colours and weight.
//!
//! All colours become one of sixteen, which a front end shows in tones that can be read on its ground, whatever a program
//! had in mind. Source: ECMA-48 (SGR); xterm's tables of 256 colours.

use crate::view::Look;

/// Changes a look as the parameters of a sequence that ends in `m` say.
pub(crate) fn dress(look: &mut Look, parameters: &str) {
    let mut numbers = parameters
        .split([';', ':'])
        .map(|word| word.parse::<u8>().unwrap_or(0));
    while let Some(number) = numbers.next() {
        match number {
            0 => *look = Look::default(),
            1 => look.bold = true,
            2 => look.dim = true,
            3 => look.italic = true,
            4 => look.underline = true,
            7 => look.inverse = true,
            9 => look.struck = true,
            21 | 22 => (look.bold, look.dim) = (false, false),
            23 => look.italic = false,
            24 => look.underline = false,
            27 => look.inverse = false,
            29 => look.struck = false,
            30..=37 => look.ink = Some(number - 30),
            39 => look.ink = None,
            40..=47 => look.paper = Some(number - 40),
            49 => look.paper = None,
            90..=97 => look.ink = Some(number - 90 + 8),
            100..=107 => look.paper = Some(number - 100 + 8),
            38 | 48 => {
                let colour = match numbers.next() {
                    Some(5) => numbers.next().map(indexed),
                    Some(2) => {
                        let mut next = || numbers.next().unwrap_or(0);
                        Some(nearest([next(), next(), next()]))
                    }
                    _ => None,
                };
                if number == 38 {
                    look.ink = colour.or(look.ink);
                } else {
                    look.paper = colour.or(look.paper);
                }
            }
            _ => {}
        }
    }
}

/// One of 256 colours as one of sixteen.
fn indexed(number: u8) -> u8 {
    match number {
        0..=15 => number,
        16..=231 => {
            let cube = number - 16;
            let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
            nearest([level(cube / 36), level(cube / 6 % 6), level(cube % 6)])
        }
        232..=255 => nearest([8 + (number - 232) * 10; 3]),
    }
}

/// A colour of red, green and blue as one of sixteen: grey by lightness, else by which parts are strong.
fn nearest(rgb: [u8; 3]) -> u8 {
    let most = rgb.into_iter().max().unwrap_or(0);
    let least = rgb.into_iter().min().unwrap_or(0);
    if most - least < 40 {
        return match most {
            0..=63 => 0,
            64..=143 => 8,
            144..=215 => 7,
            _ => 15,
        };
    }
    let middle = least + (most - least) / 2;
    let strong = rgb.map(|part| u8::from(part > middle));
    let [red, green, blue] = strong;
    let bright = if most > 215 { 8 } else { 0 };
    red + 2 * green + 4 * blue + bright
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(parameters: &str) -> Look {
        let mut look = Look::default();
        dress(&mut look, parameters);
        look
    }

    #[test]
    fn weights_and_colours_are_set_and_taken_back() {
        let red = look("1;31");
        assert!(red.bold && red.ink == Some(1));
        assert_eq!(look("1;4;31;44;0"), Look::default());
        assert_eq!(look("1;31;22;39"), Look::default());
        assert_eq!(look(""), Look::default());
        assert_eq!(look("97;101").ink, Some(15));
        assert_eq!(look("97;101").paper, Some(9));
    }

    #[test]
    fn many_colours_become_sixteen() {
        assert_eq!(look("38;5;9").ink, Some(9));
        assert_eq!(look("38;5;196").ink, Some(9));
        assert_eq!(look("38;5;22").ink, Some(2));
        assert_eq!(look("38;5;244").ink, Some(8));
        assert_eq!(look("48;2;0;0;255").paper, Some(12));
        assert_eq!(look("38;2;255;165;0;1").ink, Some(11));
        assert!(look("38:2:1:2:3;1").bold);
        assert_eq!(look("38;5").ink, None);
        assert_eq!(look("38;9;31").ink, Some(1));
    }
}
