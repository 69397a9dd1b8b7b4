import { setTimeout as pause } from 'node:timers/promises';
import { everything, shopperContext } from '../journeys/shop.js';
import type { Answer, AskOptions } from '../support/gateway.js';
import type { RunningProcess } from './processes.js';

export const kinds = [
  'products',
  'product',
  'search',
  'recommendations',
  'personal',
  'events',
  'save',
] as const;
export type Kind = (typeof kinds)[number];

export interface Figures {
  sent: number;
  answered: number;
  /** Answered, and `extensions.rapport.degraded` names parts. */
  degraded: number;
  failed: number;
  /** Of those that failed: how many said when to come again. */
  retryAfter: number;
  readonly codes: Record<string, number>;
  readonly tookMs: number[];
}

export type Phase = Readonly<Record<Kind, Figures>>;

export interface Load {
  phase(name: string): void;
  stop(): Promise<Readonly<Record<string, Phase>>>;
  /** Products whose save was acknowledged. */
  readonly saved: readonly string[];
  /** Personal answers given later than so long after consent could not be read any more. */
  guesses(freshMs: number): number;
  /** Acknowledged events and products that the gateway does not have; each event that was not acknowledged is sent again first. */
  lost(gateway: RunningProcess): Promise<readonly string[]>;
}

const everyMs = 40;
const card = 'id title inStock price { amount }';

/** Requests of every kind, one after another each `everyMs`, for as long as it runs. */
export function openLoad({ ask }: RunningProcess): Load {
  const run = `${process.pid}-${performance.now().toFixed(0)}`;
  const phases: Record<string, Phase> = {};
  const saved: string[] = [];
  const acknowledged: {
    readonly messageId: string;
    readonly sessionId: string;
    readonly productId: string;
  }[] = [];
  const refused: typeof acknowledged = [];
  const personalAtMs: number[] = [];
  const loops: Promise<void>[] = [];
  let now = phaseOf('before');
  let downAtMs = Number.POSITIVE_INFINITY;
  let backAtMs = Number.POSITIVE_INFINITY;
  let running = true;

  function phaseOf(name: string): Phase {
    phases[name] = Object.fromEntries(
      kinds.map((kind) => [
        kind,
        { sent: 0, answered: 0, degraded: 0, failed: 0, retryAfter: 0, codes: {}, tookMs: [] },
      ]),
    ) as unknown as Phase;
    return phases[name]!;
  }

  async function one(kind: Kind, path: string, query: string, options: AskOptions): Promise<Answer> {
    const figures = now[kind];
    figures.sent++;
    const startMs = performance.now();
    const answer = await ask(query, options);
    figures.tookMs.push(performance.now() - startMs);
    const found = answer.at(path);
    if (answer.errors || found === null || found === undefined) {
      figures.failed++;
      for (const { extensions } of answer.errors ?? [{ extensions: { code: 'EMPTY' } }]) {
        const code = String(extensions.code);
        figures.codes[code] = (figures.codes[code] ?? 0) + 1;
      }
      if (answer.errors?.some(({ extensions }) => extensions.retryAfterSeconds !== undefined))
        figures.retryAfter++;
    } else {
      figures.answered++;
      if (answer.extensions.rapport.degraded.length > 0) figures.degraded++;
    }
    return answer;
  }

  const asking: Readonly<Record<Kind, (n: number) => Promise<void>>> = {
    async products() {
      await one('products', 'products.nodes.0.id', `{ products(first: 6) { nodes { ${card} } } }`, {});
    },
    async product(n) {
      const query = `query ($id: ID!) { product(id: $id) { ${card} } }`;
      await one('product', 'product.id', query, { variables: { id: everything[n % 12] } });
    },
    async search(n) {
      const query = `query ($context: ShopperContext!) { shopper(context: $context) { search(query: "camping") { products { nodes { ${card} } } } } }`;
      await one('search', 'shopper.search.products.nodes.0.id', query, {
        variables: { context: shopperContext(`stranger-${run}-${n}`) },
      });
    },
    async recommendations(n) {
      const query = `query ($context: ShopperContext!) { shopper(context: $context) { recommendations(placement: "home") { items { product { ${card} } } } } }`;
      await one('recommendations', 'shopper.recommendations.items.0.product.id', query, {
        variables: { context: shopperContext(`stranger-${run}-${n}`) },
      });
    },
    async personal(n) {
      const query = `query ($context: ShopperContext!) { shopper(context: $context) { personalization { applied reason } recommendations(placement: "home") { personalized items { product { ${card} } } } } }`;
      const answer = await one('personal', 'shopper.recommendations.items.0.product.id', query, {
        variables: { context: shopperContext(`known-${n % 4}`) },
      });
      if (answer.at('shopper.recommendations.personalized') || answer.at('shopper.personalization.applied')) {
        personalAtMs.push(performance.now());
      }
    },
    async events(n) {
      const event = {
        messageId: `${run}-${n}`,
        sessionId: `known-${n % 4}`,
        productId: everything[n % 12]!,
      };
      const answer = await one('events', 'recordEvents.accepted', eventsMutation, {
        variables: recorded([event]),
      });
      if (answer.errors) refused.push(event);
      else acknowledged.push(event);
    },
    async save(n) {
      const id = `new-${run}-${n}`;
      const answer = await one('save', 'saveProducts', saveMutation, {
        role: 'SERVER',
        variables: { products: [{ id, title: `New ${n}` }] },
      });
      if (!answer.errors) saved.push(id);
    },
  };

  for (const kind of kinds) {
    loops.push(
      (async () => {
        for (let n = 0; running; n++) {
          await asking[kind](n);
          await pause(everyMs);
        }
      })(),
    );
  }

  return {
    saved,
    phase(name) {
      if (name === 'down') downAtMs = performance.now();
      if (name === 'back') backAtMs = performance.now();
      now = phaseOf(name);
    },
    async stop() {
      running = false;
      await Promise.all(loops);
      return phases;
    },
    guesses: (freshMs) => personalAtMs.filter((atMs) => atMs > downAtMs + freshMs && atMs < backAtMs).length,
    async lost(gateway) {
      for (const event of refused) {
        const answer = await gateway.ask(eventsMutation, { variables: recorded([event]) });
        if (answer.errors) throw new Error(answer.text);
      }
      const missing: string[] = [];
      for (const event of acknowledged) {
        const answer = await gateway.ask(eventsMutation, { variables: recorded([event]) });
        if (answer.at('recordEvents.duplicates') !== 1) missing.push(event.messageId);
      }
      for (const id of saved) {
        const answer = await gateway.ask('query ($id: ID!) { product(id: $id) { id } }', {
          variables: { id },
        });
        if (answer.at('product.id') !== id) missing.push(id);
      }
      return missing;
    },
  };
}

