import type { Bytes } from './bytes.js';

/** Characters kept at most, in two generations: what was not asked for during the filling of one goes with it. */
const charactersMax = 64 * 1024 * 1024;
/** An entry's own cost, in characters, which are a byte each: measured on the heap, 107 to 266 bytes. */
const overhead = 270;

/** Pieces of answers, each by the object it was made from and a name. They go with the object. */
export interface KeptTexts {
  get(of: object, name: string): Bytes | undefined;
  keep(of: object, name: string, text: Bytes): void;
}

export function createKeptTexts(): KeptTexts {
  let young = new WeakMap<object, Map<string, Bytes>>();
  let old = new WeakMap<object, Map<string, Bytes>>();
  let characters = 0;

  function keep(of: object, name: string, text: Bytes): void {
    characters += text.length + overhead;
    if (characters > charactersMax / 2) {
      old = young;
      young = new WeakMap();
      characters = text.length + overhead;
    }
    const names = young.get(of);
    if (names) names.set(name, text);
    else young.set(of, new Map([[name, text]]));
  }

  return {
    get(of, name) {
      const known = young.get(of)?.get(name);
      if (known !== undefined) return known;
      const older = old.get(of)?.get(name);
      if (older !== undefined) keep(of, name, older);
      return older;
    },
    // What was put together of many small pieces is copied, so that they are not kept too and never gone through again.
    keep: (of, name, text) => keep(of, name, Buffer.from(text, 'latin1').toString('latin1')),
  };
}
