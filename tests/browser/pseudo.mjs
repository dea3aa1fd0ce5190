// The pseudo-language: English made longer and strange, so that what is not taken from the messages shows, and what
// has no room for longer texts as well.

const STRANGE = { a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', n: 'ñ', c: 'ç', A: 'Á', E: 'É', I: 'Í', O: 'Ó', U: 'Ú' };

/** Marks the beginning of every text. */
export const MARK = '⟦';

/** A message file, made strange. */
export function pseudo(file) {
  const lines = file.split('\n').filter(line => !line.startsWith('#') && line.includes(' = '));
  return lines.map(line => {
    const at = line.indexOf(' = ');
    const [key, text] = [line.slice(0, at), line.slice(at + 3)];
    const said = /^(name|thousands|decimal_point)$/.test(key) ? text : strange(text);
    return `${key} = ${said}`;
  }).join('\n');
}

/** A text a third longer, its places left alone. */
function strange(text) {
  const parts = text.split(/(\{[^}]*\})/);
  const letters = parts.map(part => (part.startsWith('{') ? part : part.replace(/[a-zA-Z]/g, c => STRANGE[c] ?? c)));
  const spoken = text.replace(/\{[^}]*\}/g, '').length;
  return `${MARK}${letters.join('')}${' ~~~~~'.repeat(Math.ceil(spoken / 18))}⟧`;
}
