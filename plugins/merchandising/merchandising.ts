import { userError } from '../../src/errors.js';
import { deepFreeze } from '../../src/kit/deep-freeze.js';
import type { Host } from '../../src/plugin.js';
import type { Merchandising, Synonym } from '../../src/ports/merchandising.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection, Store } from '../../src/ports/store.js';
import { createRules } from './rules/rules.js';
import { checkSynonym, foldedTerm, type SynonymDraft } from './synonym-input.js';

const synonymsMax = 10_000;

/** Keeps synonyms and rules in the store and all of them in memory, since every search reads them. */
export function createMerchandising(
  store: Store,
  queue: Queue,
  host: Host,
): { readonly port: Merchandising; start(): Promise<void>; close(): Promise<void> } {
  const byId = new Map<string, Synonym>();
  const rules = createRules(store, host);
  const listeners = new Set<() => void>();
  let collection: Collection<Synonym> | null = null;
  let stopWatching = (): void => undefined;

  const opened = (): Collection<Synonym> => {
    if (!collection) throw new Error('merchandising was used before it was started');
    return collection;
  };
  const inOrder = (synonyms: Iterable<Synonym>): Synonym[] =>
    [...synonyms].sort((a, b) => (a.id < b.id ? -1 : 1));

  /** Another synonym of the same language with the same terms. */
  function twinOf(draft: SynonymDraft): Synonym | undefined {
    const meaning = meaningOf(draft);
    return [...byId.values()].find(
      (other) => other.id !== draft.id && other.locale === draft.locale && meaningOf(other) === meaning,
    );
  }

  const port: Merchandising = {
    synonyms(locale) {
      const language = locale.split('-', 1)[0];
      return inOrder(byId.values()).filter(
        (synonym) => synonym.locale === '*' || synonym.locale === locale || synonym.locale === language,
      );
    },
    allSynonyms: () => inOrder(byId.values()),
    async saveSynonym(input) {
      const { draft, userErrors } = checkSynonym(input);
      if (!draft) return { synonym: null, userErrors };
      const twin = twinOf(draft);
      if (twin) {
        const message = `synonym ${twin.id} has the same terms in this language; change that one`;
        return {
          synonym: null,
          userErrors: [userError('MERCHANDISING_SYNONYM_DUPLICATE', message, ['synonym', 'terms'])],
        };
      }
      if (draft.id !== null && !byId.has(draft.id)) {
        const message = `there is no synonym ${draft.id}; leave the id out for a new one`;
        return {
          synonym: null,
          userErrors: [userError('MERCHANDISING_SYNONYM_UNKNOWN', message, ['synonym', 'id'])],
        };
      }
      if (draft.id === null && byId.size >= synonymsMax) {
        const message = `there are ${byId.size} synonyms; at most ${synonymsMax} are allowed`;
        return {
          synonym: null,
          userErrors: [userError('MERCHANDISING_SYNONYMS_TOO_MANY', message, ['synonym'])],
        };
      }
      const synonym: Synonym = { ...draft, id: draft.id ?? host.ids.next(), updatedAtMs: host.clock.nowMs() };
      await queue.publishing([{ type: 'synonyms.changed', locale: synonym.locale }], () =>
        opened().put([synonym]),
      );
      return { synonym, userErrors: [] };
    },
    async removeSynonym(id) {
      const synonym = byId.get(id);
      if (!synonym) return false;
      return queue.publishing(
        [{ type: 'synonyms.changed', locale: synonym.locale }],
        async () => (await opened().remove([id])) > 0,
      );
    },
    rules: rules.port,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  return {
    port,
    async start() {
      collection = await store.collection<Synonym>({ name: 'synonyms', indexes: {} });
      stopWatching = collection.watch((changes) => {
        for (const { id, document } of changes) {
          if (document) byId.set(id, deepFreeze(document));
          else byId.delete(id);
        }
        for (const listener of listeners) listener();
      });
      for await (const page of collection.scan())
        for (const synonym of page) byId.set(synonym.id, deepFreeze(synonym));
      await rules.start();
    },
    async close() {
      stopWatching();
      rules.close();
    },
  };
}

function meaningOf({ kind, input, terms }: Pick<Synonym, 'kind' | 'input' | 'terms'>): string {
  return JSON.stringify([kind, input === null ? null : foldedTerm(input), terms.map(foldedTerm).sort()]);
}
