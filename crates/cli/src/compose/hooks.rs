//! Commands that run in a container after its start and before its stop. Source: docker/compose `pkg/compose/hook.go`.

use compose::model::{Hook, Service};
use compose::plan::Container;
use engine::AttachOptions;
use engine::api::{ExecCreateRequest, ExecStartRequest};
use kernel::time::Duration;

use super::context::Compose;
use crate::session::{Failure, complaint, refused};

/// How long between two looks at a command that is waited for.
const PERIOD: Duration = Duration::from_millis(100);

impl Compose {
    /// Runs hooks of a service in one of its containers, one after the other. What they print is seen where all that
    /// containers print is seen. Errors: one does not end well.
    pub(super) async fn run_hooks(
        &self,
        service: &Service,
        hooks: &[Hook],
        container: &Container,
    ) -> Result<(), Failure> {
        for hook in hooks.iter().filter(|_| !self.dry) {
            let code = self.run_hook(service, hook, container).await?;
            if code != 0 {
                let name = &service.name;
                return Err(complaint(format!("{name} hook exited with status {code}")));
            }
        }
        Ok(())
    }

    async fn run_hook(
        &self,
        service: &Service,
        hook: &Hook,
        container: &Container,
    ) -> Result<i64, Failure> {
        let client = self.client()?;
        let shown = self.printer.is_some();
        let variable = |(name, value): (&String, &Option<String>)| match value {
            Some(value) => format!("{name}={value}"),
            None => name.clone(),
        };
        let request = ExecCreateRequest {
            user: hook.user.clone(),
            privileged: hook.privileged,
            attach_stdout: shown,
            attach_stderr: shown,
            env: Some(hook.environment.iter().map(variable).collect()),
            working_dir: hook.working_dir.clone(),
            cmd: hook.command.clone(),
            ..ExecCreateRequest::default()
        };
        let exec = client
            .exec_create(container.id.as_str(), request)
            .map_err(refused)?;
        let request = ExecStartRequest {
            detach: !shown,
            tty: false,
        };
        let options = AttachOptions {
            stdout: shown,
            stderr: shown,
            ..AttachOptions::default()
        };
        let started = client.exec_start(exec.id.as_str(), request, options).await;
        let attached = match (started, &self.printer) {
            (Ok(attached), _) => attached,
            (Err(why), Some(_)) => return Err(refused(why)),
            // Nobody is told of a program that is not there. Seen.
            (Err(_), None) => return Ok(0),
        };
        if let Some(printer) = &self.printer {
            let name = match &service.container_name {
                Some(name) => name.clone(),
                None => format!("{}-{}", service.name, container.number),
            };
            printer
                .follow(&format!("{name} ->"), &attached.output)
                .await;
        }
        loop {
            let _interrupted = self.session.sys.sleep(PERIOD).await;
            let seen = client.exec_inspect(exec.id.as_str()).map_err(refused)?;
            if !seen.running {
                return Ok(seen.exit_code.unwrap_or(0));
            }
        }
    }
}
