import { createReadStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fingerprint } from '../../src/kit/fingerprint.js';
import { createNumberSet } from '../../src/kit/number-set.js';
import { counted } from './counted.js';
import type { Limit } from './limit.js';
import { openOutput } from './output.js';
import type { Target } from './target.js';

export type PruneKind = 'archive' | 'remove';

export interface PruneOptions {
  readonly kind: PruneKind;
  readonly max: Limit;
  readonly target: Target;
  /** Rejected rows of which it is not known which product they are. */
  readonly unidentified: number;
  readonly dryRun: boolean;
}

export interface Pruned {
  /** Products that the last import listed, and this one does not. */
  readonly left: number;
  /** Those that were in the catalog. */
  readonly pruned: number;
  /** The reason that nothing was pruned; null if it was done. */
  readonly refused: string | null;
}

/**
 * The ids of the products that one source lists, kept in a file from import to import, one JSON text a line. So a product that left the
 * source is known, and products of other sources are never touched.
 */
export interface Listing {
  add(id: string): void;
  /** Archives or removes what the last listing has and this one has not, and keeps this listing for the next import. */
  finish(options: PruneOptions): Promise<Pruned>;
  /** Keeps the last listing. */
  abandon(): Promise<void>;
}

/** Rejects if a file beside the path cannot be written. */
export async function openListing(path: string): Promise<Listing> {
  const next = `${path}.next`;
  const file = await openOutput(next, { mode: 0o600 });
  const listed = createNumberSet();
  const write = (id: string) => file.writeLine(JSON.stringify(id));

  return {
    add(id) {
      const key = fingerprint(id);
      if (listed.has(key)) return;
      listed.add(key);
      write(id);
    },
    async finish({ kind, max, target, unidentified, dryRun }) {
      const left: string[] = [];
      let before = 0;
      for await (const id of lastListing(path)) {
        before++;
        if (!listed.has(fingerprint(id))) left.push(id);
      }
      const refused = refusal(left.length, before, unidentified, max);
      // Products that are not pruned now are looked at again by the next import.
      if (refused !== null) for (const id of left) write(id);
      await file.close();
      if (dryRun) {
        await rm(next, { force: true });
        return { left: left.length, pruned: 0, refused };
      }
      const pruned = refused === null ? await prune(left, kind, target) : 0;
      await rename(next, path);
      return { left: left.length, pruned, refused };
    },
    async abandon() {
      await file.close();
      await rm(next, { force: true });
    },
  };
}

function refusal(left: number, before: number, unidentified: number, max: Limit): string | null {
  if (left === 0) return null;
  if (unidentified > 0)
    return `${counted(unidentified, 'row')} could not be identified, and may be among those products`;
  if (!max.isExceeded(left, before)) return null;
  return `that is ${left} of ${before}, more than --prune-max ${max.text} allows`;
}

async function prune(ids: readonly string[], kind: PruneKind, target: Target): Promise<number> {
  let pruned = 0;
  for (let at = 0; at < ids.length; at += target.batchMax) {
    const part = ids.slice(at, at + target.batchMax);
    if (kind === 'remove') pruned += await target.remove(part);
    else {
      const known = (await target.stored(part)).map(
        (stored) => stored !== null && stored.status !== 'ARCHIVED',
      );
      const those = part.filter((_, index) => known[index]);
      if (those.length > 0)
        pruned += (await target.update(those.map((id) => ({ id, status: 'ARCHIVED' })))).saved;
    }
  }
  return pruned;
}

async function* lastListing(path: string): AsyncGenerator<string> {
  if (!existsSync(path)) return;
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line === '') continue;
    const id: unknown = parsed(line);
    if (typeof id !== 'string') throw new Error(`${path} is no listing of an import: ${line.slice(0, 60)}`);
    yield id;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
