export const idLengthMax = 128;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const unprintable = /[\u0000-\u001f\u007f]/;

/** Whether a value can be the id of a session, customer, store or device: 1 to 128 printable characters. */
export function isContextId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length >= 1 &&
    value.length <= idLengthMax &&
    !unprintable.test(value) &&
    value.isWellFormed()
  );
}
