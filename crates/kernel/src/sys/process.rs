//! System calls about processes: arguments, environment, children, signals, namespaces, services.

use super::{Call, Sys};
use crate::errno::Errno;
use crate::fs::path;
use crate::ids::{NetnsId, ProcessId};
use crate::process::exec::Spawn;
use crate::process::files::{Fd, FileKind};
use crate::process::rlimit::Limit;
use crate::process::signal::Signal;
use crate::process::{ExitStatus, ProcessState, WaitKey};
use crate::trace::Note;
use crate::world::Program;
use std::any::Any;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

/// Whichever of the two is ready first; the other is dropped. `a` is asked first.
pub async fn race<T>(a: impl Future<Output = T>, b: impl Future<Output = T>) -> T {
    let mut a = pin!(a);
    let mut b = pin!(b);
    poll_fn(|cx| match a.as_mut().poll(cx) {
        Poll::Pending => b.as_mut().poll(cx),
        ready => ready,
    })
    .await
}

impl Sys {
    /// The command line, `argv[0]` included.
    #[must_use]
    pub fn args(&self) -> Vec<String> {
        self.me(|p| p.argv.clone()).unwrap_or_default()
    }

    /// The value of an environment variable.
    #[must_use]
    pub fn env(&self, key: &str) -> Option<String> {
        self.me(|p| p.env(key).map(str::to_owned)).flatten()
    }

    /// The working directory.
    #[must_use]
    pub fn cwd(&self) -> String {
        self.me(|p| p.cwd.clone()).unwrap_or_else(|| "/".into())
    }

    /// Changes the working directory.
    /// # Errors
    /// `ENOENT`, `ENOTDIR`.
    pub fn chdir(&self, dir: &str) -> Result<(), Errno> {
        let to = self.real_path(dir)?;
        if !self.is_dir(&to) {
            return Err(if self.exists(&to) {
                Errno::ENOTDIR
            } else {
                Errno::ENOENT
            });
        }
        self.change_me(|p| p.cwd = to)
    }

    /// `path` made absolute against the working directory, symbolic links followed.
    /// # Errors
    /// As `realpath(3)`, but the last component need not exist.
    pub fn real_path(&self, path: &str) -> Result<String, Errno> {
        let k = self.kernel.borrow();
        let p = k.proc.get(self.id).ok_or(Errno::ESRCH)?;
        k.resolve(p.mount, &path::absolute(&p.cwd, path), true)
    }

    pub(super) fn change_me(
        &self,
        f: impl FnOnce(&mut crate::process::Process),
    ) -> Result<(), Errno> {
        let mut k = self.kernel.borrow_mut();
        f(k.proc.get_mut(self.id).ok_or(Errno::ESRCH)?);
        Ok(())
    }

    /// Sets the limits of one of this process's resources.
    /// # Errors
    /// `EINVAL` if the soft one is above the hard one, `EPERM` if the hard one is raised by who may not: that is for
    /// CAP_SYS_RESOURCE, for which CAP_SYS_ADMIN stands here.
    pub fn limit(&self, resource: &str, new: Limit) -> Result<(), Errno> {
        let above = |a: Option<u64>, b: Option<u64>| a.unwrap_or(u64::MAX) > b.unwrap_or(u64::MAX);
        let me = self.me(|p| (p.limits.get(resource), p.caps.sys_admin));
        let (old, may) = me.ok_or(Errno::ESRCH)?;
        if above(new.soft, new.hard) {
            return Err(Errno::EINVAL);
        }
        if above(new.hard, old.hard) && !may {
            return Err(Errno::EPERM);
        }
        self.change_me(|p| p.limits.set(resource, new))
    }

    /// What a child that inherits everything would be.
    #[must_use]
    pub fn child(&self, argv: Vec<String>) -> Option<Spawn> {
        self.me(|p| Spawn::from_parent(p, argv))
    }

    /// Starts a process.
    /// # Errors
    /// As `execve(2)`: `ENOENT`, `EACCES`, `ENOEXEC` ...
    pub fn spawn(&self, spawn: Spawn) -> Result<ProcessId, Errno> {
        Self::start(&self.kernel, &self.programs, spawn)
    }

    /// Starts a child that goes on in this program with `body`, as after `fork(2)`: a shell's subshells.
    /// # Errors
    /// `ESRCH` if this process is gone.
    pub fn fork(
        &self,
        spawn: Spawn,
        body: impl FnOnce(Self) -> crate::process::Running,
    ) -> Result<ProcessId, Errno> {
        let exe = self.me(|p| p.exe.clone()).ok_or(Errno::ESRCH)?;
        let id = self.kernel.borrow_mut().process_insert(spawn, exe)?;
        let future = body(Self::new(self.kernel.clone(), self.programs.clone(), id));
        self.kernel.borrow_mut().add_task(id, true, future);
        Ok(id)
    }

