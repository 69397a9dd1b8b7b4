import type { Contributed } from '../../../src/contributed.js';
import { shownValue } from '../../../src/kit/shown-value.js';
import type { Suggestion, SuggestionRequest, SuggestionSource } from '../../../src/ports/search.js';

const deadlineMsDefault = 100;
const deadlineMsMax = 1_000;
const textCharsMax = 100;
const kinds: readonly Suggestion['kind'][] = ['QUERY', 'PRODUCT', 'CATEGORY', 'BRAND'];

/** The suggestions of all contributed sources, in the order of plugins. `degraded`: a source was left out. */
export async function contributedSuggestions(
  sources: readonly Contributed<SuggestionSource>[],
  request: SuggestionRequest,
): Promise<{ readonly suggestions: readonly Suggestion[]; readonly degraded: boolean }> {
  const lists = await Promise.all(
    sources.map((source) =>
      source.call(deadlineMsOf(source.contribution), async (each) =>
        checked(each.name, await each.suggest(request)).slice(0, request.limit),
      ),
    ),
  );
  return { suggestions: lists.flatMap((list) => list ?? []), degraded: lists.includes(null) };
}

function deadlineMsOf({ deadlineMs = deadlineMsDefault }: SuggestionSource): number {
  return deadlineMs >= 1 ? Math.min(deadlineMs, deadlineMsMax) : deadlineMsDefault;
}

/** Throws a TypeError that names the source, the value received and what is allowed. */
function checked(source: string, list: readonly Suggestion[]): readonly Suggestion[] {
  const refuse = (what: string): never => {
    throw new TypeError(`the suggestion source "${String(source).slice(0, 128)}" ${what}`);
  };
  if (!Array.isArray(list)) refuse(`returned ${shownValue(list)}; an array of suggestions is allowed`);
  return list.map(({ text, kind, id = null }) => {
    if (typeof text !== 'string' || text.trim() === '' || text.length > textCharsMax)
      refuse(`returned the text ${shownValue(text)}; 1 to ${textCharsMax} characters are allowed`);
    if (!kinds.includes(kind)) refuse(`returned the kind ${shownValue(kind)}; allowed: ${kinds.join(', ')}`);
    const needsId = kind === 'PRODUCT' || kind === 'CATEGORY';
    if (needsId ? typeof id !== 'string' || id === '' : id !== null)
      refuse(
        `returned the id ${shownValue(id)} of a ${kind}; ${needsId ? 'its id is required' : 'null is allowed'}`,
      );
    return { text, kind, id };
  });
}
