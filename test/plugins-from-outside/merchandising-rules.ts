import { definePlugin } from 'rapport/plugin.js';
import type { RankingChange, RankingRequest } from 'rapport/ports/ranking.js';
import type { Collection } from 'rapport/ports/store.js';
import { z } from 'zod';

/** A rule as it is kept. */
interface Rule {
  readonly id: string;
  /** Placement or search query that it is for; null: everywhere. */
  readonly where: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly change: Omit<RankingChange, 'ruleId'>;
}

const ruleInput = z.strictObject({
  id: z.string().min(1).max(60),
  where: z.string().nullable().default(null),
  fromMs: z.number().default(0),
  untilMs: z.number().default(Number.MAX_SAFE_INTEGER),
  target: z.strictObject({
    ids: z.array(z.string()).nullable().default(null),
    brands: z.array(z.string()).nullable().default(null),
    categoryId: z.string().nullable().default(null),
  }),
  effect: z.union([
    z.strictObject({ pin: z.int() }),
    z.strictObject({ factor: z.number() }),
    z.enum(['hide', 'only']),
  ]),
});

/** Merchandisers pin, boost, bury and hide products, for a time, in a placement or a search. */
export const plugin = definePlugin({
  name: 'merchandising-rules',
  provides: null,
  needs: ['store'],
  compatibility: '^1.0.0',
  sdl: /* GraphQL */ `
    extend type Mutation {
      saveRankingRule(rule: JSON!): ID @allow(roles: [MERCHANDISER])
      removeRankingRule(id: ID!): Boolean @allow(roles: [MERCHANDISER])
    }
  `,
  create({ needs }) {
    const rules = new Map<string, Rule>();
    let kept: Collection<Rule>;

    function holds({ where, fromMs, untilMs }: Rule, { surface, atMs }: RankingRequest): boolean {
      const place =
        surface.kind === 'placement' ? surface.placement : surface.kind === 'search' ? surface.query : null;
      return (where === null || where === place) && atMs >= fromMs && atMs < untilMs;
    }

    return {
      port: null,
      async start() {
        kept = await needs.store.collection<Rule>({ name: 'merchandising-rules', indexes: {} });
        kept.watch((changes) => {
          for (const { id, document } of changes) document ? rules.set(id, document) : rules.delete(id);
        });
        for await (const page of kept.scan()) for (const rule of page) rules.set(rule.id, rule);
      },
      contributes: {
        rankingRule: [
          {
            changes: (request) =>
              [...rules.values()]
                .filter((rule) => holds(rule, request))
                .map(({ id, change }) => ({ ruleId: id, ...change })),
          },
        ],
      },
      resolvers: {
        Mutation: {
          async saveRankingRule(_: unknown, { rule }: { rule: unknown }) {
            const { target, effect, ...when } = ruleInput.parse(rule);
            await kept.put([{ ...when, change: { target, effect } }]);
            return when.id;
          },
          async removeRankingRule(_: unknown, { id }: { id: string }) {
            return (await kept.remove([id])) > 0;
          },
        },
      },
    };
  },
});
