/**
 * Reads some fields of an object from its JSON, and stops behind the last of them. For whole text from `JSON.stringify` only: it is not
 * checked, and a field that stands in it twice is read once. Fields that the object has not got are absent. Of text that is cut off, it reads
 * the fields before the cut or throws a SyntaxError. An index needs two or three fields of a document; parsing all of it takes several times as
 * long.
 */
export function readFields(json: string, wanted: ReadonlySet<string>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  let missing = wanted.size;
  for (let at = 1; missing > 0 && json.charCodeAt(at) === quote; ) {
    const nameEnd = stringEnd(json, at);
    const name = nameOf(json.slice(at, nameEnd));
    const valueEnd = endOfValue(json, nameEnd + 1);
    if (valueEnd >= json.length) throw new SyntaxError('the object is cut off');
    if (wanted.has(name)) {
      fields[name] = JSON.parse(json.slice(nameEnd + 1, valueEnd));
      missing--;
    }
    at = valueEnd + 1;
  }
  return fields;
}

/** Most names stand in JSON as they are. */
function nameOf(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

const quote = 34;
const comma = 44;
const backslash = 92;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** The end of the string that begins at a place, behind its quote. */
function stringEnd(json: string, from: number): number {
  let end = json.indexOf('"', from + 1);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end + 1;
}

function isEscaped(json: string, at: number): boolean {
  let before = at - 1;
  while (json.charCodeAt(before) === backslash) before--;
  return (at - before) % 2 === 0;
}

/** The end of the value that begins at a place. */
function endOfValue(json: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < json.length) {
    const code = json.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(json, at);
      continue;
    }
    if (code === openBrace || code === openBracket) depth++;
    else if (code === closeBrace || code === closeBracket) {
      if (depth === 0) return at;
      depth--;
    } else if (code === comma && depth === 0) return at;
    at++;
  }
  return at;
}
