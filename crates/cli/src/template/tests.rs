//! Templates as recorded from docker 28.5.2.

use super::*;
use serde::Serialize;
use sorted::SortedMap;

fn row() -> Value {
    let columns = vec![
        ("Name", "bridge".to_owned()),
        ("Driver", "bridge".to_owned()),
        ("Scope", "local".to_owned()),
    ];
    Value::row(
        "*network.networkContext",
        columns,
        Labels::Values(SortedMap::from([("team".into(), "red".into())])),
    )
}

fn prints(template: &str) -> String {
    match Template::parse(template).and_then(|t| t.execute(&row(), Mode::Plain)) {
        Ok(text) => text,
        Err(why) => why,
    }
}

#[test]
fn parse_errors_are_gos() {
    let cases = [
        ("{{if}}a{{end}}", "missing value for if"),
        ("{{if .Name}}a", "unexpected EOF"),
        ("{{end}}", "unexpected {{end}}"),
        ("{{else}}", "unexpected {{else}}"),
        ("{{\"abc}}", "unterminated quoted string"),
        ("{{$x}}", "undefined variable \"$x\""),
        ("{{.Name}", "bad character U+007D '}'"),
        ("{{.Name", "unclosed action"),
        ("{{}}", "missing value for command"),
        ("{{1.2.3}}", "unexpected \".3\" in operand"),
        ("{{nope}}", "function \"nope\" not defined"),
        ("{{.Name | foo}}", "function \"foo\" not defined"),
        ("{{break}}", "{{break}} outside {{range}}"),
        ("{{(.Name}}", "unclosed left paren"),
        ("{{.Name)}}", "unexpected right paren"),
    ];
    for (template, why) in cases {
        assert_eq!(
            prints(template),
            format!("template: :1: {why}"),
            "{template}"
        );
    }
}

#[test]
fn execution_errors_are_gos() {
    let cases = [
        (
            "{{.Nope}}",
            "2: executing \"\" at <.Nope>: can't evaluate field Nope in type *network.networkContext",
        ),
        (
            "{{.Name.Foo}}",
            "7: executing \"\" at <.Name.Foo>: can't evaluate field Foo in type string",
        ),
        (
            "{{index .Name \"x\"}}",
            "2: executing \"\" at <index .Name \"x\">: error calling index: cannot index slice/array with type string",
        ),
        (
            "{{join .Name}}",
            "2: executing \"\" at <join>: wrong number of args for join: want 2 got 1",
        ),
        (
            "{{join .Name \",\"}}",
            "7: executing \"\" at <.Name>: wrong type for value; expected []string; got string",
        ),
        (
            "{{.Name .Driver}}",
            "2: executing \"\" at <.Name>: wrong number of args for Name: want 0 got 1",
        ),
        (
            "{{nil}}",
            "2: executing \"\" at <nil>: nil is not a command",
        ),
        (
            "{{range .Name}}x{{end}}",
            "8: executing \"\" at <.Name>: range can't iterate over bridge",
        ),
        (
            "{{eq .Name 1}}",
            "2: executing \"\" at <eq .Name 1>: error calling eq: incompatible types for comparison: string and int",
        ),
    ];
    for (template, why) in cases {
        assert_eq!(
            prints(template),
            format!("template: :1:{why}"),
            "{template}"
        );
    }
}

