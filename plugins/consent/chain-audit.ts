import type { Document } from '../../src/ports/store.js';
import { advance, emptyHead, type Head, headFault, isOld, type LedgerRecord, recordFault } from './chain.js';
import { headsSpec, ledgerSpec } from './ledger.js';

/** Checks the hash chains of all subjects from the documents of a store, for tools that read its files. */
export interface ChainAudit {
  /** Takes every document, those of a collection in the order of their ids. */
  visit(collection: string, document: Document): void;
  readonly subjects: number;
  /** Each a line; empty: all is as it was written. */
  faults(): string[];
}

export function createChainAudit(): ChainAudit {
  const stored = new Map<string, Head>();
  const folded = new Map<string, Head>();
  const found = new Map<string, string>();

  function follow(record: LedgerRecord): void {
    const { subject } = record;
    if (found.has(subject)) return;
    const head = folded.get(subject) ?? emptyHead(subject);
    const fault = recordFault(head, record);
    if (fault) found.set(subject, fault);
    else folded.set(subject, advance(head, record));
  }

  return {
    visit(collection, document) {
      if (collection === headsSpec.name) stored.set(document.id, document as Head);
      else if (collection === ledgerSpec.name) follow(document as LedgerRecord);
    },
    get subjects() {
      return folded.size;
    },
    faults() {
      for (const subject of new Set([...stored.keys(), ...folded.keys()])) {
        if (found.has(subject)) continue;
        const head = folded.get(subject) ?? emptyHead(subject);
        const last = stored.get(subject) ?? null;
        // A process that died between a record and its state folds the record at the next decision.
        if ((last?.seq ?? 0) < head.seq) continue;
        if (last !== null && isOld(last)) continue;
        const fault = headFault(last, head);
        if (fault) found.set(subject, fault);
      }
      return [...found].map(([subject, fault]) => `consent of ${JSON.stringify(subject)}: ${fault}`);
    },
  };
}
