import type { UserError } from '../../src/errors.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { SegmentExplanation } from '../../src/ports/segments.js';
import type { Collection } from '../../src/ports/store.js';
import type { Definitions } from './definitions.js';
import { concurrentMax, type StoredPerson } from './memberships.js';
import type { SegmentsPort } from './segments.js';

/** The share in a sample of so many has a standard error of at most 1.1 percentage points. */
export const sampleMax = 2_000;

export interface SegmentPreview {
  /** Members among all people; estimated if not all were evaluated. */
  readonly count: number;
  /** All people. */
  readonly total: number;
  /** People who were evaluated. */
  readonly evaluated: number;
  readonly examples: readonly {
    readonly customerId: string;
    readonly explain: readonly SegmentExplanation[];
  }[];
  readonly userErrors: readonly UserError[];
}

interface PreviewParts {
  readonly people: Collection<StoredPerson>;
  readonly customers: Customers;
  readonly consent: Consent;
  readonly definitions: Definitions;
  readonly segments: Pick<SegmentsPort, 'evaluate'>;
}

/** Evaluates a condition that is not saved, for all people or for a sample of them: ids of stored people are hashes, so the first ones are a random sample. */
export async function previewSegment(
  { people, customers, consent, definitions, segments }: PreviewParts,
  raw: unknown,
  first: number,
): Promise<SegmentPreview> {
  const { condition, userErrors } = definitions.check(raw, null);
  if (condition === null) return { count: 0, total: 0, evaluated: 0, examples: [], userErrors };
  const examples: SegmentPreview['examples'][number][] = [];
  let matches = 0;
  let evaluated = 0;

  async function evaluate(customerId: string): Promise<void> {
    const shopper = await customers.shopper({ customerId });
    const permit = await consent.permit(shopper, 'PERSONALIZATION');
    if (permit === null) return;
    const { holds, leaves } = (await segments.evaluate(permit, [condition!])).condition(condition!);
    if (!holds) return;
    matches++;
    if (examples.length < first) examples.push({ customerId, explain: leaves });
  }

  for await (const page of people.scan({ pageSize: sampleMax })) {
    for (let from = 0; from < page.length; from += concurrentMax) {
      const some = page.slice(from, from + concurrentMax);
      await Promise.all(some.map(({ customerId }) => evaluate(customerId)));
    }
    evaluated += page.length;
    break;
  }
  const total = evaluated < sampleMax ? evaluated : await people.count();
  const count = evaluated === total || evaluated === 0 ? matches : Math.round((matches / evaluated) * total);
  return { count, total, evaluated, examples, userErrors: [] };
}
