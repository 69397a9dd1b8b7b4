import type { ContextInput, Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { FoundIdentity, Instance, Resolvers } from '../../src/plugin.js';
import type { Customer, Customers, Shopper } from '../../src/ports/customers.js';
import type { Membership, Segment, SegmentExplanation } from '../../src/ports/segments.js';
import type { LeafCondition } from './conditions.js';
import { conditionSchema } from './conditions.js';
import type { MembershipChange } from './membership-streams.js';
import type { People } from './people.js';
import type { SegmentPreview } from './preview.js';
import type { SegmentsPort } from './segments.js';

interface MembershipArgs {
  readonly segmentId: string;
  readonly customerId?: string | null;
  readonly context?: ContextInput | null;
}

interface PreviewArgs {
  readonly condition: unknown;
  readonly first?: number | null;
}

type Example = SegmentPreview['examples'][number];

const examplesMax = 20;

export function createResolvers(
  segments: SegmentsPort,
  customers: Customers,
  people: People,
): { readonly resolvers: Resolvers; readonly nodes: NonNullable<Instance<unknown>['nodes']> } {
  let schema: unknown;

  async function membershipsOf(shopper: Shopper, request: Request): Promise<readonly Membership[]> {
    request.personal();
    if (shopper.uncertain) request.degraded('segments');
    return segments.of(shopper, { members: true });
  }

  const segmentOf = (id: string): Segment | null => segments.list().find((each) => each.id === id) ?? null;

  const resolvers: Resolvers = {
    Query: {
      segments: () => segments.list(),
      segmentConditionSchema() {
        schema ??= conditionSchema();
        return schema;
      },
      segmentPreview(_: unknown, { condition, first }: PreviewArgs, request: Request) {
        request.personal();
        const examples = first ?? 5;
        if (examples < 0 || examples > examplesMax)
          throw new RapportError(
            'invalid',
            'SEGMENTS_FIRST_INVALID',
            `first must be from 0 to ${examplesMax}, not ${examples}`,
            { path: ['first'] },
          );
        return people.preview(condition, examples);
      },
      async segmentMembership(
        _: unknown,
        { segmentId, customerId = null, context = null }: MembershipArgs,
        request: Request,
      ) {
        request.personal();
        if ((customerId === null) === (context === null))
          throw new RapportError(
            'invalid',
            'SEGMENTS_PERSON_INVALID',
            `segmentMembership needs customerId or context, and got ${customerId === null ? 'neither' : 'both'}`,
            { path: ['customerId'] },
          );
        const shopper = await customers.recognise(request.context(context ?? { channel: 'WEB', customerId }));
        if (shopper.uncertain) request.degraded('segments');
        return segments.membership(shopper, segmentId);
      },
    },
    Segment: {
      updatedAt: ({ updatedAtMs }: Segment) => new Date(updatedAtMs),
      count: ({ id }: Segment) => people.countOf(id),
      refreshing: () => people.isRefreshing(),
    },
    SegmentExample: {
      explain({ explain }: Example, _: unknown, { caller }: Request) {
        return caller.role === 'MERCHANDISER' ? explain.map(withoutValues) : explain;
      },
    },
    SegmentMembershipChange: { at: ({ atMs }: MembershipChange) => new Date(atMs) },
    Subscription: {
      segmentMembershipChanged: {
        subscribe(_: unknown, { segmentId }: { segmentId: string }) {
          if (segmentOf(segmentId) === null) throw unknownSegment(segmentId);
          return people.changesOf(segmentId);
        },
        resolve(change: MembershipChange, _: unknown, request: Request) {
          request.personal();
          return change;
        },
      },
    },
    SegmentMembership: { segment: ({ segmentId }: Membership) => segmentOf(segmentId) },
    Shopper: {
      segments: (shopper: Shopper, _: unknown, request: Request) => membershipsOf(shopper, request),
    },
    Customer: {
      async segments({ id }: Customer, _: unknown, request: Request) {
        // A token may name another customer of the same person, and a context only its own.
        const { role, customerId: own } = request.caller;
        const customerId = role === 'STOREFRONT' ? own : id;
        const shopper = await customers.recognise(request.context({ channel: 'WEB', customerId }));
        return membershipsOf(shopper, request);
      },
    },
    Mutation: {
      async saveSegment(_: unknown, { segment }: { segment: object }) {
        const result = await segments.save({ ...segment });
        if (result.segment !== null) await people.refreshIfFew();
        return result;
      },
      removeSegment: (_: unknown, { id }: { id: string }) => segments.remove(id),
    },
  };
  const nodes = {
    Segment: {
      field: 'Query.segments',
      view: 'place',
      identify: ({ id }: Segment) => ({ context: null, key: [id] }),
      find: ({ key: [id] }: FoundIdentity<[string]>) => segmentOf(id),
    },
  } as const;
  return { resolvers, nodes };
}

/** Merchandisers see no personal data, so of texts they see those that the condition names. */
function withoutValues(leaf: SegmentExplanation): SegmentExplanation {
  const { observed } = leaf;
  const condition = leaf.condition as LeafCondition;
  const named: readonly unknown[] = 'in' in condition ? (condition.in ?? []) : [];
  if (!('trait' in condition) || observed === null || named.includes(observed)) return leaf;
  return { ...leaf, observed: '(another value)' };
}

function unknownSegment(id: string): RapportError {
  return new RapportError(
    'missing',
    'SEGMENTS_SEGMENT_UNKNOWN',
    `there is no segment "${id.slice(0, 64).toWellFormed()}"; \`segments\` lists them`,
    { path: ['segmentId'] },
  );
}
