import type { Collection, Page } from '../../src/ports/store.js';
import type { LedgerEntry, LedgerRecord } from './chain.js';

/** Records read at once. Each has up to 100 decisions. */
const pageMax = 50;
/** The same for the newest decisions: as many records as most subjects have. */
const newestPageMax = 10;

/** The records of a subject from a sequence number on, oldest first. */
export async function* recordsFrom(
  records: Collection<LedgerRecord>,
  subject: string,
  fromSeq: number,
): AsyncGenerator<LedgerRecord> {
  let after: string | null = null;
  do {
    const page: Page<LedgerRecord> = await records.find({
      index: 'bySubject',
      equals: [subject],
      from: fromSeq,
      limit: pageMax,
      ...(after === null ? {} : { after }),
    });
    yield* page.items;
    after = page.next;
  } while (after !== null);
}

/** At most `limit` of the newest decisions of a subject, oldest first. */
export async function newestDecisions(
  records: Collection<LedgerRecord>,
  subject: string,
  limit: number,
): Promise<readonly LedgerEntry[]> {
  const newestFirst: LedgerRecord[] = [];
  let found = 0;
  let after: string | null = null;
  do {
    const page: Page<LedgerRecord> = await records.find({
      index: 'bySubject',
      equals: [subject],
      descending: true,
      limit: Math.min(limit - found, newestPageMax),
      ...(after === null ? {} : { after }),
    });
    for (const record of page.items) {
      newestFirst.push(record);
      found += record.entries.length;
    }
    after = page.next;
  } while (after !== null && found < limit);
  return newestFirst
    .toReversed()
    .flatMap((record) => record.entries)
    .slice(-limit);
}
