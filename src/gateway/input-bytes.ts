/** Deeper values are refused before anything looks at them; an object that a plugin's scalar made may have a cycle. */
const levelsMax = 120;
/** The size of a number, `true`, `null`, and of values that are too deep. */
const bytesOfScalar = 4;

/** About how many bytes a value takes as JSON. */
export function inputBytesOf(value: unknown, levels = levelsMax): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null || levels === 0) return bytesOfScalar;
  let bytes = 2;
  if (Array.isArray(value)) for (const each of value) bytes += inputBytesOf(each, levels - 1) + 1;
  else {
    const fields = value as Readonly<Record<string, unknown>>;
    for (const name in fields) bytes += name.length + 4 + inputBytesOf(fields[name], levels - 1);
  }
  return bytes;
}
