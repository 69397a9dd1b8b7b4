const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Returns whether lists and objects in a JSON text nest deeper than so many levels. It is far cheaper than parsing such a text. */
export function isDeeper(json: Buffer, levels: number): boolean {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === quote) {
      do i = json.indexOf(quote, i + 1);
      while (i >= 0 && isEscaped(json, i));
      if (i < 0) return false;
    } else if (byte === openBracket || byte === openBrace) {
      depth++;
      if (depth > levels) return true;
    } else if (byte === closeBracket || byte === closeBrace) depth--;
  }
  return false;
}

function isEscaped(json: Buffer, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === backslash) backslashes++;
  return backslashes % 2 === 1;
}
