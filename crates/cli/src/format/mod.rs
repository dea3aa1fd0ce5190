//! How docker lays things out: tables, ages, sizes, ports, short ids.

pub mod list;
pub mod ports;
pub mod size;
pub mod table;
pub mod text;
pub mod time;
