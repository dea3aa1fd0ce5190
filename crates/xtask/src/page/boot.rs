//! The little JavaScript that comes before the program: what was set is worn from the first moment on, and loading is
//! told in megabytes.

use super::pack;

/// Puts theme, text size and language on the document before anything is drawn, so that nothing flashes.
pub(super) const EARLY: &str = "try {
  for (const name of ['theme', 'size']) {
    const value = localStorage.getItem('drydock.' + name);
    if (value) document.documentElement.setAttribute('data-' + name, value);
  }
} catch {}
";

/// What to do when the program cannot start: say so where the page would have been.
pub(super) const COMPLAIN: &str = "error => {
  const place = document.getElementById('app');
  place.textContent = `Drydock could not start: ${error}. It needs a browser of 2023 or later with WebAssembly.`;
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

/// Fetches the packed program of so many bytes.
fn fetch(bytes: usize) -> String {
    format!(
        "const packed = new Uint8Array({bytes});
const answer = await fetch(source);
if (!answer.ok) throw new Error(`${{answer.status}} ${{answer.statusText}}`);
const reader = answer.body.getReader();
for (let loaded = 0, told = 0; ;) {{
  const {{ done, value }} = await reader.read();
  if (done) break;
  packed.set(value, loaded);
  loaded += value.length;
  if (loaded - told > 2e5) tell(told = loaded);
}}
"
    )
}

/// The site's early script, which also begins to fetch the packed program of so many bytes.
pub(super) fn early(version: &str, bytes: usize) -> String {
    let compiled = compiled(&fetch(bytes));
    format!(
        "{EARLY}{compiled}const megabytes = bytes => (bytes / 1e6).toFixed(1);
const program = compiled(new URL('drydock_bg.wasm?v={version}', document.baseURI).href, loaded => {{
  const [bar, place] = ['loading', 'loaded'].map(id => document.getElementById(id));
  if (bar) bar.value = loaded / {bytes};
  if (place) place.textContent = `${{megabytes(loaded)}} / ${{megabytes({bytes})}} MB`;
}});
program.catch(() => {{}});
"
    )
}

/// The site's module, which starts the program as soon as it is compiled.
pub(super) fn start(version: &str) -> String {
    format!(
        "import start from './drydock.js?v={version}';
program.then(module_or_path => start({{ module_or_path }})).catch({COMPLAIN});
"
    )
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
