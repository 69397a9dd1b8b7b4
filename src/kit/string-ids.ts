/** Numbers strings from 1 in the order in which they come. 0 stands for none. */
export interface StringIds {
  /** Gives a new string the next number. */
  idOf(text: string): number;
  /** 0 for a string that was never given a number. */
  find(text: string): number;
  textOf(id: number): string;
  /** One more than the highest number. */
  count(): number;
  /** All strings by their numbers, from 1. */
  texts(): readonly string[];
}

/** `texts` have the first numbers. */
export function createStringIds(texts: readonly string[] = []): StringIds {
  const ids = new Map(texts.map((text, i) => [text, i + 1]));
  const all = ['', ...texts];
  return {
    idOf(text) {
      let id = ids.get(text);
      if (id === undefined) {
        id = all.length;
        ids.set(text, id);
        all.push(text);
      }
      return id;
    },
    find: (text) => ids.get(text) ?? 0,
    textOf: (id) => all[id]!,
    count: () => all.length,
    texts: () => all.slice(1),
  };
}
