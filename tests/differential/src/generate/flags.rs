//! Flags of containers, good ones and bad ones, and the lists and templates that show them.

use super::{Draft, Step};
use crate::dice::Dice;

const NAMES: [&str; 6] = ["ann", "ben", "cat", "dan", "eve", "nosuch"];

/// Makes a session of some `length`.
pub(super) fn session(dice: Dice, length: usize) -> Vec<Step> {
    let mut draft = Draft::new(dice);
    draft.say("docker network create --subnet 10.7.0.0/24 lan");
    make(&mut draft);
    while draft.steps.len() < length {
        match draft.dice.below(10) {
            0..=3 => make(&mut draft),
            4 => change(&mut draft),
            5 | 6 => list(&mut draft),
            _ => inspect(&mut draft),
        }
    }
    draft.steps
}

fn name(draft: &mut Draft) -> String {
    draft.dice.word(&NAMES)
}

fn flag(draft: &mut Draft) -> String {
    let (address, port) = (address(draft), port(draft));
    match draft.dice.below(9) {
        0 => format!(" -p {port}"),
        1 => format!(
            " -p {port} --expose {}",
            draft.dice.word(&["90", "90-92/udp", "x", "70000"])
        ),
        2 => format!(" --network {}", network(draft)),
        3 => format!(" --network lan --ip {address}"),
        4 => format!(
            " --network name=lan,{}",
            draft.dice.word(&[
                "ip=10.7.0.9",
                "alias=db,alias=web",
                "mac-address=02:42:0a:07:00:09",
                "gw-priority=2",
                "driver-opt=x=y",
                "nosuch=1",
                "ip="
            ])
        ),
        5 => draft.dice.word(&[
            " --mac-address 02:42:ac:11:00:09",
            " --mac-address zz",
            " --hostname box --domainname corp.test",
            " --hostname -bad",
            " --dns 9.9.9.9 --dns-search corp.test",
            " --dns nosuch",
            " --add-host a:1.2.3.4 --add-host b=::1",
            " --add-host a",
            " --network-alias db",
            " --link ann:a",
            " --ip6 fd00::9",
            " --link-local-ip 169.254.1.1",
        ]),
        6 => draft.dice.word(&[
            " --restart always",
            " --restart on-failure:3",
            " --restart on-failure:x",
            " --restart unless-stopped --rm",
            " --restart nosuch",
            " --stop-signal SIGINT --stop-timeout 2",
            " --init",
            " --read-only --tmpfs /run",
            " --user 1000:1000",
            " --workdir /tmp",
            " --cap-add NET_ADMIN --cap-drop MKNOD",
            " --cap-add nosuch",
            " --privileged",
            " --sysctl net.ipv4.ip_forward=0",
            " --sysctl net.core.nosuch",
            " --memory 64m --cpus 0.5",
            " --memory 1m",
            " --cpus -1",
            " --shm-size 1g --pids-limit 50",
            " --ulimit nofile=64:128",
            " --ulimit nosuch=1",
        ]),
        7 => draft.dice.word(&[
            " -e A=1 -e B",
            " -e =x",
            " --label tier=back --label owner",
            " --label =x",
            " --entrypoint sh",
            " --entrypoint ''",
            " -v data:/data:ro",
            " -v /tmp:/t -v /anon",
            " -v x",
            " --mount type=volume,src=vol,dst=/v",
            " --mount type=nosuch,dst=/v",
            " --tmpfs /run:size=1m",
            " --log-driver none",
            " --log-opt max-size=1k",
            " --log-driver nosuch",
            " --device /dev/null:/dev/x",
            " --platform linux/amd64",
            " --pull never",
            " --pull sometimes",
            " --cidfile /tmp/cid",
            " --group-add 10",
        ]),
        _ => draft.dice.word(&[
            " --health-cmd 'exit 0' --health-interval 5s",
            " --health-cmd x --no-healthcheck",
            " --health-interval 1us --health-cmd x",
            " --health-retries -1 --health-cmd x",
            " -P",
            " -it",
            " -a stdout",
            " --detach-keys ctrl-a",
            " --uts host",
            " --pid host",
            " --pid container:ann",
            " --ipc shareable",
            " --cgroupns host",
            " --userns host",
            " --isolation default",
            " --oom-kill-disable",
            " --nosuch",
            " --name",
        ]),
    }
}

fn address(draft: &mut Draft) -> String {
    draft.dice.word(&[
        "10.7.0.2",
        "10.7.0.50",
        "10.7.0.1",
        "10.7.0.255",
        "10.8.0.2",
        "x",
    ])
}

fn network(draft: &mut Draft) -> String {
    draft.dice.word(&[
        "lan",
        "bridge",
        "host",
        "none",
        "default",
        "container:ann",
        "container:nosuch",
        "nosuch",
        "lan --network bridge",
        "host --network lan",
    ])
}

