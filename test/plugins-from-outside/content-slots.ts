import type { Request } from 'rapport/context.js';
import { definePlugin } from 'rapport/plugin.js';
import type { Shopper } from 'rapport/ports/customers.js';
import type { Collection } from 'rapport/ports/store.js';
import { z } from 'zod';

/** A piece of content in a slot, such as a banner. */
interface Content {
  readonly id: string;
  readonly slot: string;
  /** A larger one is chosen first. */
  readonly priority: number;
  /** Channels that can show it; empty: all. */
  readonly channels: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
  /** Shown only to shoppers with an order, if true. */
  readonly buyersOnly: boolean;
  readonly body: unknown;
}

const contentInput = z.strictObject({
  id: z.string().min(1).max(100),
  slot: z.string().min(1).max(100),
  priority: z.number().default(0),
  channels: z.array(z.string()).default([]),
  fromMs: z.number().default(0),
  untilMs: z.number().default(Number.MAX_SAFE_INTEGER),
  buyersOnly: z.boolean().default(false),
  body: z.unknown(),
});

/** Editors fill slots of a page; each shopper gets the first content that fits them, their channel and the time. */
export const plugin = definePlugin({
  name: 'content-slots',
  provides: null,
  needs: ['store', 'events', 'consent'],
  compatibility: '^1.0.0',
  sdl: /* GraphQL */ `
    extend type Shopper {
      content(slot: String!): JSON
    }
    extend type Mutation {
      saveContent(content: JSON!): ID @allow(roles: [MERCHANDISER])
      removeContent(id: ID!): Boolean @allow(roles: [MERCHANDISER])
    }
  `,
  create({ needs }) {
    const contents = new Map<string, Content>();
    let kept: Collection<Content>;

    async function isBuyer(shopper: Shopper, request: Request): Promise<boolean> {
      const permit = await needs.consent.permit(shopper, 'PERSONALIZATION');
      if (permit === null) return false;
      request.personal();
      const orders = await needs.events.history(permit, { limit: 1, types: ['ORDER_COMPLETED'] });
      return orders.length > 0;
    }

    return {
      port: null,
      async start() {
        kept = await needs.store.collection<Content>({ name: 'content-slots', indexes: {} });
        kept.watch((changes) => {
          for (const { id, document } of changes) document ? contents.set(id, document) : contents.delete(id);
        });
        for await (const page of kept.scan()) for (const content of page) contents.set(content.id, content);
      },
      resolvers: {
        Shopper: {
          async content(shopper: Shopper, { slot }: { slot: string }, request: Request) {
            const { channel, atMs } = shopper.context;
            const fitting = [...contents.values()]
              .filter((one) => one.slot === slot && one.fromMs <= atMs && atMs < one.untilMs)
              .filter(({ channels }) => channels.length === 0 || channels.includes(channel))
              .sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
            for (const one of fitting)
              if (!one.buyersOnly || (await isBuyer(shopper, request))) return one.body;
            return null;
          },
        },
        Mutation: {
          async saveContent(_: unknown, { content }: { content: unknown }) {
            const read = contentInput.parse(content);
            await kept.put([read]);
            return read.id;
          },
          removeContent: async (_: unknown, { id }: { id: string }) => (await kept.remove([id])) > 0,
        },
      },
    };
  },
});
