/*
 * A process of its own for the crash tests: `store-writer.ts DIRECTORY LIFE MODE`. Writes without a pause and says
 * on standard output, a line each, what has been acknowledged.
 */
import { writeSync } from 'node:fs';
import { open } from '../../plugins/store/drivers/embedded.js';
import { createPeople } from '../../plugins/store/people.js';
import { createStore } from '../../plugins/store/store.js';
import { createHost, createIds, systemClock, systemRandom } from '../../src/host.js';
import type { Document } from '../../src/ports/store.js';

export interface Note extends Document {
  readonly kind: string;
  readonly rank: number;
  readonly tags: readonly string[];
}

export const notesSpec = {
  name: 'notes',
  indexes: {
    byKind: { fields: ['kind', 'rank'] },
    byTag: { fields: ['tags'] },
    byRank: { fields: ['rank'] },
  },
} as const;

export type Acknowledged =
  | { readonly did: 'put'; readonly notes: readonly Note[] }
  | { readonly did: 'removed'; readonly ids: readonly string[] }
  | { readonly did: 'failed'; readonly code: string };

function say(line: Acknowledged | { readonly did: 'begun' }): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      // The reader is behind.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

async function run(dataDir: string, life: string, mode: string): Promise<void> {
  const silent = () => undefined;
  const host = createHost({
    clock: systemClock,
    ids: createIds(systemClock),
    random: systemRandom,
    log: { error: silent, warn: silent, info: silent, debug: silent },
    dataDir,
  });
  const driver = await open({ checkpointAt: 200, salvage: false }, host);
  const notes = await createStore(driver, createPeople(driver, host, null)).port.collection<Note>(notesSpec);
  say({ did: 'begun' });

  function noteOf(id: string, version: number): Note {
    return { id, kind: `k${version % 7}`, rank: version, tags: [`t${version % 5}`, `t${version % 3}`] };
  }

  async function write(writer: number): Promise<void> {
    for (let round = 0; ; round++) {
      const ids = Array.from({ length: 5 }, (_, i) => `${life}.${writer}.${round}.${i}`);
      const fresh = ids.map((id) => noteOf(id, round));
      await notes.insert(fresh);
      say({ did: 'put', notes: fresh });
      if (round === 0) continue;
      const earlier = `${life}.${writer}.${round - 1}`;
      const changed = await notes.update(`${earlier}.0`, (note) => note && noteOf(note.id, note.rank + 1));
      say({ did: 'put', notes: [changed!] });
      await notes.remove([`${earlier}.1`]);
      say({ did: 'removed', ids: [`${earlier}.1`] });
    }
  }

  /** Writes until the disk is full, and then until it is not. */
  async function fill(): Promise<void> {
    let failed = false;
    for (let round = 0; ; round++) {
      const note = { ...noteOf(`${life}.${round}`, round), text: 'x'.repeat(20_000) };
      try {
        await notes.put([note]);
        say({ did: 'put', notes: [note] });
        if (failed) break;
      } catch (error) {
        if (!failed) say({ did: 'failed', code: String((error as { code?: unknown }).code) });
        failed = true;
        await notes.get(note.id);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    await driver.close();
  }

  if (mode === 'fill') await fill();
  else await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
}

if (process.argv[1] === import.meta.filename) {
  await run(process.argv[2]!, process.argv[3]!, process.argv[4]!);
}
