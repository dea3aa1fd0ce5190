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
