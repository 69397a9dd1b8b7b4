import { fingerprint } from 'rapport/kit/fingerprint.js';
import { definePlugin } from 'rapport/plugin.js';
import type { PlacementProvider } from 'rapport/ports/placements.js';
import type { Collection } from 'rapport/ports/store.js';
import { z } from 'zod';

const variant = z.strictObject({
  name: z.string(),
  /** Share of shoppers, 0 to 1. The rest is in no variant. */
  share: z.number().positive().max(1),
  blend: z.record(z.string(), z.number()).optional(),
  diversity: z.number().optional(),
});
const experiment = z.strictObject({
  id: z.string().min(1).max(60),
  placement: z.string(),
  variants: z.array(variant).min(2).max(10),
});
type Experiment = z.output<typeof experiment>;

/** Splits shoppers between blends of a placement, and has a placement of its own. */
export const plugin = definePlugin({
  name: 'experiments',
  provides: null,
  needs: ['store'],
  compatibility: '^1.0.0',
  sdl: /* GraphQL */ `
    extend type Mutation {
      saveExperiment(experiment: JSON!): ID @allow(roles: [MERCHANDISER])
      endExperiment(id: ID!): Boolean @allow(roles: [MERCHANDISER])
    }
  `,
  create({ needs }) {
    const running = new Map<string, Experiment>();
    let kept: Collection<Experiment>;

    /** The same variant for a person in every session and channel. */
    function variantFor({ id, variants }: Experiment, person: string) {
      let rest = fingerprint(`${id} ${person}`) / 2 ** 53;
      return variants.find(({ share }) => {
        rest -= share;
        return rest < 0;
      });
    }

    const provider: PlacementProvider = {
      placements: [{ name: 'gifts', blend: { popular: 1, newest: 0.2 }, diversity: 0.5 }],
      variant({ shopper, surface }) {
        if (shopper === null || surface.kind !== 'placement') return null;
        for (const each of running.values()) {
          if (each.placement !== surface.placement) continue;
          const found = variantFor(each, shopper.customerId ?? shopper.sessionId);
          if (!found) return null;
          const { name, blend, diversity } = found;
          return { assignment: { experiment: each.id, variant: name }, blend, diversity };
        }
        return null;
      },
    };

    return {
      port: null,
      async start() {
        kept = await needs.store.collection<Experiment>({ name: 'experiments', indexes: {} });
        kept.watch((changes) => {
          for (const { id, document } of changes) document ? running.set(id, document) : running.delete(id);
        });
        for await (const page of kept.scan()) for (const each of page) running.set(each.id, each);
      },
      contributes: { placement: [provider] },
      resolvers: {
        Mutation: {
          async saveExperiment(_: unknown, args: { experiment: unknown }) {
            const checked = experiment.parse(args.experiment);
            await kept.put([checked]);
            return checked.id;
          },
          async endExperiment(_: unknown, { id }: { id: string }) {
            return (await kept.remove([id])) > 0;
          },
        },
      },
    };
  },
});
