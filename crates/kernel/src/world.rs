//! The executor: lets the world's programs and events happen, one at a time, in a fixed order.

use crate::errno::Errno;
use crate::ids::{ProcessId, TaskId};
use crate::map::Lookup;
use crate::process::exec::Spawn;
use crate::process::{ExitStatus, NewTask, ProcessState, Running};
use crate::sched::Event;
use crate::state::Kernel;
use crate::sys::Sys;
use crate::time::{Duration, Instant};
use sorted::SortedMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A program: an `async` function over the system calls; its result is the exit code.
pub type Program = fn(Sys) -> Running;

/// The programs that files can stand for, by key ([`crate::fs::Node::Program`]).
///
/// The key is a name such as `ip`; programs of which a container may have the busybox version are looked up as
/// `busybox:ls` first and as `ls` if there is no such entry. A key may be known before its program is: see
/// [`Programs::announce`].
#[derive(Default)]
pub struct Programs(RefCell<SortedMap<&'static str, Option<Program>>>);

impl Programs {
    /// Adds a program.
    pub fn add(&self, key: &'static str, program: Program) {
        self.0.borrow_mut().insert(key, Some(program));
    }

    /// Makes a key known whose program is added later, before anybody runs it.
    pub fn announce(&self, key: &'static str) {
        self.0.borrow_mut().entry(key).or_default();
    }

    /// The program for a file's key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Program> {
        let plain = key.rsplit(':').next().unwrap_or(key);
        let known = self.0.borrow();
        known.get(key).or_else(|| known.get(plain)).copied()?
    }

    /// All keys, sorted.
    #[must_use]
    pub fn keys(&self) -> Vec<&'static str> {
        self.0.borrow().keys().copied().collect()
    }
}

/// How often a task may run at one instant before it has to let a moment pass.
///
/// Two tasks that keep waking each other would otherwise hold the clock for ever.
const TURNS_AN_INSTANT: u32 = 1000;

/// The moment that such a task lets pass.
const MOMENT: Duration = Duration::from_micros(1);

/// How far a run got.
///
/// Whichever it is, the run stopped between two instants: all that was due had happened, and nothing later. So it does not
/// matter to the world in which portions of time it is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Run {
    /// Nothing is left that could happen by itself.
    Idle,
    /// The time, or the condition, was reached.
    Reached,
    /// The number of steps was used up first.
    OutOfSteps,
}

struct Task {
    process: ProcessId,
    main: bool,
    future: Running,
    /// When it last ran, and how often at that instant.
    last: (Instant, u32),
}

/// The world: the kernel's state and the running programs.
pub struct World {
    kernel: Rc<RefCell<Kernel>>,
    programs: Rc<Programs>,
    tasks: Lookup<TaskId, Task>,
}

impl World {
    /// A world with these programs and nothing else yet.
    #[must_use]
    pub fn new(seed: u64, programs: Programs) -> Self {
        Self {
            kernel: Rc::new(RefCell::new(Kernel::new(seed))),
            programs: Rc::new(programs),
            tasks: Lookup::default(),
        }
    }

    /// The programs, so that those which were only announced can be added.
    #[must_use]
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Looks at or changes the kernel's state between steps.
    pub fn kernel<T>(&self, f: impl FnOnce(&mut Kernel) -> T) -> T {
        f(&mut self.kernel.borrow_mut())
    }

