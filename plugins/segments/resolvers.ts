import type { ContextInput, Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { FoundIdentity, Instance, Resolvers } from '../../src/plugin.js';
import type { Customer, Shopper } from '../../src/ports/customers.js';
import type { Membership, Segment } from '../../src/ports/segments.js';
import { conditionSchema } from './conditions.js';
import type { EvidenceNeeds } from './evidence.js';
import type { SegmentsPort } from './segments.js';

interface MembershipArgs {
  readonly segmentId: string;
  readonly customerId?: string | null;
  readonly context?: ContextInput | null;
}

export function createResolvers(
  segments: SegmentsPort,
  { customers }: Pick<EvidenceNeeds, 'customers'>,
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
    Segment: { updatedAt: ({ updatedAtMs }: Segment) => new Date(updatedAtMs) },
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
      saveSegment: (_: unknown, { segment }: { segment: object }) => segments.save({ ...segment }),
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
