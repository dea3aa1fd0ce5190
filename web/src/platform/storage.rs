//! The browser's storage, which may be forbidden, full or full of nonsense.

use web_sys::Storage;

/// Why something could not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The browser does not let this page store anything.
    Blocked,
    /// There is no room left.
    Full,
}

/// The key of the saved lab.
pub(crate) const LAB: &str = "drydock.lab";
/// The key under which a saved lab is put aside that could not be opened.
pub(crate) const BROKEN: &str = "drydock.lab.unreadable";
/// The key of the language.
pub(crate) const LANGUAGE: &str = "drydock.language";
/// The key of how the terminals stand.
pub(crate) const DESK: &str = "drydock.desk";
/// The key of the theme.
pub(crate) const THEME: &str = "drydock.theme";
/// The key of the text size, in percent.
pub(crate) const SIZE: &str = "drydock.size";
/// The key of the playback speed's place among those on offer.
pub(crate) const SPEED: &str = "drydock.speed";
/// The key of how much motion there is.
pub(crate) const MOTION: &str = "drydock.motion";
/// The key of whether single letters are shortcuts.
pub(crate) const LETTERS: &str = "drydock.letters";
/// The key of whether terminals are laid out for screen readers.
pub(crate) const READING: &str = "drydock.reading";
/// The key of where the lab began.
pub(crate) const START: &str = "drydock.start";
/// The key that says that the tour has been seen.
pub(crate) const TOUR: &str = "drydock.tour";

fn open() -> Result<Storage, Trouble> {
    // Merely asking throws in a sandboxed frame, so errors are answers here.
    match web_sys::window().map(|w| w.local_storage()) {
        Some(Ok(Some(storage))) => Ok(storage),
        _ => Err(Trouble::Blocked),
    }
}

/// Reads a value.
pub(crate) fn read(key: &str) -> Result<Option<String>, Trouble> {
    open()?.get_item(key).or(Err(Trouble::Blocked))
}

/// Keeps a value.
pub(crate) fn write(key: &str, value: &str) -> Result<(), Trouble> {
    open()?.set_item(key, value).or(Err(Trouble::Full))
}

/// Keeps a value, or forgets it. A browser that does not let it is no trouble here: it holds for this visit then.
pub(crate) fn keep(key: &str, value: Option<&str>) {
    match value {
        Some(value) => {
            let _ = write(key, value);
        }
        None => forget(key),
    }
}

/// Forgets a value.
pub(crate) fn forget(key: &str) {
    if let Ok(storage) = open() {
        let _ = storage.remove_item(key);
    }
}
