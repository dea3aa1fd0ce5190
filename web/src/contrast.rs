//! The contrast of the style sheet's colours, as WCAG 2.2 measures it (1.4.3 for texts, 1.4.11 for graphics).

const STYLE: &str = include_str!("../style/tokens.css");

/// Texts, and what they stand on: 4.5 to 1.
const TEXTS: [(&str, &[&str]); 12] = [
    ("tx1", &["bg0", "bg1", "bg2", "bg3", "stage"]),
    ("tx2", &["bg0", "bg1", "bg2", "bg3", "stage"]),
    ("tx3", &["bg1", "bg2", "stage"]),
    ("ac", &["bg1", "bg2", "stage"]),
    ("drop", &["bg1", "bg2", "stage", "dropsoft"]),
    ("ok", &["bg1", "bg2", "stage", "oksoft"]),
    ("warn", &["bg1", "bg2", "stage", "warnsoft"]),
    ("ac", &["acsoft"]),
    ("tx1", &["acsoft"]),
    ("actx", &["acfill"]),
    ("inkon", &["ink"]),
    ("ink", &["bg1", "bg2", "stage"]),
];
/// What is seen and not read: 3 to 1.
const GRAPHICS: [&str; 10] = [
    "line2", "wire", "n1", "n2", "n3", "n4", "n5", "n6", "ac", "drop",
];

/// The value of a token in a theme.
fn token(theme: &str, name: &str) -> [f64; 3] {
    let value = STYLE.split(&format!("--{name}: ")).nth(1).unwrap();
    let value = value.split(';').next().unwrap();
    // `light-dark(LIGHT, DARK)`, or one colour for both.
    let mut colours = value.split('#').skip(1);
    let light = colours.next().unwrap();
    let value = match theme {
        "dark" => colours.next().unwrap_or(light),
        _ => light,
    };
    let byte = |i: usize| f64::from(u8::from_str_radix(&value[i..i + 2], 16).unwrap()) / 255.0;
    [byte(0), byte(2), byte(4)]
}

/// Relative luminance.
fn luminance(colour: [f64; 3]) -> f64 {
    let [r, g, b] = colour.map(|c| {
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn white_on_black_is_21_to_1() {
    assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
}

#[test]
fn texts_and_graphics_stand_out_in_both_themes() {
    let mut poor = Vec::new();
    for theme in ["dark", "light"] {
        let graphics = GRAPHICS.map(|name| (name, ["bg1", "bg2", "stage"].as_slice(), 3.0));
        let texts = TEXTS.map(|(name, on)| (name, on, 4.5));
        for (name, grounds, least) in texts.into_iter().chain(graphics) {
            for ground in grounds {
                let got = contrast(token(theme, name), token(theme, ground));
                if got < least {
                    poor.push(format!("{theme} {name} on {ground}: {got:.2}"));
                }
            }
        }
    }
    assert_eq!(poor, Vec::<String>::new());
}

/// What programs colour, and what is warm on the stage.
const TERMINALS: &str = include_str!("../style/terminals.css");
const STAGE: &str = include_str!("../style/stage.css");

/// The value of a property in the first rule of a selector that sets it.
fn value<'a>(css: &'a str, selector: &str, property: &str) -> &'a str {
    let mut rest = css;
    loop {
        let (selectors, after) = rest
            .split_once('{')
            .unwrap_or_else(|| panic!("no {selector}"));
        let (body, later) = after.split_once('}').unwrap();
        let own = |s: &str| s.rsplit("*/").next().unwrap_or_default().trim() == selector;
        if selectors.split(',').chain([selectors]).any(own)
            && let Some((_, value)) = body.split_once(&format!("{property}: "))
        {
            return value.split(';').next().unwrap();
        }
        rest = later;
    }
}

/// The name in `var(--NAME)`.
fn named(value: &str) -> &str {
    value
        .split("var(--")
        .nth(1)
        .and_then(|v| v.split(')').next())
        .unwrap()
}

/// The colours that programs ask for are read on the terminal's ground, and that ground is read on them.
#[test]
fn what_programs_colour_can_be_read_in_both_themes() {
    let mut poor = Vec::new();
    let mut names: Vec<String> = (0..16).map(|n| format!(".c{n}")).collect();
    names.push(".ln > span.lv".to_owned());
    for theme in ["dark", "light"] {
        for class in &names {
            let property = if class.starts_with(".c") {
                "--c"
            } else {
                "background"
            };
            let ink = token(theme, named(value(TERMINALS, class, property)));
            let ground = named(value(TERMINALS, ".ln > span.lp", "color"));
            let got = contrast(ink, token(theme, ground));
            if got < 4.5 {
                poor.push(format!("{theme} {class}: {got:.2}"));
            }
        }
    }
    assert_eq!(poor, Vec::<String>::new());
}

/// A hook's texts are read on every warmth, and a warm line differs from a cold one by its width, not by its colour alone.
#[test]
fn what_is_warm_can_be_read_in_both_themes() {
    let mut poor = Vec::new();
    let mut width = 0.0;
    for step in 1..=4 {
        let fill = value(STAGE, &format!(".hk.heat{step}"), "fill");
        let (ink, ground) = (named(fill), fill.rsplit("var(--").next().unwrap());
        let ground = ground.trim_end_matches(')');
        let percent = fill.split(&format!("var(--{ink}) ")).nth(1).unwrap();
        let share: f64 = percent.split('%').next().unwrap().parse().unwrap();
        for theme in ["dark", "light"] {
            let (ink, cold) = (token(theme, ink), token(theme, ground));
            let warm: Vec<f64> = ink
                .iter()
                .zip(cold)
                .map(|(a, b)| (a * share + b * (100.0 - share)) / 100.0)
                .collect();
            let warm = [warm[0], warm[1], warm[2]];
            // The name, and the small line below it, which is made stronger.
            let small = named(value(
                STAGE,
                ".hk:is(.heat1, .heat2, .heat3, .heat4) ~ g .tf",
                "fill",
            ));
            for text in ["tx1", small] {
                let got = contrast(token(theme, text), warm);
                if got < 4.5 {
                    poor.push(format!("{theme} {text} on heat{step}: {got:.2}"));
                }
            }
        }
        let wide = value(STAGE, &format!(".wn.heat{step}"), "stroke-width");
        let wide: f64 = wide.trim_end_matches("px").parse().unwrap();
        assert!(
            wide > width + 1.0,
            "heat{step} is hardly wider than the one before"
        );
        width = wide;
    }
    assert_eq!(poor, Vec::<String>::new());
}
