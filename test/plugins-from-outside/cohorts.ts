import type { Request } from 'rapport/context.js';
import { definePlugin } from 'rapport/plugin.js';
import type { Shopper } from 'rapport/ports/customers.js';

/** Decides which cohorts a shopper belongs to. */
export interface Cohorts {
  /** Names in alphabetical order; empty without consent. */
  of(shopper: Shopper): Promise<readonly string[]>;
}

declare module 'rapport/capabilities.js' {
  interface Capabilities {
    cohorts: Cohorts;
  }
}
declare module 'rapport/facts.js' {
  interface FactTypes {
    /** A customer entered or left a cohort. */
    'cohorts.changed': { readonly customerId: string; readonly cohorts: readonly string[] };
  }
}

interface Membership {
  readonly id: string;
  readonly cohorts: readonly string[];
}

const dayMs = 86_400_000;

/** Cohorts by behaviour in the last 90 days and by profile; other plugins ask the port, or react to changes. */
export const plugin = definePlugin({
  name: 'cohorts',
  provides: 'cohorts',
  needs: ['store', 'queue', 'customers', 'consent', 'events'],
  compatibility: '^1.0.0',
  sdl: /* GraphQL */ `
    extend type Shopper {
      cohorts: [String!]
    }
  `,
  create({ needs, host }) {
    const { customers, consent, events, queue } = needs;

    const port: Cohorts = {
      async of(shopper) {
        const permit = await consent.permit(shopper, 'PERSONALIZATION');
        if (permit === null) return [];
        const totals = await events.totals(permit, { fromMs: host.clock.nowMs() - 90 * dayMs, by: 'type' });
        const profile = shopper.customerId === null ? null : await customers.get(shopper.customerId);
        const orders = totals.find(({ key }) => key === 'ORDER_COMPLETED');
        const cohorts: string[] = [];
        if ((orders?.events ?? 0) >= 2) cohorts.push('regulars');
        if ((orders?.values.EUR ?? 0) >= 50_000) cohorts.push('big-spenders');
        if (!orders && totals.some(({ key }) => key === 'PRODUCT_VIEWED')) cohorts.push('browsers');
        if (profile?.traits.vip === true) cohorts.push('vips');
        return cohorts.sort();
      },
    };

    /** Stores the cohorts of a customer, and publishes them if they differ. */
    async function refresh(customerId: string): Promise<void> {
      const cohorts = await port.of(await customers.shopper({ customerId }));
      const known = await memberships.get(customerId);
      if (known?.cohorts.join() === cohorts.join()) return;
      await queue.publishing([{ type: 'cohorts.changed', customerId, cohorts }], () =>
        memberships.put([{ id: customerId, cohorts }]),
      );
    }

    let memberships: Awaited<ReturnType<typeof open>>;
    const open = () => needs.store.collection<Membership>({ name: 'cohorts', indexes: {}, shardBy: 'id' });
    return {
      port,
      async start() {
        memberships = await open();
      },
      reactions: { 'customer.changed': ({ customerId }) => refresh(customerId) },
      schedule: {
        'refresh-all': {
          cron: '15 3 * * *',
          async run({ signal }) {
            for await (const page of memberships.scan())
              for (const { id } of page) if (!signal.aborted) await refresh(id);
          },
        },
      },
      resolvers: {
        Shopper: {
          cohorts(shopper: Shopper, _: unknown, request: Request) {
            request.personal();
            return port.of(shopper);
          },
        },
      },
    };
  },
});