fn port(draft: &mut Draft) -> String {
    draft.dice.word(&[
        "8080:80",
        "8081:80/tcp",
        "8082:80/udp",
        "127.0.0.1:8083:80",
        "[::1]:8084:80",
        "127.0.0.1::80",
        "80",
        "9000-9002:80-82",
        "9000-9002:80",
        "9000-9001:80-82",
        "9100:80/sctp",
        "9200:80/nosuch",
        "0:80",
        "70000:80",
        "a:80",
        ":80",
        "1.2.3.4:9300:80",
        "300.1.1.1:9300:80",
        "8080:80 -p 8080:81",
    ])
}

fn make(draft: &mut Draft) {
    let verb = draft.dice.word(&["run -d", "run -d", "create", "run --rm"]);
    let mut flags = String::new();
    for _ in 0..1 + draft.dice.below(3) {
        flags += &flag(draft);
    }
    let image = match verb.as_str() {
        "run --rm" => draft.dice.word(&[
            "busybox true",
            "busybox sh -c 'exit 3'",
            "busybox nosuch",
            "busybox hostname",
            "busybox env",
            "nosuch",
        ]),
        _ => draft.dice.word(&[
            "nginx:alpine",
            "busybox sleep 1d",
            "myapp",
            "redis:7",
            "busybox nosuch",
        ]),
    };
    let name = match verb.as_str() {
        "run --rm" => String::new(),
        _ => format!(" --name {}", name(draft)),
    };
    draft.say(format!("docker {verb}{name}{flags} {image}"));
}

fn change(draft: &mut Draft) {
    let name = name(draft);
    let command = draft.dice.word(&[
        "stop -t 0",
        "start",
        "restart -t 0",
        "kill",
        "kill -s HUP",
        "pause",
        "unpause",
        "rm",
        "rm -f",
        "rm -v",
        "wait",
        "update --restart no",
        "network disconnect lan",
        "network connect lan",
    ]);
    // To wait for what runs would take for ever.
    let limit = if command == "wait" { "timeout 2 " } else { "" };
    draft.say(format!("{limit}docker {command} {name}"));
}

fn list(draft: &mut Draft) {
    let filter = draft.dice.word(&[
        "",
        "",
        " -a",
        " -a --filter status=exited",
        " --filter name=an",
        " -a --filter label=tier",
        " -a --filter network=lan",
        " --filter publish=8080",
        " -a --filter expose=80",
        " -a --filter ancestor=busybox",
        " -a --filter volume=data",
        " -a --filter health=healthy",
        " -a --filter exited=127",
        " --filter nosuch=1",
        " -n 2",
        " -l",
        " -a --filter status=nosuch",
        " -a --filter is-task=x",
        " -a --filter before=ann",
        " -a --filter since=nosuch",
    ]);
    let format = draft.dice.word(&[
        "{{.Names}} {{.Ports}}",
        "{{.Names}} {{.State}} {{.Networks}} {{.Mounts}}",
        "table {{.Names}}\\t{{.Image}}\\t{{.Command}}",
        "{{.Names}}: {{.Labels}}",
        "{{.Names}} {{.Label \"tier\"}} {{upper .State}}",
        "{{.Nosuch}}",
        "{{.Names",
        "{{printf \"%-6s|\" .Names}}{{len .Ports}}",
        "{{if eq .State \"running\"}}{{.Names}}{{end}}",
        "{{.LocalVolumes}} {{.Platform}} {{.Names}}",
    ]);
    draft.say(format!("docker ps{filter} --format '{format}'"));
}

fn inspect(draft: &mut Draft) {
    let name = name(draft);
    let format = draft.dice.word(&[
        "{{json .HostConfig.PortBindings}} {{json .NetworkSettings.Ports}}",
        "{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.Entrypoint}}",
        "{{json .Config.ExposedPorts}} {{json .Config.Labels}}",
        "{{.State.Status}} {{.State.ExitCode}} {{json .State.Error}}",
        "{{json .HostConfig.RestartPolicy}} {{.HostConfig.NetworkMode}}",
        "{{json .HostConfig.Binds}} {{json .HostConfig.Mounts}} {{json .HostConfig.Tmpfs}}",
        "{{json .HostConfig.ExtraHosts}} {{json .HostConfig.Dns}} {{json .HostConfig.DnsSearch}}",
        "{{json .HostConfig.CapAdd}} {{json .HostConfig.Sysctls}} {{json .HostConfig.Ulimits}}",
        "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.ShmSize}} {{json .HostConfig.PidsLimit}}",
        "{{.Config.User}} {{.Config.WorkingDir}} {{.Config.Hostname}} {{.Config.Domainname}}",
        "{{json .Config.Healthcheck}} {{json .HostConfig.Links}}",
        "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{$v.IPAddress}} {{json $v.IPAMConfig}} {{json $v.Aliases}};{{end}}",
        "{{.HostConfig.LogConfig}} {{.HostConfig.Privileged}} {{.HostConfig.IpcMode}}",
        "{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}};{{end}}",
        "{{.Nosuch}}",
        "{{index .NetworkSettings.Networks \"lan\"}}",
        "{{.NetworkSettings.IPAddress}} {{.NetworkSettings.Gateway}}",
        "{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}",
        "{{.Config.Tty}} {{.Config.OpenStdin}} {{.Config.AttachStdout}} {{.Config.StopSignal}}",
    ]);
    draft.say(format!("docker inspect -f '{format}' {name}"));
}
