/*
 * A process of its own for the damage trials. `fill DIRECTORY COPY` fills a shop: COPY is as a killed process leaves it, DIRECTORY as one
 * that was closed. Otherwise it opens the directories that it is sent, asks the shop everything, and sends back what it heard.
 */
import { cpSync } from 'node:fs';
import { plugins } from '../../plugins/index.js';
import { everything, grant, listQuery, openShop, record, shopperContext } from '../journeys/shop.js';
import { openTestGateway } from '../support/gateway.js';

/** What a shop says. Each key is a part that can fail by itself. */
export interface Heard {
  readonly refused: string | null;
  readonly parts: Readonly<Record<string, unknown>>;
  /** Damage that was named, in the log or in a response. */
  readonly named: readonly string[];
  /** Whether the shopper who declined was answered personally. */
  readonly trespassed: boolean;
}

const keeper = 'session-yes';
const decliner = 'session-no';
const words = /STORE_DAMAGED|damaged/;

async function fill(directory: string, copy: string): Promise<void> {
  const gateway = await openTestGateway(plugins, { dataDir: directory });
  await openShop(gateway);
  for (const [session, status] of [
    [keeper, 'GRANTED'],
    [decliner, 'DENIED'],
  ] as const) {
    await grant(gateway, session, status);
    for (const id of everything.slice(0, 5)) await record(gateway, session, 'PRODUCT_VIEWED', [id]);
  }
  for (let i = 0; i < 40; i++) {
    await grant(gateway, `session-${i}`);
    await record(gateway, `session-${i}`, 'PRODUCT_VIEWED', [everything[i % 12]!]);
    await record(gateway, `session-${i}`, 'PRODUCT_VIEWED', [everything[(i * 5 + 1) % 12]!]);
    if (i % 10 === 0) gateway.system.clock.advance(1_000);
  }
  await new Promise((resolve) => setImmediate(resolve));
  cpSync(directory, copy, { recursive: true });
  await gateway.close();
}

async function hear(directory: string): Promise<Heard> {
  const parts: Record<string, unknown> = {};
  const named: string[] = [];
  let trespassed = false;
  let gateway: Awaited<ReturnType<typeof openTestGateway>>;
  try {
    gateway = await openTestGateway(plugins, { dataDir: directory });
  } catch (error) {
    return { refused: (error as Error).message, parts, named, trespassed };
  }
  async function ask(
    part: string,
    query: string,
    variables: Record<string, unknown>,
    path: string,
  ): Promise<unknown> {
    const answer = await gateway.ask(query, { variables });
    const heard = answer.at(path) ?? null;
    parts[part] = heard;
    for (const error of answer.errors ?? []) named.push(JSON.stringify(error.extensions));
    for (const part of answer.extensions?.rapport?.degraded ?? []) named.push(`degraded ${part}`);
    return heard;
  }
  const product = 'id sku title description brand inStock price { amount currency } categories { id name }';
  for (const id of everything) {
    await ask(
      `product ${id}`,
      `query ($context: ShopperContext!, $id: ID!) { product(context: $context, id: $id) { ${product} } }`,
      { context: shopperContext('visitor'), id },
      'product',
    );
  }
  await ask(
    'search',
    'query ($context: ShopperContext!) { shopper(context: $context) { search(query: "good coffee", first: 20) { products { nodes { id price { amount } } } } } }',
    { context: shopperContext('visitor') },
    'shopper.search',
  );
  for (const session of [keeper, decliner, 'visitor']) {
    const shopper = await ask(
      `home of ${session}`,
      listQuery,
      { context: shopperContext(session), placement: 'home', first: 6 },
      'shopper',
    );
    const applied = (shopper as { personalization?: { applied?: boolean } } | null)?.personalization?.applied;
    if (session === decliner && applied) trespassed = true;
  }
  for (const { message, fields } of gateway.system.log.lines) {
    const line = `${message} ${JSON.stringify(fields)}`;
    if (words.test(line)) named.push(line.slice(0, 300));
  }
  await gateway.close();
  return { refused: null, parts, named, trespassed };
}

if (process.argv[2] === 'fill') await fill(process.argv[3]!, process.argv[4]!);
else {
  process.on('message', (directory: string) => {
    hear(directory).then(
      (heard) => process.send!(heard),
      (error: unknown) =>
        process.send!({ refused: null, parts: {}, named: [], trespassed: false, threw: String(error) }),
    );
  });
}
