/**
 * Text in UTF-8, held as a string with one character for each of its bytes. Pieces of an answer are kept and joined in this
 * form, so that the whole is as long as it has characters and goes to the socket as it lies in memory: a single
 * “ in an answer would else make all of it two bytes a character, to be encoded anew each time.
 */
export type Bytes = string;

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
const beyondAscii = /[^\u0000-\u007f]/;

/** Of well-formed text; lone surrogates become U+FFFD. */
export function bytesOf(text: string): Bytes {
  return beyondAscii.test(text) ? Buffer.from(text).toString('latin1') : text;
}

export function textOfBytes(bytes: Bytes): string {
  return Buffer.from(bytes, 'latin1').toString();
}

// What JSON writes as it is: neither quotes nor backslashes nor controls.
const plain = /^[ !#-[\]-~]*$/;
/** Longer texts are written anew each time. */
const recalledLengthMax = 256;
/** In two generations: what was not asked for during the filling of one goes with it. */
const recalledMax = 4_096;

/** Writes a text as JSON. Those that are not plain ASCII, e.g. reasons with a title in them, come again and again, and are recalled. */
export function createTextWriter(): (text: string) => Bytes {
  let young = new Map<string, Bytes>();
  let old = new Map<string, Bytes>();
  return (text) => {
    if (plain.test(text)) return `"${text}"`;
    if (text.length > recalledLengthMax) return bytesOf(JSON.stringify(text));
    const known = young.get(text);
    if (known !== undefined) return known;
    const made = old.get(text) ?? bytesOf(JSON.stringify(text));
    if (young.size === recalledMax) {
      old = young;
      young = new Map();
    }
    young.set(text, made);
    return made;
  };
}
