//! The `userland` room.
