//! `docker context export` and `import`: a context as an archive. Source: docker/cli `context/store/store.go`.

use kernel::fs::tar::{self, Fault, Style};
use kernel::fs::{Metadata, Node};

use super::{create_named, store};
use crate::args::{ArgRule, Command, Parsed, verb};
use crate::go::quote;
use crate::image::archive::read;
use crate::session::{Outcome, STDOUT, Session, complaint};

pub(crate) static EXPORT: Command = Command {
    name: "export",
    usage: "[OPTIONS] CONTEXT [FILE|-]",
    short: "Export a context to a tar archive FILE or a tar stream on STDOUT.",
    args: ArgRule::Between(1, 2),
    action: verb!(export),
    ..Command::BLANK
};

pub(crate) static IMPORT: Command = Command {
    name: "import",
    usage: "CONTEXT FILE|-",
    short: "Import a context from a tar or zip file",
    args: ArgRule::Exactly(2),
    action: verb!(import),
    ..Command::BLANK
};

const META: &str = "meta.json";

async fn export(session: Session, parsed: Parsed) -> Outcome {
    let (name, sys) = (parsed.arg(0), &session.sys);
    let context = store::find(sys, name).map_err(complaint)?;
    let own = format!("{name}.dockercontext");
    let to = match parsed.arg(1) {
        "" => &own,
        given => given,
    };
    let meta = |node, mode| Metadata {
        node,
        mode,
        uid: 0,
        modified: sys.now(),
    };
    let text = context.json().into_bytes();
    let entries = [
        (META, &meta(Node::File(text.into()), 0o644)),
        ("tls", &meta(Node::Dir, 0o700)),
    ];
    let style = Style {
        epoch: sys.kernel(|k| k.epoch),
        bare: true,
        ..Style::default()
    };
    let bytes = tar::write(entries, style);
    if to == "-" {
        if sys.is_tty(STDOUT) {
            return Err(complaint(
                "cowardly refusing to export to a terminal, specify a file path",
            ));
        }
        // Who reads no more has had enough.
        let _ = sys.write(STDOUT, &bytes).await;
        return Ok(0);
    }
    if sys.exists(to) {
        return Err(complaint(format!("open {to}: file exists")));
    }
    let failed =
        |e: kernel::Errno| complaint(format!("open {to}: {}", e.text().to_ascii_lowercase()));
    sys.write_file(to, &bytes).map_err(failed)?;
    sys.chmod(to, 0o600).map_err(failed)?;
    session.complain(&format!("Written file {}", quote(to)));
    Ok(0)
}

async fn import(session: Session, parsed: Parsed) -> Outcome {
    let (name, sys) = (parsed.arg(0), &session.sys);
    create_named(&session, name)?;
    let bytes = read(&session, parsed.arg(1)).await?;
    let entries = tar::read(&bytes, sys.kernel(|k| k.epoch)).map_err(|fault| {
        complaint(match fault {
            Fault::Short => "unexpected EOF",
            Fault::NoArchive => "archive/tar: invalid tar header",
        })
    })?;
    let mut kept = entries.into_iter().filter(|(at, _)| at == META);
    let Some(Node::File(text)) = kept.next().map(|(_, meta)| meta.node) else {
        return Err(complaint("invalid context: no metadata found"));
    };
    let mut context = store::read(&String::from_utf8_lossy(&text));
    name.clone_into(&mut context.name);
    store::keep(sys, &context).map_err(|e| complaint(e.to_string()))?;
    session.line(name);
    session.complain(&format!("Successfully imported context {}", quote(name)));
    Ok(0)
}
