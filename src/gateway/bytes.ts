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
