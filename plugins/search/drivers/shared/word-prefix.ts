import { fold } from '../embedded/tokens/tokenizer.js';

/** Returns whether a name, or one of its words, begins with a folded prefix. */
export function hasWordPrefix(name: string, prefix: string): boolean {
  const folded = fold(name);
  return folded.startsWith(prefix) || folded.split(/[\s/&-]+/u).some((word) => word.startsWith(prefix));
}
