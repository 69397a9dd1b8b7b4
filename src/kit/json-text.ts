const decoder = new TextDecoder('utf-8', { fatal: true });

/** Parses bytes as JSON in UTF-8, with or without a byte order mark. Returns undefined, which no JSON is, for anything else. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
