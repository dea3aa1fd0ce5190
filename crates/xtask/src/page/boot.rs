//! The little JavaScript that comes before the program: what was set is worn from the first moment on, and loading is
//! told in megabytes.

use super::pack;
use super::site::{FIRST, REST};

/// Puts theme, text size and the terminals' height on the document before anything is drawn, so that nothing flashes or moves.
pub(super) const EARLY: &str = "try {
  const root = document.documentElement;
  const kept = name => localStorage.getItem('drydock.' + name);
  for (const name of ['theme', 'size']) if (kept(name)) root.setAttribute('data-' + name, kept(name));
  const height = parseFloat(kept('desk'));
  if (height > 0) root.style.setProperty('--dock', height + 'px');
} catch {}
";

/// What to do when the program cannot start: say so where the page would have been.
const COMPLAIN: &str = "error => {
  const place = document.getElementById('app');
  place.textContent = `Drydock could not start: ${error}. It needs a browser of 2024 or later with WebAssembly.`;
  place.className = 'loading';
  console.error(error);
}";

/// A script in a thread of its own; see there.
const THREAD: &str = include_str!("thread.js");

/// JavaScript that makes a function `compiled`, which promises the compiled program. `get` makes the packed one of `source`.
pub(super) fn compiled(get: &str) -> String {
    let unpack = pack::unpack();
    let thread = pack::bare(THREAD);
    format!(
        "const work = async (source, tell) => {{
{get}{unpack}return WebAssembly.compile(unpack(packed));
}};
{thread}"
    )
}

/// Fetches a packed half: `source` is its address and its size in bytes.
const FETCH: &str = "const [url, bytes] = source;
const packed = new Uint8Array(bytes);
const answer = await fetch(url);
if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
const reader = answer.body.getReader();
for (let loaded = 0, told = 0; ;) {
  const { done, value } = await reader.read();
  if (done) break;
  packed.set(value, loaded);
  loaded += value.length;
  if (loaded - told > 2e5) tell(told = loaded);
}
";

/// The site's early script, which also begins to fetch the packed halves of so many bytes.
pub(super) fn early(version: &str, [first, rest]: [usize; 2]) -> String {
    let compiled = compiled(FETCH);
    let source =
        |file, bytes| format!("[new URL('{file}?v={version}', document.baseURI).href, {bytes}]");
    format!(
        "{EARLY}{compiled}const megabytes = bytes => (bytes / 1e6).toFixed(1);
const program = compiled({}, loaded => {{
  const [bar, place] = ['loading', 'loaded'].map(id => document.getElementById(id));
  if (bar) bar.value = loaded / {first};
  if (place) place.textContent = `${{megabytes(loaded)}} / ${{megabytes({first})}} MB`;
}});
program.catch(() => {{}});
{}",
        source(FIRST, first),
        joined(&source(REST, rest))
    )
}

/// JavaScript that loads the other half of the program from `source` once the first half is compiled, and joins it to that as
/// soon as it has begun. `drydock_rest` promises that: the first half waits for it.
pub(super) fn joined(source: &str) -> String {
    format!(
        "let began;
const drydock_rest = Promise.all([program.then(() => compiled({source}, () => {{}})), new Promise(done => began = done)])
.then(([module, exports]) => WebAssembly.instantiate(module, {{ __wasm_split: exports }}));
drydock_rest.catch(() => {{}});
"
    )
}

/// JavaScript that starts the program by the function `start` as soon as it is compiled.
pub(super) fn start_program(start: &str) -> String {
    format!(
        "program.then(module_or_path => {start}({{ module_or_path }})).then(began).catch({COMPLAIN});
"
    )
}

/// The site's module, which starts the program.
pub(super) fn start(version: &str) -> String {
    let start = start_program("start");
    format!("import start from './drydock.js?v={version}';\n{start}")
}

/// Makes a script fit between `<script>` tags, whatever its strings hold.
pub(super) fn inline(script: &str) -> String {
    script
        .replace("</script", "<\\/script")
        .replace("<!--", "<\\!--")
}

/// A script as an element.
pub(super) fn element(script: &str) -> String {
    format!("<script>{script}</script>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_cannot_end_its_own_element() {
        assert_eq!(inline("a('</script><!--')"), "a('<\\/script><\\!--')");
        assert_eq!(inline(EARLY), EARLY);
    }
}
