/** Sizes on the heap of V8. Characters take one byte or two. */
const ofString = 24;
const ofCharacter = 2;
const ofObject = 72;
const ofItem = 8;
const ofNumber = 16;
/** A field with a name that no other object has. */
const ofField = 72;

/**
 * About how many bytes a value as JSON has it takes on the heap, rather more than less, so that what is kept can be bounded by bytes. Its
 * text says little of that: a million empty lists are two megabytes of JSON and twenty on the heap. The value must not contain itself.
 */
function heapBytesOf(value: unknown): number {
  if (typeof value === 'string') return ofString + ofCharacter * value.length;
  if (typeof value !== 'object' || value === null) return ofNumber;
  let bytes = ofObject;
  if (Array.isArray(value)) for (const item of value) bytes += ofItem + heapBytesOf(item);
  else {
    const fields = value as Readonly<Record<string, unknown>>;
    for (const name in fields) bytes += ofField + ofCharacter * name.length + heapBytesOf(fields[name]);
  }
  return bytes;
}

/** The same of a record whose names others share: of its values. */
export function heapBytesOfRecord(record: object): number {
  return heapBytesOf(Object.values(record));
}
