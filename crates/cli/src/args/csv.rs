//! One line of comma-separated values, as Go reads it. Source: Go `encoding/csv`, reader.go.

/// Splits a line at its commas; a value may stand in double quotes, in which two of them mean one.
///
/// Errors: `EOF` for nothing at all, or which quote is out of place; columns are counted in bytes.
pub(crate) fn split_commas(line: &str) -> Result<Vec<String>, String> {
    if line.is_empty() {
        return Err("EOF".to_owned());
    }
    let wrong = |at: usize, what: &str| format!("parse error on line 1, column {at}: {what}");
    let bare = |at: usize| wrong(at + 1, "bare \" in non-quoted-field");
    let unfinished = |at: usize| wrong(at + 1, "extraneous or missing \" in quoted-field");
    let mut fields = Vec::new();
    let mut at = 0;
    while let Some(rest) = line.get(at..) {
        let Some(quoted) = rest.strip_prefix('"') else {
            let field = rest.split(',').next().unwrap_or_default();
            if let Some(quote) = field.find('"') {
                return Err(bare(at + quote));
            }
            fields.push(field.to_owned());
            at += field.len() + 1;
            continue;
        };
        let mut field = String::new();
        let mut pieces = quoted.split('"');
        at += 1;
        loop {
            let piece = pieces.next().unwrap_or_default();
            field.push_str(piece);
            at += piece.len();
            // At a quote, or at the end of the line.
            let Some(after) = line.get(at + 1..) else {
                return Err(unfinished(at));
            };
            match after.chars().next() {
                Some('"') => {
                    field.push('"');
                    pieces.next();
                    at += 2;
                }
                Some(',') | None => break,
                Some(_) => return Err(unfinished(at)),
            }
        }
        fields.push(field);
        at += 2;
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::split_commas;

    #[test]
    fn values_may_be_quoted() {
        let split = |line: &str| split_commas(line).map(|fields| fields.join("|"));
        assert_eq!(split("a,b=c,"), Ok("a|b=c|".to_owned()));
        assert_eq!(
            split("\"a,b\",\"say \"\"hi\"\"\",c"),
            Ok("a,b|say \"hi\"|c".to_owned())
        );
        assert_eq!(split("\"\",x"), Ok("|x".to_owned()));
        assert_eq!(split("ä,é"), Ok("ä|é".to_owned()));
        assert_eq!(split(""), Err("EOF".to_owned()));
    }

    #[test]
    fn quotes_out_of_place_are_named() {
        let why = |line: &str| split_commas(line).unwrap_err();
        let (bare, missing) = (
            "bare \" in non-quoted-field",
            "extraneous or missing \" in quoted-field",
        );
        assert_eq!(
            why("name=x,al\"ias"),
            format!("parse error on line 1, column 10: {bare}")
        );
        assert_eq!(
            why("a=b,\"c=d\"e"),
            format!("parse error on line 1, column 9: {missing}")
        );
        assert_eq!(
            why("type=volume,\"target"),
            format!("parse error on line 1, column 20: {missing}")
        );
    }
}
