//! Who a container's programs run as. Source: moby `daemon/oci_linux.go`, `getUser`; `moby/sys/user`.

use kernel::ids::MountId;
use sorted::SortedMap;

use crate::daemon::Engine;
use crate::error::{Error, Result};

/// Users that images are made with, in case their files do not name them.
const KNOWN: [(&str, u32); 4] = [
    ("root", 0),
    ("nobody", 65534),
    ("www-data", 33),
    ("postgres", 999),
];

/// Source: moby/sys/user `user.go`.
const LARGEST_ID: u64 = 2_147_483_647;

impl Engine {
    /// Returns the user and group numbers of `USER[:GROUP]` by the files of a container. Errors: `Invalid` for a name that is
    /// not there.
    pub(super) fn user(&self, mount: MountId, text: &str) -> Result<(u32, u32)> {
        let (user, group) = text.split_once(':').unwrap_or((text, ""));
        let (mut uid, mut gid) = (0, 0);
        if !user.is_empty() {
            let users = self.file_in(mount, "/etc/passwd");
            let entry = users.lines().find_map(|line| {
                let fields: Vec<&str> = line.split(':').collect();
                let [name, _, uid, gid, ..] = fields.as_slice() else {
                    return None;
                };
                (*name == user || *uid == user).then(|| (uid.parse().ok(), gid.parse().ok()))
            });
            let known = SortedMap::from(KNOWN).get(user).copied();
            (uid, gid) = match (entry, known, user.parse()) {
                (Some((Some(uid), Some(gid))), _, _) => (uid, gid),
                (_, Some(id), _) => (id, id),
                (_, _, Ok(uid)) => (uid, 0),
                _ if user.parse::<u64>().is_ok() => (0, 0),
                _ => {
                    return Err(Error::invalid(format!(
                        "unable to find user {user}: no matching entries in passwd file"
                    )));
                }
            };
        }
        if user.parse::<u64>().is_ok_and(|number| number > LARGEST_ID) {
            return Err(out_of_range());
        }
        if !group.is_empty() {
            gid = self.group(mount, group)?;
        }
        Ok((uid, gid))
    }

    /// Returns a user's home by the files of a container, `/` if they do not tell. Source: moby/sys/user `user.go`,
    /// `GetExecUser`.
    pub(super) fn home(&self, mount: MountId, uid: u32) -> String {
        let users = self.file_in(mount, "/etc/passwd");
        let home = users.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let number = fields.get(2)?.parse::<u32>().ok()?;
            (number == uid).then(|| fields.get(5).copied())?
        });
        // Images made of nothing but programs have root's home all the same.
        let unknown = if uid == 0 { "/root" } else { "/" };
        home.unwrap_or(unknown).to_owned()
    }

    /// Returns a group's number by the files of a container. Errors: `Invalid` for a name that is not there.
    pub(super) fn group(&self, mount: MountId, group: &str) -> Result<u32> {
        let groups = self.file_in(mount, "/etc/group");
        let entry = groups.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let number = fields.nth(1)?.parse::<u32>().ok()?;
            (name == group).then_some(number)
        });
        if group.parse::<u64>().is_ok_and(|number| number > LARGEST_ID) {
            return Err(out_of_range());
        }
        entry.or_else(|| group.parse().ok()).ok_or_else(|| {
            Error::invalid(format!(
                "unable to find group {group}: no matching entries in group file"
            ))
        })
    }

    /// What a file of a container holds; nothing if it is not there.
    fn file_in(&self, mount: MountId, path: &str) -> String {
        self.sys().kernel(|k| {
            let found = k.resolve(mount, path, true);
            let data = found.and_then(|path| k.file_contents(mount, &path));
            data.map_or_else(
                |_missing| String::new(),
                |data| String::from_utf8_lossy(&data).into_owned(),
            )
        })
    }
}

fn out_of_range() -> Error {
    Error::invalid(format!("uids and gids must be in range 0-{LARGEST_ID}"))
}
