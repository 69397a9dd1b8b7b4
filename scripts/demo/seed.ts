import type { System } from '../../src/boot.js';
import type { Caller, Context } from '../../src/context.js';
import type { Clock } from '../../src/plugin.js';
import { createChance } from './chance.js';
import { type Person, people } from './people.js';
import { demoCategories, demoProducts } from './products.js';
import { createSimulation, type Deed, historyDays } from './shoppers.js';

const seed = 20_260_101;
const strangersDefault = 3_000;
const productsABatch = 1_000;
const eventsABatch = 2_500;
const consentsAtOnce = 500;

const caller: Caller = {
  role: 'SERVER',
  source: 'demo',
  customerId: null,
  globalPrivacyControl: false,
};

export interface DemoShop {
  readonly products: number;
  readonly events: number;
  readonly shoppers: number;
}

/**
 * Fills an empty installation with a shop that never was: products, known customers, and what shoppers with
 * planted tastes did in the last 60 days. All of it follows from one seed and the clock.
 */
export async function seedDemoShop(
  system: Pick<System, 'port'>,
  host: { readonly clock: Clock },
  print: (line: string) => void,
  strangers = strangersDefault,
): Promise<DemoShop> {
  const chance = createChance(seed);
  const nowMs = host.clock.nowMs();
  const catalog = system.port('catalog');
  const { userErrors } = await catalog.saveCategories(demoCategories());
  const products = demoProducts(chance, nowMs);
  const faults = [...userErrors];
  for (let at = 0; at < products.length; at += productsABatch) {
    const batch = products.slice(at, at + productsABatch).map(({ input }) => input);
    faults.push(...(await catalog.save(batch)).userErrors);
  }
  if (faults[0])
    throw new Error(`the demo shop was refused: ${faults[0].message} (${faults[0].path.join('.')})`);
  print(`Demo shop: ${products.length} products in ${catalog.categories().length} categories`);

  const simulation = createSimulation(products, chance, nowMs);
  for (const person of people) {
    for (const context of sessionsOf(person, nowMs)) await agree(system, context);
  }
  const deeds = people.flatMap((person) => simulation.person(person));
  for (let number = 1; number <= strangers; number++) deeds.push(...simulation.stranger(number));
  deeds.sort((a, b) => a.atMs - b.atMs);
  await askStrangers(system, deeds);
  const events = await tell(system, deeds);
  for (const person of people) await introduce(system, person, nowMs);
  print(`Demo shop: ${events} events of ${strangers + people.length} shoppers in ${historyDays} days`);
  return { products: products.length, events, shoppers: strangers + people.length };
}

/** Of shoppers whom nobody knows every third has said yes. */
async function askStrangers(system: Pick<System, 'port'>, deeds: readonly Deed[]): Promise<void> {
  const latest = new Map(
    deeds.filter(({ customerId }) => customerId === null).map((deed) => [deed.sessionId, deed]),
  );
  const asked = [...latest.values()].filter((_, i) => i % 3 === 0).map(contextOf);
  for (let at = 0; at < asked.length; at += consentsAtOnce) {
    await Promise.all(asked.slice(at, at + consentsAtOnce).map((context) => agree(system, context)));
  }
}

async function agree(system: Pick<System, 'port'>, context: Context): Promise<void> {
  const shopper = await system.port('customers').recognise(context);
  const { userErrors } = await system.port('consent').decide(
    shopper,
    (['PERSONALIZATION', 'ANALYTICS'] as const).map((purpose) => ({
      purpose,
      status: 'GRANTED',
      noticeVersion: 'demo-1',
      evidence: 'demo shop',
    })),
  );
  if (userErrors[0]) throw new Error(`the demo's consent was refused: ${userErrors[0].message}`);
}

/** A person's sessions, before anybody knows whose they are. */
function sessionsOf({ locale, currency, sessions }: Person, nowMs: number): Context[] {
  return sessions.map(({ id, channel }) => ({
    caller,
    channel,
    sessionId: id,
    customerId: null,
    storeId: null,
    deviceId: null,
    locale,
    currency,
    atMs: nowMs,
  }));
}

/**
 * Links a person's sessions to one customer, who says yes to personalization. What was done in the sessions before stays visible
 * to a STOREFRONT key with the session's id, so that the first query needs no token.
 */
async function introduce(system: Pick<System, 'port'>, person: Person, nowMs: number): Promise<void> {
  const { id, firstName, lastName, locale, traits } = person;
  const email = `${id}@shoppers.example`;
  const contexts = sessionsOf(person, nowMs);
  for (const context of contexts)
    await system.port('customers').identify(context, { id, email, firstName, lastName, locale, traits });
  await agree(system, { ...contexts[0]!, sessionId: `customer:${id}`, customerId: id });
}

async function tell(system: Pick<System, 'port'>, deeds: readonly Deed[]): Promise<number> {
  // One context a session, so that plugins derive a shopper's data once.
  const contexts = new Map<string, Context>();
  const contextFor = (deed: Deed) => {
    const context = contexts.get(deed.sessionId) ?? contextOf(deed);
    contexts.set(deed.sessionId, context);
    return context;
  };
  let accepted = 0;
  for (let at = 0; at < deeds.length; at += eventsABatch) {
    const batch = deeds.slice(at, at + eventsABatch);
    const result = await system.port('events').record(
      batch.map(contextFor),
      batch.map(({ type, atMs, productIds, quantity, value, query, queryId, position }, i) => ({
        messageId: `demo-${at + i}`,
        type,
        at: new Date(atMs),
        ...(productIds && { productIds }),
        ...(quantity && { quantity }),
        ...(value === undefined ? {} : { value }),
        ...(query === undefined ? {} : { query }),
        ...(queryId === undefined ? {} : { queryId }),
        ...(position === undefined ? {} : { position }),
      })),
    );
    const fault = result.userErrors[0];
    if (fault) throw new Error(`the demo's events were refused: ${fault.message} (${fault.path.join('.')})`);
    accepted += result.accepted;
  }
  return accepted;
}

function contextOf(deed: Deed): Context {
  const { channel, sessionId, storeId, locale, currency, atMs } = deed;
  return { caller, channel, sessionId, customerId: null, storeId, deviceId: null, locale, currency, atMs };
}
