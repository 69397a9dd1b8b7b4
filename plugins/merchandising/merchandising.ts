import type { Contributed } from '../../src/contributed.js';
import { userError } from '../../src/errors.js';
import { deepFreeze } from '../../src/kit/deep-freeze.js';
import type { Host } from '../../src/plugin.js';
import type { Merchandising, Synonym } from '../../src/ports/merchandising.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Audience } from '../../src/ports/segments.js';
import type { Collection, Store } from '../../src/ports/store.js';
import { createRules } from './rules/rules.js';
import { checkSynonym, type SynonymDraft } from './synonyms/synonym-input.js';
import { createSynonymList } from './synonyms/synonym-list.js';

const synonymsMax = 10_000;
/** Synonyms that one call saves. */
const batchMax = 1_000;

/** Keeps synonyms and rules in the store and all of them in memory, since every search reads them. */
export function createMerchandising(
  store: Store,
  queue: Queue,
  host: Host,
  audiences: () => readonly Contributed<Audience>[],
): { readonly port: Merchandising; start(): Promise<void>; close(): Promise<void> } {
  const list = createSynonymList();
  const rules = createRules(store, host, audiences);
  const listeners = new Set<() => void>();
  let collection: Collection<Synonym> | null = null;
  let stopWatching = (): void => undefined;

  const opened = (): Collection<Synonym> => {
    if (!collection) throw new Error('merchandising was used before it was started');
    return collection;
  };

  /** The fault of a draft among what is saved and what will be saved before it; null if it may be saved. */
  function faultOf(draft: SynonymDraft, taken: ReadonlySet<string>, added: number, path: readonly string[]) {
    const twin = list.twinOf(draft);
    if (twin !== null || taken.has(list.meaningOf(draft))) {
      const message =
        twin === null
          ? 'another synonym of this call has the same terms in this language; leave one out'
          : `synonym ${twin} has the same terms in this language; change that one`;
      return userError('MERCHANDISING_SYNONYM_DUPLICATE', message, [...path, 'terms']);
    }
    if (draft.id !== null && !list.has(draft.id)) {
      const message = `there is no synonym ${draft.id}; leave the id out for a new one`;
      return userError('MERCHANDISING_SYNONYM_UNKNOWN', message, [...path, 'id']);
    }
    if (draft.id === null && list.size() + added >= synonymsMax) {
      const message = `there are ${list.size() + added} synonyms; at most ${synonymsMax} are allowed`;
      return userError('MERCHANDISING_SYNONYMS_TOO_MANY', message, [...path]);
    }
    return null;
  }

  async function saveAt(inputs: readonly unknown[], pathOf: (at: number) => readonly string[]) {
    const taken = new Set<string>();
    const saved: Synonym[] = [];
    let added = 0;
    const userErrors = inputs.flatMap((input, at) => {
      const { draft, userErrors: faults } = checkSynonym(input, pathOf(at));
      if (!draft) return faults;
      const fault = faultOf(draft, taken, added, pathOf(at));
      if (fault) return [fault];
      taken.add(list.meaningOf(draft));
      if (draft.id === null) added++;
      saved.push({ ...draft, id: draft.id ?? host.ids.next(), updatedAtMs: host.clock.nowMs() });
      return [];
    });
    const facts = [...new Set(saved.map(({ locale }) => locale))].map((locale) => ({
      type: 'synonyms.changed' as const,
      locale,
    }));
    if (saved.length > 0) await queue.publishing(facts, () => opened().put(saved));
    return { saved, userErrors };
  }

  const port: Merchandising = {
    synonyms(locale) {
      const language = locale.split('-', 1)[0];
      return list
        .all()
        .filter(
          (synonym) => synonym.locale === '*' || synonym.locale === locale || synonym.locale === language,
        );
    },
    allSynonyms: list.all,
    async saveSynonym(input) {
      const { saved, userErrors } = await saveAt([input], () => ['synonym']);
      return { synonym: saved[0] ?? null, userErrors };
    },
    async saveSynonyms(inputs) {
      if (inputs.length > batchMax) {
        const message = `${inputs.length} synonyms; at most ${batchMax} are allowed in one call`;
        return {
          saved: [],
          userErrors: [userError('MERCHANDISING_SYNONYMS_TOO_MANY', message, ['synonyms'])],
        };
      }
      return saveAt(inputs, (at) => ['synonyms', String(at)]);
    },
    isSaved(input) {
      const { draft } = checkSynonym(input, []);
      return draft !== null && list.twinOf(draft) !== null;
    },
    async removeSynonym(id) {
      const synonym = list.get(id);
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
      // Boot reports what nobody has read by the end of the start.
      audiences();
      collection = await store.collection<Synonym>({ name: 'synonyms', indexes: {} });
      stopWatching = collection.watch((changes) => {
        for (const { id, document } of changes) {
          if (document) list.put(deepFreeze(document));
          else list.remove(id);
        }
        for (const listener of listeners) listener();
      });
      for await (const page of collection.scan()) for (const synonym of page) list.put(deepFreeze(synonym));
      await rules.start();
    },
    async close() {
      stopWatching();
      rules.close();
    },
  };
}
