import type { DocumentNode, GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { limits } from './limits.js';
import { type Prepared, preparing, type Sender } from './prepare.js';

/** Valid documents are kept up to so many bytes. */
const keptBytesMax = 64 * 1024 * 1024;
/** Measured on the heap: a token of a document takes 260 to 480 bytes, with its nodes, locations and cost. */
const bytesOfToken = 520;
const bytesOfDocument = 4_096;
/** Measured: parsing, validating and estimating take about so many microseconds a token. */
const unitsOfToken = 15;
/** Text of most documents for a token; an estimate, since counting tokens would take as long as parsing. */
const charactersOfToken = 4;

/** Estimated bytes of memory that a document takes. */
export function bytesOfDocumentNode({ tokenCount = 0 }: DocumentNode): number {
  return bytesOfDocument + bytesOfToken * tokenCount;
}

export interface Documents {
  prepare(text: string, sender: Sender): Prepared;
  /** The same in steps, between which `turn` is waited for. */
  prepareInSteps(text: string, sender: Sender, turn: () => Promise<void>): Promise<Prepared>;
  /** Units of work, see `@cost`, that preparing the document is estimated to take; 0: it is known. */
  unitsOf(text: string, sender: Sender): number;
  /** A valid document that was prepared before. */
  known(text: string): Prepared | undefined;
  /** By the document node that `prepare` returned. */
  of(document: DocumentNode): Prepared | undefined;
}

export function createDocuments(schema: GraphQLSchema): Documents {
  const cache = new LRUCache<string, Prepared>({
    maxSize: keptBytesMax,
    sizeCalculation: ({ document }, text) => 2 * text.length + (document ? bytesOfDocumentNode(document) : 0),
  });
  const byDocument = new WeakMap<DocumentNode, Prepared>();

  function keep(text: string, { isKnown }: Sender, prepared: Prepared): Prepared {
    if (isKnown && prepared.errors.length === 0) cache.set(text, prepared);
    if (prepared.document) byDocument.set(prepared.document, prepared);
    return prepared;
  }

  return {
    prepare(text, sender) {
      const cached = sender.isKnown ? cache.get(text) : undefined;
      if (cached) return cached;
      const steps = preparing(schema, text, sender, false);
      for (;;) {
        const step = steps.next();
        if (step.done) return keep(text, sender, step.value);
      }
    },
    async prepareInSteps(text, sender, turn) {
      const cached = sender.isKnown ? cache.get(text) : undefined;
      if (cached) return cached;
      const steps = preparing(schema, text, sender, true);
      for (;;) {
        const step = steps.next();
        if (step.done) return keep(text, sender, step.value);
        await turn();
      }
    },
    unitsOf(text, sender) {
      if (sender.isKnown && cache.has(text)) return 0;
      const [characters, tokens] = sender.isKnown
        ? [limits.characters, limits.tokens]
        : [limits.charactersWithoutKey, limits.tokensWithoutKey];
      if (text.length > characters) return 0;
      return unitsOfToken * Math.min(tokens, text.length / charactersOfToken);
    },
    known: (text) => cache.get(text),
    of: (document) => byDocument.get(document),
  };
}
