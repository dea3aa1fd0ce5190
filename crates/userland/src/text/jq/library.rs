//! jq's functions that are made of others.

/// What is defined in jq's own language.
pub(super) const LIBRARY: &str = r#"
def isempty(g): first((g | false), true);
def any(g; c): isempty(first(g | c | select(.))) | not;
def all(g; c): isempty(first(g | c | select(. | not)));
def match(re): match(re; null);
def test(re): test(re; null);
def capture(re; flags): match(re; flags) | [.captures | .[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def capture(re): capture(re; null);
def scalars: select(type | . != "array" and . != "object");
def iterables: select(type | . == "array" or . == "object");
def paths: path(..) | select(length > 0);
def paths(f): . as $x | paths | select(. as $p | $x | getpath($p) | f);
def del(f): delpaths([path(f)]);
def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w;
def in(xs): . as $x | xs | has($x);
def nth($n): .[$n];
def nth($n; f): last(limit($n + 1; f));
def IN(s): any(s == .; .);
def IN(a; s): any(a == s; .);
def pick(f): . as $in | reduce path(f) as $p (null; setpath($p; $in | getpath($p)));
def abs: if type == "number" and . < 0 then -. else . end;
def toarray: if type == "array" then . else [.] end;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdate: fromdateiso8601;
def scan(re): match(re; "g") | if (.captures | length) > 0 then [.captures | .[] | .string] else .string end;
def splits($re): split($re; null) | .[];
def splits($re; flags): split($re; flags) | .[];
def transpose: if . == [] then [] else . as $in | (map(length) | max) as $max | [range(0; $max) as $j | [range(0; $in | length) as $i | $in[$i][$j]]] end;
def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;
def tostream: path(def r: (.[]?|r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def env: $ENV;
def add(f): reduce f as $x (null; . + $x);
def skip($n; f): foreach f as $x ($n + 1; if . > 0 then . - 1 else . end; if . == 0 then $x else empty end);
def have_literal_numbers: true;
def have_decnum: false;
"#;
