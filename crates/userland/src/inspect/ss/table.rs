//! How `ss` lays out its lines: each column is as wide as its longest entry.
//!
//! Addresses stand right, ports left behind them. What follows the ports is not padded where nothing does, and the details
//! at the end are as wide as the widest of all lines but the last, which ends before it is measured. Checked against
//! iproute2 7.

/// A line: what stands in each column.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Kind, state, both queues, address and port of both ends. An address brings the sign that stands before its port.
    pub(super) cells: [String; 8],
    /// Who has it open, with the blank before it.
    pub(super) users: String,
    /// All that is told beyond the columns, with the blank or the line's end before it.
    pub(super) details: String,
}

/// Which columns are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Sockets of several kinds may be listed.
    pub(super) kind: bool,
    /// In several states.
    pub(super) state: bool,
    /// The queues.
    pub(super) queues: bool,
    /// Who has them open.
    pub(super) users: bool,
    /// The line with the columns' names.
    pub(super) header: bool,
}

const HEADS: [&str; 8] = [
    "Netid",
    "State",
    "Recv-Q",
    "Send-Q",
    "Local Address:",
    "Port",
    "Peer Address:",
    "Port",
];

impl Shape {
    const fn shows(self, column: usize) -> bool {
        match column {
            0 => self.kind,
            1 => self.state,
            2 | 3 => self.queues,
            _ => true,
        }
    }

    /// The whole table.
    pub(super) fn table(self, rows: &[Row]) -> String {
        let head = Row {
            cells: HEADS.map(str::to_owned),
            users: if self.users { "Process" } else { "" }.to_owned(),
            details: String::new(),
        };
        let widths: Vec<usize> = HEADS
            .iter()
            .enumerate()
            .map(|(column, name)| {
                let cells = rows.iter().filter_map(|row| row.cells.get(column));
                let name = if self.header || column < 4 {
                    name.len()
                } else {
                    0
                };
                cells.map(String::len).max().unwrap_or(0).max(name)
            })
            .collect();
        let measured = rows.len().saturating_sub(1);
        let details = rows.iter().take(measured);
        let details = details.map(|row| row.details.len()).max().unwrap_or(0);
        let head = self.header.then_some(&head);
        head.into_iter()
            .chain(rows)
            .map(|row| self.line(row, &widths, details))
            .collect()
    }

    fn line(self, row: &Row, widths: &[usize], details: usize) -> String {
        let mut out = String::new();
        let columns = row.cells.iter().zip(widths).enumerate();
        for (column, (text, &width)) in columns.filter(|(column, _)| self.shows(*column)) {
            // Ports follow their address.
            if !out.is_empty() && !matches!(column, 5 | 7) {
                out.push(' ');
            }
            out += &match column {
                4 | 6 => format!("{text:>width$}"),
                7 if !self.users => text.clone(),
                _ => format!("{text:<width$}"),
            };
        }
        out + &format!("{}{:<details$}\n", row.users, row.details)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: Shape = Shape {
        kind: false,
        state: true,
        queues: true,
        users: false,
        header: true,
    };

    fn row(local: &str, port: &str, users: &str, details: &str) -> Row {
        let cells = ["tcp", "LISTEN", "0", "511", local, port, "0.0.0.0:", "*"];
        Row {
            cells: cells.map(str::to_owned),
            users: users.to_owned(),
            details: details.to_owned(),
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_longest_entry() {
        assert_eq!(
            TCP.table(&[row("0.0.0.0:", "6379", "", "")]),
            "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 0      511          0.0.0.0:6379      0.0.0.0:*\n"
        );
        let users = Shape { users: true, ..TCP };
        assert_eq!(
            users.table(&[row(
                "127.0.0.11:",
                "40123",
                " users:((\"x\",pid=1,fd=3))",
                ""
            )]),
            "State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\nLISTEN 0      511       127.0.0.11:40123      0.0.0.0:*    users:((\"x\",pid=1,fd=3))\n"
        );
        assert_eq!(
            TCP.table(&[]),
            "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
        );
    }

    #[test]
    fn details_are_as_wide_as_all_but_the_last() {
        let rows = [
            row("0.0.0.0:", "80", "", " long"),
            row("0.0.0.0:", "81", "", " ino"),
        ];
        assert_eq!(
            TCP.table(&rows),
            "State  Recv-Q Send-Q Local Address:Port Peer Address:Port     \nLISTEN 0      511          0.0.0.0:80        0.0.0.0:* long\nLISTEN 0      511          0.0.0.0:81        0.0.0.0:* ino \n"
        );
    }
}
