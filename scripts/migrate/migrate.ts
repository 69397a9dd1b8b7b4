import { createHash } from 'node:crypto';
import type { Clock } from '../../src/plugin.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';
import type { OpenStore } from './stores.js';

const pageSize = 250;
const stateId = 'migration';

/** Where a copy stands; kept in the target, so that whoever runs it again goes on from there. */
interface State extends Document {
  readonly from: string;
  readonly startedAtMs: number;
  /** null: not yet. */
  readonly finishedAtMs: number | null;
  /** By collection: up to which id it is copied. */
  readonly reached: Readonly<Record<string, string>>;
}

export interface Progress {
  /** Documents in the source, and how many of them a run before has copied already. */
  start(total: number, copied: number): void;
  advance(documents: number): void;
}

export interface Copied {
  readonly name: string;
  readonly documents: number;
  /** Of all documents, whatever their order. */
  readonly checksum: string;
}

/**
 * Copies every collection from one store into another and compares them afterwards by number and checksum. Rejects before
 * anything is written when the target holds documents that an unfinished run of the same copy did not put there,
 * and at the end, naming the collection, when the two differ.
 */
export async function migrate(
  from: OpenStore,
  to: OpenStore,
  specs: readonly CollectionSpec<Document>[],
  clock: Pick<Clock, 'nowMs'>,
  progress: Progress,
): Promise<readonly Copied[]> {
  if (from.name === to.name) throw new Error(`${from.name} cannot be copied into itself`);
  const states = await to.store.collection<State>({ name: 'migration', indexes: {} });
  const pairs = await Promise.all(
    specs.map(async (spec) => ({
      name: spec.name,
      source: await from.store.collection(spec),
      target: await to.store.collection(spec),
    })),
  );
  const state = await begin(states, pairs, from.name, to.name, clock.nowMs());
  const totals = await Promise.all(pairs.map(({ source }) => source.count()));
  const before = await Promise.all(pairs.map(({ target }) => target.count()));
  progress.start(sum(totals), sum(before));

  const reached: Record<string, string> = { ...state.reached };
  for (const { name, source, target } of pairs) {
    const after = reached[name];
    for await (const page of source.scan({ pageSize, ...(after === undefined ? {} : { after }) })) {
      await target.put(page);
      reached[name] = page.at(-1)!.id;
      await states.put([{ ...state, reached }]);
      progress.advance(page.length);
    }
    if (after === undefined) await removeOthers(source, target);
  }

  const copied: Copied[] = [];
  for (const { name, source, target } of pairs) {
    const [there, here] = [await digest(source), await digest(target)];
    if (there.documents !== here.documents || there.checksum !== here.checksum) {
      // What was copied stays, and the next run begins with this collection anew.
      delete reached[name];
      await states.put([{ ...state, reached }]);
      throw new Error(
        `${name} differs: ${there.documents} documents (${there.checksum}) in ${from.name}, ${here.documents} (${here.checksum}) in ${to.name}; ` +
          'it was written to meanwhile. Stop every process on both, and run this again',
      );
    }
    copied.push({ name, ...here });
  }
  await states.put([{ ...state, reached, finishedAtMs: clock.nowMs() }]);
  return copied;
}

async function begin(
  states: Collection<State>,
  pairs: readonly { readonly name: string; readonly target: Collection<Document> }[],
  from: string,
  to: string,
  nowMs: number,
): Promise<State> {
  const state = await states.get(stateId);
  if (state && state.finishedAtMs === null) {
    if (state.from === from) return state;
    throw new Error(`${to} holds part of a copy of ${state.from}; finish that one, or name an empty target`);
  }
  const counts = await Promise.all(pairs.map(({ target }) => target.count()));
  const full = pairs.flatMap(({ name }, i) => (counts[i]! > 0 ? [`${counts[i]} in ${name}`] : []));
  if (full.length > 0) {
    throw new Error(
      `${to} is not empty (${full.join(', ')})${state ? `: it got a copy of ${state.from} before` : ''}; name an empty target`,
    );
  }
  const begun: State = { id: stateId, from, startedAtMs: nowMs, finishedAtMs: null, reached: {} };
  await states.put([begun]);
  return begun;
}

/** What a run before has copied and the source has no more. */
async function removeOthers(source: Collection<Document>, target: Collection<Document>): Promise<void> {
  if ((await target.count()) === (await source.count())) return;
  for await (const page of target.scan({ pageSize })) {
    const ids = page.map(({ id }) => id);
    const there = await source.getMany(ids);
    await target.remove(ids.filter((_, i) => there[i] === null));
  }
}

/** Drivers may order ids differently, so the digests of single documents are combined by exclusive or. */
async function digest(collection: Collection<Document>): Promise<Omit<Copied, 'name'>> {
  const combined = Buffer.alloc(16);
  let documents = 0;
  for await (const page of collection.scan({ pageSize })) {
    for (const document of page) {
      documents++;
      const one = createHash('sha256').update(JSON.stringify(document, inOrder)).digest();
      for (let i = 0; i < combined.length; i++) combined[i]! ^= one[i]!;
    }
  }
  return { documents, checksum: combined.toString('hex') };
}

/** Objects with their fields by name: equal documents read equal, whoever kept them. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // As a list of pairs, in which no name has a meaning.
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