    /// Runs another task in this process; it ends with the process.
    pub fn spawn_task(&self, future: impl Future<Output = ()> + 'static) {
        // Some hold a hundred kilobytes: each is moved once, to where it stays.
        self.spawn_boxed(Box::pin(future));
    }

    fn spawn_boxed(&self, future: Pin<Box<dyn Future<Output = ()>>>) {
        let future = Box::pin(async move {
            future.await;
            0
        });
        self.kernel.borrow_mut().add_task(self.id, false, future);
    }

    /// The program of a key, whether or not a file stands for it.
    #[must_use]
    pub fn program(&self, key: &str) -> Option<Program> {
        self.programs.get(key)
    }

    /// Replaces this program by another, keeping the process. Returns only if that fails.
    pub async fn exec(&self, argv: Vec<String>, env: Vec<(String, String)>) -> Errno {
        let program = {
            let mut k = self.kernel.borrow_mut();
            match k.process_exec(self.id, argv, env) {
                Ok(key) => self.programs.get(&key),
                Err(error) => return error,
            }
        };
        let Some(program) = program else {
            return Errno::ENOEXEC;
        };
        let future = program(self.clone());
        {
            let mut k = self.kernel.borrow_mut();
            let old = k
                .proc
                .get_mut(self.id)
                .map(|p| std::mem::take(&mut p.tasks))
                .unwrap_or_default();
            k.proc.dead_tasks.extend(old);
            k.add_task(self.id, true, future);
        }
        std::future::pending().await
    }

    /// Ends this process.
    pub async fn exit(&self, code: i32) -> ! {
        let _ = self.change_me(|p| p.doomed = Some(ExitStatus::Code(code)));
        std::future::pending().await
    }