#[test]
fn functions_do_what_dockers_do() {
    let cases = [
        ("{{len .Name}} {{slice .Name 0 2}}", "6 br"),
        (
            "{{printf \"%-10s|%5s|%q|%d\" .Name \"x\" .Scope .Name}}",
            "bridge    |    x|\"local\"|%!d(string=bridge)",
        ),
        (
            "{{eq .Name \"host\" \"bridge\"}} {{and 1 0}} {{or \"\" \"x\"}} {{not .Name}}",
            "true 0 x false",
        ),
        (
            "{{pad .Name 1 2}}|{{truncate .Name 2}}|{{split .Name \"d\"}}|{{title .Name}}",
            " bridge  |br|[bri ge]|Bridge",
        ),
        (
            "{{print 1 2 \"a\" \"b\" 3}}|{{html \"<a>\"}}|{{urlquery \"a b\"}}",
            "1 2ab3|&lt;a&gt;|a+b",
        ),
        ("{{ .Name -}} x {{- .Driver }}{{/* c */}}", "bridgexbridge"),
        ("{{with $x := .Name}}{{$x}}{{else}}n{{end}}", "bridge"),
        ("{{define \"a\"}}A{{end}}{{template \"a\"}}", "A"),
        ("{{.Name}} }}", "bridge }}"),
        ("{{.Driver | printf \"%s-%s\" \"x\"}}", "x-bridge"),
        ("{{.Label \"team\"}}", "red"),
        (
            "{{json .}}",
            "{\"Driver\":\"bridge\",\"Name\":\"bridge\",\"Scope\":\"local\"}",
        ),
        (
            "{{$n := 0}}{{range $i, $c := (split .Name \"\")}}{{if eq $i 2}}{{break}}{{end}}{{$c}}{{$n = $i}}{{end}}{{$n}}",
            "br1",
        ),
    ];
    for (template, text) in cases {
        assert_eq!(prints(template), text, "{template}");
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Pool {
    subnet: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    gateway: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkInspect {
    id: String,
    created: String,
    config: Vec<Pool>,
    options: Option<SortedMap<String, String>>,
    labels: SortedMap<String, String>,
    aliases: Option<Vec<String>>,
    networks: SortedMap<String, String>,
    exit_code: i64,
}

fn network() -> Value {
    value_of(&NetworkInspect {
        id: "abc".into(),
        created: "2026-11-23T23:24:23.5Z".into(),
        config: vec![Pool {
            subnet: "10.0.0.0/24".into(),
            gateway: String::new(),
        }],
        options: None,
        labels: SortedMap::from([("b".into(), "2".into()), ("a".into(), "1".into())]),
        aliases: None,
        networks: SortedMap::new(),
        exit_code: 3,
    })
}

#[test]
fn structs_and_maps_keep_their_difference() {
    let data = network();
    let print = |template: &str| {
        Template::parse(template)
            .unwrap()
            .execute(&data, Mode::Plain)
            .unwrap()
    };
    assert_eq!(
        print("{{range .Config}}{{.Subnet}} via {{.Gateway}}{{end}}"),
        "10.0.0.0/24 via "
    );
    assert_eq!(
        print("{{json .Config}} {{.Config}}"),
        "[{\"Subnet\":\"10.0.0.0/24\"}] [{10.0.0.0/24 }]"
    );
    assert_eq!(
        print("{{.Options}} {{json .Options}} {{.Aliases}} {{.Created}}"),
        "map[] null [] 2026-11-23 23:24:23.5 +0000 UTC"
    );
    assert_eq!(
        print("{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}} {{.Labels}}"),
        "a=1;b=2; map[a:1 b:2]"
    );
    assert_eq!(
        print("{{index .Labels \"x\"}}|{{index .Networks \"nope\"}}|{{.Networks.nope}}|{{.ID}}"),
        "|<nil>|<no value>|abc"
    );
    assert_eq!(print("{{if eq .ExitCode 3}}three{{end}}"), "three");
}

#[test]
fn the_raw_form_names_missing_keys() {
    let raw = network().raw();
    let fails = |template: &str| {
        Template::parse(template)
            .unwrap()
            .execute(&raw, Mode::MissingKeyIsError)
            .unwrap_err()
    };
    assert_eq!(
        fails("{{.Nope}}"),
        "template: :1:2: executing \"\" at <.Nope>: map has no entry for key \"Nope\""
    );
    assert_eq!(
        fails("{{.Id}} {{.Config.Nope}}"),
        "template: :1:17: executing \"\" at <.Config.Nope>: can't evaluate field Nope in type interface {}"
    );
}

#[test]
fn json_is_indented_as_inspect_does() {
    assert_eq!(
        Value::List(vec![
            value_of(&Pool {
                subnet: "a<b".into(),
                gateway: String::new()
            }),
            Value::List(Vec::new())
        ])
        .json_pretty(false),
        "[\n    {\n        \"Subnet\": \"a<b\"\n    },\n    []\n]"
    );
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    let deep = "{{(.)}}";
    assert!(Template::parse(deep).is_ok());
    let deeper = format!("{{{{{}.{}}}}}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(
        Template::parse(&deeper).unwrap_err(),
        "template: :1: exceeded max depth"
    );
    let ifs = "{{if .}}".repeat(5000);
    assert_eq!(
        Template::parse(&ifs).unwrap_err(),
        "template: :1: exceeded max depth"
    );
    let endless =
        Template::parse("{{define \"a\"}}{{template \"a\" .}}{{end}}{{template \"a\" .}}").unwrap();
    assert!(
        endless
            .execute(&row(), Mode::Plain)
            .unwrap_err()
            .ends_with("exceeded maximum template depth")
    );
}
