//! Programs that run on the simulated machines and in their containers.
//!
//! They know system calls and nothing else: no engine, no world, no other machine.
//! Start reading at `shell`, which starts all the others.

pub mod shell;