const eventsMutation =
  'mutation ($context: ShopperContext!, $events: [EventInput!]!) { recordEvents(context: $context, events: $events) { accepted duplicates rejected userErrors { message } } }';
export const saveMutation =
  'mutation ($products: [ProductInput!]!) { saveProducts(products: $products) { saved userErrors { message } } }';

function recorded(
  events: readonly { readonly messageId: string; readonly sessionId: string; readonly productId: string }[],
): Record<string, unknown> {
  return {
    context: shopperContext(events[0]!.sessionId),
    events: events.map(({ messageId, productId }) => ({
      messageId,
      type: 'PRODUCT_VIEWED',
      productIds: [productId],
    })),
  };
}

export function tableOf(what: string, phases: Readonly<Record<string, Phase>>): string {
  const rows = Object.entries(phases).flatMap(([name, phase]) =>
    kinds.map((kind) => {
      const { sent, answered, degraded, failed, retryAfter, codes, tookMs } = phase[kind];
      const sorted = [...tookMs].sort((a, b) => a - b);
      const at = (share: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(0);
      return [
        name,
        kind,
        sent,
        sent === 0 ? '–' : `${((100 * answered) / sent).toFixed(1)} %`,
        degraded,
        failed,
        retryAfter,
        at(0.5),
        at(0.99),
        Object.keys(codes).join(' '),
      ];
    }),
  );
  const head = [
    what,
    'request',
    'sent',
    'answered',
    'degraded',
    'failed',
    'retry-after',
    'p50 ms',
    'p99 ms',
    'codes',
  ];
  const line = head.map(() => '---');
  return `\n${[head, line, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}`;
}
