import { isDeepStrictEqual } from 'node:util';
import type { Contributed } from '../../../src/contributed.js';
import { userError } from '../../../src/errors.js';
import { deepFreeze } from '../../../src/kit/deep-freeze.js';
import { shownValue } from '../../../src/kit/shown-value.js';
import type { Host } from '../../../src/plugin.js';
import type { MerchandisingRule, Revision, RuleChange, Rules } from '../../../src/ports/merchandising.js';
import type { Audience } from '../../../src/ports/segments.js';
import type { Collection, Store } from '../../../src/ports/store.js';
import { checkRule } from './rule-input.js';

const rulesMax = 1_000;
const noteCharsMax = 500;
const batchMax = 200;

/** One rule of a draft; null: it is removed. */
interface DraftEntry {
  readonly id: string;
  readonly rule: MerchandisingRule | null;
}

/** A revision as it is stored. Its changes are those of its batch: others were written by a publication that came second, or that did not end. */
interface StoredRevision extends Revision {
  readonly id: string;
  readonly batch: string;
}

interface StoredChange extends RuleChange {
  readonly id: string;
  readonly number: number;
  readonly batch: string;
}

type RulesById = ReadonlyMap<string, MerchandisingRule>;

/**
 * Keeps the revisions of merchandising rules, which are only ever added to, and the draft. The published rules are what all changes make of
 * none. A publication writes its changes first and then its revision, which decides: it is whole or not at all, and of two with one number the
 * second is refused.
 */
