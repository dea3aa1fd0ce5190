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
        let read = |path: &str| {
            self.sys().kernel(|k| {
                let data = k.file_contents(mount, &k.resolve(mount, path, true).ok()?);
                Some(String::from_utf8_lossy(&data.ok()?).into_owned())
            })
        };
        let (mut uid, mut gid) = (0, 0);
        if !user.is_empty() {
            let users = read("/etc/passwd").unwrap_or_default();
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
        let number = user.parse::<u64>().unwrap_or(0);
        if number > LARGEST_ID {
            return Err(Error::invalid(format!(
                "uids and gids must be in range 0-{LARGEST_ID}"
            )));
        }
        if !group.is_empty() {
            let groups = read("/etc/group").unwrap_or_default();
            let entry = groups.lines().find_map(|line| {
                let mut fields = line.split(':');
                let name = fields.next()?;
                let number = fields.nth(1)?.parse::<u32>().ok()?;
                (name == group).then_some(number)
            });
            gid = entry.or_else(|| group.parse().ok()).ok_or_else(|| {
                Error::invalid(format!(
                    "unable to find group {group}: no matching entries in group file"
                ))
            })?;
        }
        Ok((uid, gid))
    }
}
