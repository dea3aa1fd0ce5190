//! System calls: all that a program can do.
//!
//! A program is an `async fn(Sys) -> i32`. No borrow of the kernel lives across an `.await`: each call copies values in and
//! out, so a program may be dropped at any await (that is how it is killed) and the kernel closes what it held.
//!
//! ```
//! use kernel::sys::Sys;
//! /// Prints its arguments.
//! async fn echo(sys: Sys) -> i32 {
//!     let text = sys.args().get(1..).unwrap_or_default().join(" ");
//!     sys.out(&format!("{text}\n"));
//!     0
//! }
//! ```

mod files;
mod net;
mod process;

pub use process::race;

use crate::calendar::Calendar;
use crate::errno::Errno;
use crate::ids::ProcessId;
use crate::process::exec::Spawn;
use crate::process::{NewTask, Process, WaitKey};
use crate::sched::Event;
use crate::state::Kernel;
use crate::time::{Duration, Instant};
use crate::world::Programs;
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// What starting a program costs (fork, exec, dynamic linking). Also keeps scripts that loop for ever moving in time.
pub const EXEC_COST: Duration = Duration::from_micros(300);

/// A system call that may take time.
///
/// Boxed, so that its states are compiled once here and not into each of the thousands of places that call it: that is worth
/// a fifth of the page's download.
pub type Call<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + 'a>>;

/// A process's way to ask the kernel for something.
#[derive(Clone)]
pub struct Sys {
    kernel: Rc<RefCell<Kernel>>,
    programs: Rc<Programs>,
    id: ProcessId,
}

impl Sys {
    pub(crate) const fn new(
        kernel: Rc<RefCell<Kernel>>,
        programs: Rc<Programs>,
        id: ProcessId,
    ) -> Self {
        Self {
            kernel,
            programs,
            id,
        }
    }

    pub(crate) fn start(
        kernel: &Rc<RefCell<Kernel>>,
        programs: &Rc<Programs>,
        spawn: Spawn,
    ) -> Result<ProcessId, Errno> {
        let (id, key) = kernel.borrow_mut().process_create(spawn)?;
        let Some(program) = programs.get(&key) else {
            let mut k = kernel.borrow_mut();
            k.process_ended(id, crate::process::ExitStatus::Code(126));
            k.proc.forget(id);
            return Err(Errno::ENOEXEC);
        };
        let future = program(Self::new(kernel.clone(), programs.clone(), id));
        kernel.borrow_mut().add_task(id, true, future);
        Ok(id)
    }

    /// Looks at or changes the kernel's state: the netlink-like calls (links, addresses, routes, rules, sockets).
    /// Tools ask [`Sys::may_admin_net`] before they change anything.
    pub fn kernel<T>(&self, f: impl FnOnce(&mut Kernel) -> T) -> T {
        f(&mut self.kernel.borrow_mut())
    }

    /// This process.
    #[must_use]
    pub const fn id(&self) -> ProcessId {
        self.id
    }

    /// Something about this process.
    pub fn me<T>(&self, f: impl FnOnce(&Process) -> T) -> Option<T> {
        self.kernel.borrow().proc.get(self.id).map(f)
    }

