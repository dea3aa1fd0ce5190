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

/// The site's module, which fetches the packed program of so many bytes, unpacks and starts it.
pub(super) fn module(version: &str, bytes: usize) -> String {
    let unpack = pack::unpack();
    format!(
        "import start from './drydock.js?v={version}';
{unpack}const all = {bytes};
const megabytes = bytes => (bytes / 1e6).toFixed(1);
(async () => {{
  const answer = await fetch(new URL('./drydock_bg.wasm?v={version}', import.meta.url));
  if (!answer.ok) throw new Error(`${{answer.status}} ${{answer.statusText}}`);
  let loaded = 0;
  const counter = new TransformStream({{ transform(part, to) {{
    loaded += part.length;
    const [bar, place] = ['loading', 'loaded'].map(id => document.getElementById(id));
    if (bar) bar.value = loaded / all;
    if (place) place.textContent = `${{megabytes(loaded)}} / ${{megabytes(all)}} MB`;
    to.enqueue(part);
  }} }});
  const packed = await new Response(answer.body.pipeThrough(counter)).arrayBuffer();
  await start({{ module_or_path: unpack(new Uint8Array(packed)) }});
}})().catch({COMPLAIN});
"
    )
}

/// Makes a script fit between `<script>` tags, whatever its strings hold.
pub(super) fn inline(script: &str) -> String {
    script
        .replace("</script", "<\\/script")
        .replace("<!--", "<\\!--")
}

/// The early script as an element.
pub(super) fn early() -> String {
    format!("<script>{EARLY}</script>")
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
