//! The `busybox` program itself: runs the applet that its first argument names.

use kernel::sys::Sys;

use crate::args::program;
use crate::{Flavour, registry};

/// The `busybox` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let Some(applet) = args.get(1) else {
        let names = registry::applets().join(", ");
        sys.out(&format!(
            "BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.\nBusyBox is copyrighted by many authors between 1998-2015.\nLicensed under GPLv2. See source distribution for detailed\ncopyright notices.\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list\n\nCurrently defined functions:\n\t{names}\n"
        ));
        return 0;
    };
    if applet == "--list" {
        sys.out(&(registry::applets().join("\n") + "\n"));
        return 0;
    }
    let known = registry::find(program(std::slice::from_ref(applet)))
        .is_some_and(|entry| entry.busybox.is_some());
    if !known {
        sys.err(&format!("{applet}: applet not found\n"));
        return 127;
    }
    // The applet's own file is the same program under another name.
    let env = sys.me(|p| p.env.clone()).unwrap_or_default();
    let error = sys
        .exec(args.get(1..).unwrap_or_default().to_vec(), env)
        .await;
    sys.err(&format!("busybox: {applet}: {error}\n"));
    127
}
