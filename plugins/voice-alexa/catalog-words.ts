import { describeError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { Voice, VoiceWord } from '../../src/ports/voice.js';

/** Words for the dynamic entities of one response, which has room for 100 with their synonyms. */
const wordsMax = 80;
/** Reading all products takes seconds in a large catalog, and its most frequent words hardly change. */
const freshMs = 60 * 60_000;
const localesMax = 20;

/** Reads the words of the catalog behind the responses, so that none waits for it: the first one has none. */
export function createCatalogWords(
  voice: Pick<Voice, 'vocabulary'>,
  { clock, log }: Host,
): (locale: string) => readonly VoiceWord[] {
  const known = new Map<string, { words: readonly VoiceWord[]; readAtMs: number }>();
  return (locale) => {
    const entry = known.get(locale) ?? { words: [], readAtMs: Number.NEGATIVE_INFINITY };
    const nowMs = clock.monotonicMs();
    if (nowMs - entry.readAtMs < freshMs) return entry.words;
    if (known.size >= localesMax) known.clear();
    entry.readAtMs = nowMs;
    known.set(locale, entry);
    voice.vocabulary(locale).then(
      ({ products }) => {
        entry.words = products.slice(0, wordsMax);
      },
      (error: unknown) =>
        log.warn('the words of the catalog cannot be read for Alexa', { err: describeError(error) }),
    );
    return entry.words;
  };
}