    /// The virtual time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.kernel.borrow().now
    }

    /// Calendar time, seconds since 1970 and nanoseconds.
    #[must_use]
    pub fn wall_clock(&self) -> (u64, u32) {
        let k = self.kernel.borrow();
        (
            k.epoch + k.now.0 / 1_000_000_000,
            (k.now.0 % 1_000_000_000) as u32,
        )
    }

    /// The moment of the calendar.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        Calendar::new(self.wall_clock().0.cast_signed())
    }

    /// Waits this long.
    pub fn sleep<'a>(&'a self, duration: Duration) -> Call<'a, Result<(), Errno>> {
        Box::pin(async move {
            let deadline = self.now() + duration;
            let mut scheduled = false;
            self.blocking(move |k| {
                if k.now >= deadline {
                    return Ok(());
                }
                if !scheduled {
                    scheduled = true;
                    k.wake_at(deadline);
                }
                Err(Errno::EAGAIN)
            })
            .await
        })
    }

    /// Gives others a turn and lets a microsecond pass: for loops that would otherwise take no time at all.
    pub async fn pause(&self) {
        let _ = self.sleep(Duration::from_micros(1)).await;
    }

    /// Lets all who can run at this moment go first.
    pub async fn turn(&self) {
        let mut given = false;
        poll_fn(|_| {
            if std::mem::replace(&mut given, true) {
                return Poll::Ready(());
            }
            let mut k = self.kernel.borrow_mut();
            let task = k.proc.current;
            k.proc.ready.extend(task);
            Poll::Pending
        })
        .await;
    }

    /// `future`'s result, or `None` when it takes longer than `limit`.
    pub async fn timeout<T>(&self, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        race(async { Some(future.await) }, async {
            // A signal does not end the wait: whoever catches one sees it in `future`.
            let deadline = self.now() + limit;
            while self.now() < deadline {
                if self.sleep(deadline - self.now()).await.is_err() {
                    self.until_woken().await;
                }
            }
            None
        })
        .await
    }

    async fn until_woken(&self) {
        let mut first = true;
        poll_fn(|_| {
            if std::mem::take(&mut first) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }

    /// Repeats `call` until it says something other than `EAGAIN`; a caught signal ends it with `EINTR` in the process's main
    /// task, which is the one that handles signals.
    pub(crate) async fn blocking<T>(
        &self,
        mut call: impl FnMut(&mut Kernel) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let mut paid = None;
        poll_fn(|_| {
            let mut k = self.kernel.borrow_mut();
            // Also what keeps a program moving in time that retries an interrupted call for ever.
            let from = *paid.get_or_insert_with(|| k.pay_for_call(self.id));
            if k.now < from {
                return Poll::Pending;
            }
            match call(&mut k) {
                Err(Errno::EAGAIN) if k.proc.is_interrupted(self.id) => {
                    Poll::Ready(Err(Errno::EINTR))
                }
                Err(Errno::EAGAIN) => Poll::Pending,
                result => Poll::Ready(result),
            }
        })
        .await
    }

    /// A condition that tasks (of any process) can wait for and signal.
    #[must_use]
    pub fn condition(&self) -> Condition {
        let mut k = self.kernel.borrow_mut();
        k.proc.next_condition += 1;
        Condition {
            kernel: self.kernel.clone(),
            key: WaitKey::Condition(k.proc.next_condition),
        }
    }
}

/// Something that tasks wait for together: each waiter looks again whenever it is signalled.
#[derive(Clone)]
pub struct Condition {
    kernel: Rc<RefCell<Kernel>>,
    key: WaitKey,
}

impl Condition {
    /// Lets all waiters look again.
    pub fn signal(&self) {
        self.kernel.borrow_mut().proc.wake(self.key);
    }

    /// Waits until `ready` gives something; it is asked at once and after each signal.
    pub async fn until<T>(&self, mut ready: impl FnMut() -> Option<T>) -> T {
        poll_fn(|_| {
            if let Some(value) = ready() {
                return Poll::Ready(value);
            }
            self.kernel.borrow_mut().proc.wait_on(self.key);
            Poll::Pending
        })
        .await
    }
}

impl Kernel {
    /// Wakes the running task at `deadline`.
    pub(crate) fn wake_at(&mut self, deadline: Instant) {
        if let Some(task) = self.proc.current {
            self.queue.schedule(deadline, Event::Wake { task });
        }
    }

    /// Hands a task to the executor; a main task begins after [`EXEC_COST`].
    pub(crate) fn add_task(
        &mut self,
        process: ProcessId,
        main: bool,
        future: crate::process::Running,
    ) {
        let id = self.proc.new_task_id();
        if let Some(p) = self.proc.get_mut(process) {
            p.tasks.push(id);
        }
        self.proc.new_tasks.push(NewTask {
            id,
            process,
            main,
            future,
        });
        let at = if main { self.now + EXEC_COST } else { self.now };
        self.queue.schedule(at, Event::Wake { task: id });
    }
}
