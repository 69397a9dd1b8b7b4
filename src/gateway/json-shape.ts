const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** The bounds of a JSON text that can be parsed and read in little time. */
export interface ShapeBounds {
  /** Levels of lists and objects. */
  readonly nesting: number;
  /** Members of one object. */
  readonly members: number;
}

/** Returns the bound that a JSON text exceeds; null if there is none. It is far cheaper than parsing such a text. */
export function shapeFaultOf(json: Buffer, { nesting, members }: ShapeBounds): keyof ShapeBounds | null {
  /** Commas of each open object, from outside in; null for a list. */
  const open: (number | null)[] = [];
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === quote) {
      do i = json.indexOf(quote, i + 1);
      while (i >= 0 && isEscaped(json, i));
      if (i < 0) return null;
    } else if (byte === comma) {
      const commas = open.at(-1);
      if (commas === null || commas === undefined) continue;
      if (commas + 2 > members) return 'members';
      open[open.length - 1] = commas + 1;
    } else if (byte === openBracket || byte === openBrace) {
      open.push(byte === openBrace ? 0 : null);
      if (open.length > nesting) return 'nesting';
    } else if (byte === closeBracket || byte === closeBrace) open.pop();
  }
  return null;
}

function isEscaped(json: Buffer, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === backslash) backslashes++;
  return backslashes % 2 === 1;
}