    /// Waits for a child to end: that one, or any.
    /// # Errors
    /// `ECHILD` if there is no such child; `EINTR`.
    pub fn wait<'a>(
        &'a self,
        child: Option<ProcessId>,
    ) -> Call<'a, Result<(ProcessId, ExitStatus), Errno>> {
        Box::pin(async move {
            self.blocking(|k| {
                let me = k.proc.get(self.id).ok_or(Errno::ESRCH)?;
                let candidates: Vec<_> = me
                    .children
                    .iter()
                    .copied()
                    .filter(|c| child.is_none_or(|want| want == *c))
                    .collect();
                if candidates.is_empty() {
                    return Err(Errno::ECHILD);
                }
                for id in candidates {
                    if let Some(ProcessState::Zombie(status)) = k.proc.get(id).map(|p| p.state) {
                        if let Some(me) = k.proc.get_mut(self.id) {
                            me.children.retain(|c| *c != id);
                        }
                        k.proc.forget(id);
                        return Ok((id, status));
                    }
                }
                k.proc.wait_on(WaitKey::Child(self.id));
                Err(Errno::EAGAIN)
            })
            .await
        })
    }

    /// Sends a signal.
    /// # Errors
    /// `ESRCH`.
    pub fn kill(&self, id: ProcessId, signal: Signal) -> Result<(), Errno> {
        let mut k = self.kernel.borrow_mut();
        // Nothing inside a pid namespace can force its first process: only signals that it catches reach it
        // (pid_namespaces(7)).
        let inside = k.proc.get(self.id).and_then(|p| p.pid_ns) == Some(id);
        if inside && matches!(signal, Signal::KILL | Signal::STOP) {
            return Ok(());
        }
        k.kill(id, signal)
    }

    /// From now on this signal is queued for [`Sys::take_signal`] and interrupts blocking calls with `EINTR`.
    pub fn catch(&self, signal: Signal) {
        let _ = self.change_me(|p| p.caught.insert(signal));
    }

    /// From now on this signal does nothing.
    pub fn ignore(&self, signal: Signal) {
        let _ = self.change_me(|p| p.ignored.insert(signal));
    }

    /// Back to what the signal does by default.
    pub fn restore_default(&self, signal: Signal) {
        let _ = self.change_me(|p| {
            p.caught.remove(signal);
            p.ignored.remove(signal);
        });
    }

    /// The oldest caught signal that is pending.
    #[must_use]
    pub fn take_signal(&self) -> Option<Signal> {
        self.kernel
            .borrow_mut()
            .proc
            .get_mut(self.id)?
            .pending
            .pop_front()
    }

    /// Waits for a caught signal.
    pub async fn signal(&self) -> Signal {
        poll_fn(|_| {
            let mut k = self.kernel.borrow_mut();
            match k.proc.get_mut(self.id).and_then(|p| p.pending.pop_front()) {
                Some(signal) => Poll::Ready(signal),
                None => {
                    k.proc.wait_on(WaitKey::Process(self.id));
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Whether this process may change the network's configuration, for one that is about to: if not, that is noted.
    #[must_use]
    pub fn may_admin_net(&self) -> bool {
        let may = self.has_net_admin();
        if !may {
            self.lacks("NET_ADMIN");
        }
        may
    }

    /// Whether this process has CAP_NET_ADMIN.
    #[must_use]
    pub fn has_net_admin(&self) -> bool {
        self.me(|p| p.caps.net_admin).unwrap_or(false)
    }

    /// Notes which capability this process would have needed.
    pub fn lacks(&self, capability: &'static str) {
        self.note(Note::Lacks(capability));
    }

    /// Notes that this process would have asked for a name that is none.
    pub fn no_name(&self, text: &str) {
        self.note(Note::NoName(text.to_owned()));
    }

    /// Notes that this process was told to look up no names, and was given one.
    pub fn not_looked_up(&self, name: &str) {
        self.note(Note::NotLookedUp(name.to_owned()));
    }

    /// Notes that this process found an address of a name, and left it out for want of one of its own of that family.
    pub fn left_out(&self, name: &str, address: std::net::IpAddr) {
        self.note(Note::LeftOut(name.to_owned(), address));
    }

    /// Notes that this process was told to use a device that is not there.
    pub fn no_device(&self, name: &str) {
        self.note(Note::NoDevice(name.to_owned()));
    }

    fn note(&self, note: Note) {
        let ns = self.netns();
        if let Ok(mut k) = self.kernel.try_borrow_mut() {
            k.trace_note(ns, note);
        }
    }

    /// This process's network namespace.
    #[must_use]
    pub fn netns(&self) -> NetnsId {
        self.me(|p| p.netns).unwrap_or(NetnsId(0))
    }

    /// Enters another network namespace.
    /// # Errors
    /// `EPERM` without CAP_SYS_ADMIN.
    pub fn set_netns(&self, ns: NetnsId) -> Result<(), Errno> {
        if !self.me(|p| p.caps.sys_admin).unwrap_or(false) {
            self.lacks("SYS_ADMIN");
            return Err(Errno::EPERM);
        }
        self.change_me(|p| p.netns = ns)
    }

    /// Mounts `/sys` anew, so that it shows the devices of the namespace that the process is in by now.
    /// # Errors
    /// `ESRCH`.
    pub fn mount_sysfs(&self) -> Result<(), Errno> {
        self.change_me(|p| p.sysfs = p.netns)
    }

    /// The namespace that an open handle stands for.
    /// # Errors
    /// `EBADF`, `EINVAL` if it is not a namespace's handle.
    pub fn netns_of(&self, fd: Fd) -> Result<NetnsId, Errno> {
        let k = self.kernel.borrow();
        let file = k
            .proc
            .get(self.id)
            .and_then(|p| p.fds.get(&fd))
            .ok_or(Errno::EBADF)?;
        match k.proc.files.kind(*file) {
            Some(FileKind::Netns(ns)) => Ok(*ns),
            _ => Err(Errno::EINVAL),
        }
    }

    /// The host name.
    #[must_use]
    pub fn hostname(&self) -> String {
        let k = self.kernel.borrow();
        k.proc
            .get(self.id)
            .map(|p| k.proc.hostname(p.uts).to_string())
            .unwrap_or_default()
    }

    /// Makes `value` known to this machine's programs under `path`, as a daemon's listening AF_UNIX socket would be.
    pub fn offer_service(&self, path: &str, value: Rc<dyn Any>) {
        let mut k = self.kernel.borrow_mut();
        if let Some(machine) = k.proc.get(self.id).map(|p| p.machine)
            && let Some(m) = k.machines.get_mut(machine.index())
        {
            m.services.insert(path.to_owned(), value);
        }
    }

    /// Takes back what was offered under `path`.
    pub fn withdraw_service(&self, path: &str) {
        let mut k = self.kernel.borrow_mut();
        if let Some(machine) = k.proc.get(self.id).map(|p| p.machine)
            && let Some(m) = k.machines.get_mut(machine.index())
        {
            m.services.remove(path);
        }
    }

    /// What some daemon of this machine offers under `path`; `None` if nobody listens there, or from inside a container.
    #[must_use]
    pub fn service(&self, path: &str) -> Option<Rc<dyn Any>> {
        let k = self.kernel.borrow();
        let process = k.proc.get(self.id)?;
        let machine = k.machine(process.machine)?;
        // A container has its own file tree, and the daemon's socket is not in it.
        if process.mount != machine.root {
            return None;
        }
        machine.services.get(path).cloned()
    }
}
