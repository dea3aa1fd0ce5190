//! Flags of containers, good ones and bad ones, and the lists and templates that show them.

use super::Step;
use crate::dice::Dice;

const NAMES: [&str; 6] = ["ann", "ben", "cat", "dan", "eve", "nosuch"];

struct World {
    dice: Dice,
    steps: Vec<Step>,
}

/// Makes a session of some `length`.
pub(super) fn session(dice: Dice, length: usize) -> Vec<Step> {
    let mut world = World {
        dice,
        steps: Vec::new(),
    };
    world.say("docker network create --subnet 10.7.0.0/24 lan");
    world.make();
    while world.steps.len() < length {
        match world.dice.below(10) {
            0..=3 => world.make(),
            4 => world.change(),
            5 | 6 => world.list(),
            _ => world.inspect(),
        }
    }
    world.steps
}

impl World {
    fn say(&mut self, command: impl Into<String>) {
        self.steps.push(Step::on("hostA", command, &[]));
    }

    fn name(&mut self) -> String {
        self.dice.word(&NAMES)
    }

    fn flag(&mut self) -> String {
        let (address, port) = (self.address(), self.port());
        match self.dice.below(9) {
            0 => format!(" -p {port}"),
            1 => format!(
                " -p {port} --expose {}",
                self.dice.word(&["90", "90-92/udp", "x", "70000"])
            ),
            2 => format!(" --network {}", self.network()),
            3 => format!(" --network lan --ip {address}"),
            4 => format!(
                " --network name=lan,{}",
                self.dice.word(&[
                    "ip=10.7.0.9",
                    "alias=db,alias=web",
                    "mac-address=02:42:0a:07:00:09",
                    "gw-priority=2",
                    "driver-opt=x=y",
                    "nosuch=1",
                    "ip="
                ])
            ),
            5 => self.dice.word(&[
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
            6 => self.dice.word(&[
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
            7 => self.dice.word(&[
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
            _ => self.dice.word(&[
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

    fn address(&mut self) -> String {
        self.dice.word(&[
            "10.7.0.2",
            "10.7.0.50",
            "10.7.0.1",
            "10.7.0.255",
            "10.8.0.2",
            "x",
        ])
    }

    fn network(&mut self) -> String {
        self.dice.word(&[
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

    fn port(&mut self) -> String {
        self.dice.word(&[
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

    fn make(&mut self) {
        let verb = self.dice.word(&["run -d", "run -d", "create", "run --rm"]);
        let mut flags = String::new();
        for _ in 0..1 + self.dice.below(3) {
            flags += &self.flag();
        }
        let image = match verb.as_str() {
            "run --rm" => self.dice.word(&[
                "busybox true",
                "busybox sh -c 'exit 3'",
                "busybox nosuch",
                "busybox hostname",
                "busybox env",
                "nosuch",
            ]),
            _ => self.dice.word(&[
                "nginx:alpine",
                "busybox sleep 1d",
                "myapp",
                "redis:7",
                "busybox nosuch",
            ]),
        };
        let name = match verb.as_str() {
            "run --rm" => String::new(),
            _ => format!(" --name {}", self.name()),
        };
        self.say(format!("docker {verb}{name}{flags} {image}"));
    }

    fn change(&mut self) {
        let name = self.name();
        let command = self.dice.word(&[
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
        self.say(format!("{limit}docker {command} {name}"));
    }

    fn list(&mut self) {
        let filter = self.dice.word(&[
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
        let format = self.dice.word(&[
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
        self.say(format!("docker ps{filter} --format '{format}'"));
    }

    fn inspect(&mut self) {
        let name = self.name();
        let format = self.dice.word(&[
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
        self.say(format!("docker inspect -f '{format}' {name}"));
    }
}
