//! Texts that the flags of many commands share.

/// The usage of `--format` where one object after another is printed.
pub(crate) const FORMAT: &str = "\
Format output using a custom template:
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates";

/// The usage of `--format` where a table is printed.
pub(crate) const FORMAT_LIST: &str = "\
Format output using a custom template:
'table':            Print output in table format with column headers (default)
'table TEMPLATE':   Print output in table format using the given Go template
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates";