export function createRules(
  store: Store,
  host: Host,
  audiences: () => readonly Contributed<Audience>[],
): { readonly port: Rules; start(): Promise<void>; close(): void } {
  let published: RulesById = new Map();
  /** Both lists in order, until a rule changes. */
  let sorted: Partial<Record<'published' | 'draft', readonly MerchandisingRule[]>> = {};
  const drafted = new Map<string, DraftEntry>();
  const revisions: StoredRevision[] = [];
  /** Loads revisions one after another, as others publish them. */
  let loading: Promise<void> = Promise.resolve();
  let opened: {
    readonly draft: Collection<DraftEntry>;
    readonly revisions: Collection<StoredRevision>;
    readonly changes: Collection<StoredChange>;
  } | null = null;
  const stops: (() => void)[] = [];

  function collections(): NonNullable<typeof opened> {
    if (!opened) throw new Error('merchandising was used before it was started');
    return opened;
  }

  function withDraft(): RulesById {
    const rules = new Map(published);
    for (const { id, rule } of drafted.values()) {
      if (rule) rules.set(id, rule);
      else rules.delete(id);
    }
    return rules;
  }

  function list({ draft = false } = {}): readonly MerchandisingRule[] {
    if (draft && drafted.size > 0) {
      sorted.draft ??= inOrder(withDraft());
      return sorted.draft;
    }
    sorted.published ??= inOrder(published);
    return sorted.published;
  }

  function draft(): readonly RuleChange[] {
    const changes = [...drafted.values()].map(({ id, rule }) => ({
      ruleId: id,
      before: published.get(id) ?? null,
      after: rule,
    }));
    return changes.filter(isChange).sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
  }

  async function changesOf({
    number,
    batch,
  }: Pick<StoredRevision, 'number' | 'batch'>): Promise<RuleChange[]> {
    const found: RuleChange[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<Collection<StoredChange>['find']>> = await collections().changes.find({
        index: 'byNumber',
        equals: [number],
        limit: batchMax,
        ...(after === null ? {} : { after }),
      });
      for (const { batch: of, ruleId, before, after } of page.items as readonly StoredChange[])
        if (of === batch) found.push({ ruleId, before, after });
      after = page.next;
    } while (after !== null);
    return found.sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
  }

  function take(revision: StoredRevision, changes: readonly RuleChange[]): void {
    if (revision.number !== revisions.length + 1) return;
    revisions.push(revision);
    const rules = new Map(published);
    for (const { ruleId, after } of changes) {
      if (after) rules.set(ruleId, deepFreeze(after));
      else rules.delete(ruleId);
    }
    published = rules;
    sorted = {};
  }

  /** Takes revisions of other processes, too, so that this one continues from the newest. */
  function load(): Promise<void> {
    const before = loading.catch(() => undefined);
    loading = before.then(async () => {
      for (;;) {
        const next = await collections().revisions.get(idOf(revisions.length + 1));
        if (!next) return;
        take(next, await changesOf(next));
      }
    });
    return loading;
  }

  async function publishChanges(
    changes: readonly RuleChange[],
    about: Pick<Revision, 'author' | 'note' | 'restores'>,
  ): Promise<Revision | null> {
    const { revisions: stored, changes: kept } = collections();
    const number = revisions.length + 1;
    const batch = host.ids.next();
    for (let i = 0; i < changes.length; i += batchMax) {
      const part = changes.slice(i, i + batchMax);
      await kept.put(part.map((each) => ({ ...each, id: `${batch}:${each.ruleId}`, number, batch })));
    }
    const revision = {
      ...about,
      id: idOf(number),
      number,
      batch,
      atMs: host.clock.nowMs(),
      rules: changes.length,
    };
    const [added] = await stored.insert([revision]);
    if (added !== true) {
      await load();
      return null;
    }
    take(revision, changes);
    return revision;
  }

  const publishedMeanwhile = (path: string) => {
    const message = `revision ${revisions.length} was published meanwhile; look at it, then publish again`;
    return { revision: null, userErrors: [userError('MERCHANDISING_PUBLISHED_MEANWHILE', message, [path])] };
  };

  function noteFault(note: string) {
    const { length } = note.trim();
    if (length >= 1 && length <= noteCharsMax) return null;
    const message = `the note has ${length} characters; 1 to ${noteCharsMax} are allowed`;
    return { revision: null, userErrors: [userError('MERCHANDISING_NOTE_INVALID', message, ['note'])] };
  }

  const port: Rules = {
    list,
    draft,
    knowsSegment: (segmentId) =>
      audiences().some((audience) => audience.attempt((each) => each.has(segmentId)) === true),
    async save(input) {
      const { draft: checked, userErrors } = checkRule(input);
      if (!checked) return { rule: null, userErrors };
      const rules = withDraft();
      if (checked.id !== null && !rules.has(checked.id)) {
        const message = `there is no rule ${shownValue(checked.id)}; leave the id out for a new one`;
        return {
          rule: null,
          userErrors: [userError('MERCHANDISING_RULE_UNKNOWN', message, ['rule', 'id'])],
        };
      }
      if (checked.id === null && rules.size >= rulesMax) {
        const message = `there are ${rules.size} rules; at most ${rulesMax} are allowed`;
        return { rule: null, userErrors: [userError('MERCHANDISING_RULES_TOO_MANY', message, ['rule'])] };
      }
      const rule = { ...checked, id: checked.id ?? host.ids.next(), updatedAtMs: host.clock.nowMs() };
      await collections().draft.put([{ id: rule.id, rule }]);
      return { rule, userErrors: [] };
    },
    async remove(id) {
      if (!withDraft().has(id)) return false;
      if (published.has(id)) await collections().draft.put([{ id, rule: null }]);
      else await collections().draft.remove([id]);
      return true;
    },
    async discard() {
      const { length } = draft();
      await collections().draft.remove([...drafted.keys()]);
      return length;
    },
    async publish(note, { source }) {
      const fault = noteFault(note);
      if (fault) return fault;
      const changes = draft();
      if (changes.length === 0) {
        const message = 'the draft changes nothing; save or remove a rule first';
        return { revision: null, userErrors: [userError('MERCHANDISING_DRAFT_EMPTY', message, [])] };
      }
      const revision = await publishChanges(changes, { author: source, note: note.trim(), restores: null });
      if (!revision) return publishedMeanwhile('note');
      const settled = changes.filter(({ ruleId, after }) =>
        isDeepStrictEqual(drafted.get(ruleId)?.rule, after),
      );
      await collections().draft.remove(settled.map(({ ruleId }) => ruleId));
      return { revision, userErrors: [] };
    },
    async rollback(to, note, { source }) {
      const fault = noteFault(note);
      if (fault) return fault;
      if (!Number.isInteger(to) || to < 0 || to >= revisions.length) {
        const message = `there is no revision ${to} to go back to; 0 to ${revisions.length - 1} are allowed`;
        return {
          revision: null,
          userErrors: [userError('MERCHANDISING_REVISION_UNKNOWN', message, ['revision'])],
        };
      }
      const target = new Map<string, MerchandisingRule | null>();
      for (const revision of revisions.slice(to).reverse())
        for (const { ruleId, before } of await changesOf(revision)) target.set(ruleId, before);
      const changes = [...target]
        .map(([ruleId, after]) => ({ ruleId, before: published.get(ruleId) ?? null, after }))
        .filter(isChange);
      const revision = await publishChanges(changes, { author: source, note: note.trim(), restores: to });
      return revision ? { revision, userErrors: [] } : publishedMeanwhile('revision');
    },
    revisions(limit, before = revisions.length + 1) {
      const end = Math.max(0, Math.min(revisions.length, before - 1));
      return revisions.slice(Math.max(0, end - limit), end).reverse();
    },
    async changesOf(number) {
      const revision = revisions[number - 1];
      return revision ? changesOf(revision) : null;
    },
  };

  return {
    port,
    async start() {
      opened = {
        draft: await store.collection<DraftEntry>({ name: 'merchandising-draft', indexes: {} }),
        revisions: await store.collection<StoredRevision>({ name: 'merchandising-revisions', indexes: {} }),
        changes: await store.collection<StoredChange>({
          name: 'merchandising-changes',
          indexes: { byNumber: { fields: ['number'] } },
          watched: false,
        }),
      };
      stops.push(
        opened.draft.watch((changes) => {
          for (const { id, document } of changes) {
            if (document) drafted.set(id, deepFreeze(document));
            else drafted.delete(id);
          }
          sorted = {};
        }),
        opened.revisions.watch((changes) => {
          if (changes.some(({ document }) => document && document.number > revisions.length))
            load().catch((error: unknown) =>
              host.log.error('a revision of merchandising could not be read', { error }),
            );
        }),
      );
      for await (const page of opened.draft.scan())
        for (const entry of page) drafted.set(entry.id, deepFreeze(entry));
      await load();
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}

const idOf = (number: number): string => String(number).padStart(9, '0');

function isChange({ before, after }: RuleChange): boolean {
  return !isDeepStrictEqual(before, after);
}

function inOrder(rules: RulesById): readonly MerchandisingRule[] {
  return [...rules.values()].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}