    /// The virtual time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.kernel.borrow().now
    }

    /// Starts a process.
    /// # Errors
    /// As `execve(2)`.
    pub fn spawn(&self, spawn: Spawn) -> Result<ProcessId, Errno> {
        Sys::start(&self.kernel, &self.programs, spawn)
    }

    /// The system calls as process `id` makes them, for tests and for inputs that stand for a person on that machine.
    #[must_use]
    pub fn sys(&self, id: ProcessId) -> Sys {
        Sys::new(self.kernel.clone(), self.programs.clone(), id)
    }

    /// Lets one thing happen: polls a task that can run or, if there is none, moves the clock to the next event not later
    /// than `until`. False if there was nothing to do.
    pub fn step(&mut self, until: Instant) -> bool {
        self.take_over();
        let task = self.kernel.borrow_mut().proc.ready.pop_front();
        if let Some(task) = task {
            self.poll(task);
            return true;
        }
        let mut kernel = self.kernel.borrow_mut();
        if kernel.queue.next_at().is_none_or(|at| at > until) {
            return false;
        }
        let Some((at, event)) = kernel.queue.pop() else {
            return false;
        };
        debug_assert!(at >= kernel.now, "time never goes back");
        kernel.now = kernel.now.max(at);
        kernel.dispatch(event);
        true
    }

    /// Runs until `done` says so (asked after every step), time passes `until`, or `steps` are used up; then to the end of
    /// the instant that it has come to.
    pub fn run(
        &mut self,
        until: Instant,
        steps: u64,
        mut done: impl FnMut(&Kernel) -> bool,
    ) -> Run {
        let mut taken = 0;
        let mut reached = false;
        loop {
            if (reached || taken >= steps) && self.is_between_instants() {
                return if reached {
                    Run::Reached
                } else {
                    Run::OutOfSteps
                };
            }
            if !self.step(until) {
                let mut kernel = self.kernel.borrow_mut();
                if kernel.queue.is_empty() && !reached {
                    return Run::Idle;
                }
                if !reached {
                    kernel.now = kernel.now.max(until);
                }
                return Run::Reached;
            }
            taken += 1;
            reached |= done(&self.kernel.borrow());
        }
    }

    /// Lets the clock stand at `until` at least, once nothing is left to happen before.
    pub fn wait_until(&mut self, until: Instant) {
        let mut kernel = self.kernel.borrow_mut();
        let next = kernel.queue.next_at().unwrap_or(until);
        kernel.now = kernel.now.max(until.min(next));
    }

    /// Whether all that is due now has happened.
    fn is_between_instants(&self) -> bool {
        let kernel = self.kernel.borrow();
        kernel.proc.ready.is_empty()
            && kernel.proc.new_tasks.is_empty()
            && kernel.queue.next_at().is_none_or(|at| at > kernel.now)
    }

    /// Adopts new tasks and drops those of ended processes, outside of any borrow of the kernel.
    fn take_over(&mut self) {
        loop {
            let (new, dead) = {
                let mut kernel = self.kernel.borrow_mut();
                if kernel.proc.new_tasks.is_empty() && kernel.proc.dead_tasks.is_empty() {
                    return;
                }
                (
                    std::mem::take(&mut kernel.proc.new_tasks),
                    std::mem::take(&mut kernel.proc.dead_tasks),
                )
            };
            for NewTask {
                id,
                process,
                main,
                future,
            } in new
            {
                self.tasks.insert(
                    id,
                    Task {
                        process,
                        main,
                        future,
                        last: (Instant::ZERO, 0),
                    },
                );
            }
            for id in dead {
                drop(self.tasks.remove(&id));
            }
        }
    }

    fn poll(&mut self, id: TaskId) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let process = task.process;
        {
            let mut kernel = self.kernel.borrow_mut();
            match kernel.proc.get(process).map(|p| (p.doomed, p.state)) {
                Some((Some(status), _)) => {
                    kernel.process_ended(process, status);
                    return;
                }
                Some((None, ProcessState::Running)) => {
                    let now = kernel.now;
                    if task.last.0 != now {
                        task.last = (now, 0);
                    }
                    task.last.1 += 1;
                    if task.last.1 > TURNS_AN_INSTANT {
                        kernel
                            .queue
                            .schedule(now + MOMENT, Event::Wake { task: id });
                        return;
                    }
                    kernel.proc.current = Some(id);
                    if kernel.must_wait_for_room(process) {
                        kernel.proc.current = None;
                        return;
                    }
                }
                // A frozen process is polled when it is thawed; an ended one never again.
                _ => return,
            }
        }
        let result = task
            .future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        let main = task.main;
        let mut kernel = self.kernel.borrow_mut();
        let doomed = kernel.proc.get(process).and_then(|p| p.doomed);
        if let Some(status) = doomed {
            kernel.process_ended(process, status);
        } else if let Poll::Ready(code) = result {
            if main && kernel.must_wait_for_room(process) {
                // Its end, too, waits until its last words are taken.
                task.future = Box::pin(std::future::ready(code));
            } else if main {
                kernel.process_ended(process, ExitStatus::Code(code));
            } else {
                if let Some(p) = kernel.proc.get_mut(process) {
                    p.tasks.retain(|t| *t != id);
                }
                kernel.proc.dead_tasks.push(id);
            }
        }
        kernel.proc.current = None;
    }
}

impl Kernel {
    /// Lets an event happen.
    pub(crate) fn dispatch(&mut self, event: Event) {
        match event {
            Event::Frame { link, frame } => self.net_frame(link, frame),
            Event::Neighbour { ns, link, ip } => self.net_neighbour_timer(ns, link, ip),
            Event::Device { link, token } => self.net_device_timer(link, token),
            Event::Socket { socket } => self.sock_timer(socket),
            Event::Wake { task } => self.proc.ready.push_back(task),
        }
    }
}
