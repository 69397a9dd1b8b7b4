import { expect } from 'chai';
import { definePlugin, type Plugin } from 'rapport/plugin.js';
import type { PlacementProvider } from 'rapport/ports/placements.js';
import { openTestShop, type TestShop, testKeys } from 'rapport/testing.js';
import { everything, grant, openShop, record, shopperContext } from '../journeys/shop.js';
import { plugin as experiments } from './experiments.js';

interface Listed {
  readonly decisionId: string;
  readonly degraded: boolean;
  readonly experiment: { readonly experiment: string; readonly variant: string } | null;
  readonly items: readonly { readonly source: string; readonly product: { readonly id: string } }[];
}

const people = Array.from({ length: 40 }, (_, at) => `person-${at}`);
const split = {
  id: 'newest-first',
  placement: 'home',
  variants: [
    { name: 'control', share: 0.5 },
    { name: 'new', share: 0.5, blend: { session: 0, popular: 0, newest: 10 } },
  ],
};
const idsOf = ({ items }: Listed) => items.map(({ product }) => product.id);

async function listOf(
  shop: TestShop,
  sessionId: string,
  { placement = 'home', channel = 'WEB' } = {},
): Promise<Listed> {
  const answer = await shop.ask(
    `query ($context: ShopperContext!, $placement: ID!) { shopper(context: $context) { recommendations(placement: $placement, first: 6) {
      decisionId degraded experiment { experiment variant } items { source product { id } } } } }`,
    { variables: { context: shopperContext(sessionId, channel), placement } },
  );
  expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
  return answer.at('shopper.recommendations') as Listed;
}

describe('Experiments of a plugin from outside', () => {
  let shop: TestShop;

  beforeEach(async () => {
    shop = await openTestShop([experiments]);
    await openShop(shop);
    for (const person of people) await grant(shop, person);
  });
  afterEach(() => shop.close());

  const begin = async (experiment: object) => {
    const saved = await shop.ask(
      'mutation ($experiment: JSON!) { saveExperiment(experiment: $experiment) }',
      {
        role: 'MERCHANDISER',
        variables: { experiment },
      },
    );
    expect(saved.errors).to.equal(undefined);
  };

  it('split shoppers, each always into the same variant, and change the blend', async () => {
    await begin(split);
    const lists = await Promise.all(people.map((person) => listOf(shop, person)));
    const inNew = lists.filter(({ experiment }) => experiment?.variant === 'new');
    expect(inNew.length).to.be.within(8, 32);
    expect(lists.every(({ experiment }) => experiment?.experiment === 'newest-first')).to.equal(true);
    for (const { items } of inNew) expect(items.every(({ source }) => source === 'NEW')).to.equal(true);
    expect(await Promise.all(people.map((person) => listOf(shop, person)))).to.deep.equal(lists);
  });

  it('are a part of the decision, the same in every channel, and end for everybody', async () => {
    // A look makes the list the shopper's own.
    await record(shop, people[0]!, 'PRODUCT_VIEWED', ['coffee-press']);
    const before = await listOf(shop, people[0]!);
    expect(before.experiment).to.equal(null);
    await begin({ ...split, variants: split.variants.map(({ name, share }) => ({ name, share })) });
    const during = await listOf(shop, people[0]!);
    expect(idsOf(during)).to.deep.equal(idsOf(before));
    expect(during.decisionId).not.to.equal(before.decisionId);
    const kiosk = await listOf(shop, people[0]!, { channel: 'KIOSK' });
    expect([kiosk.decisionId, kiosk.experiment]).to.deep.equal([during.decisionId, during.experiment]);
    await shop.ask('mutation { endExperiment(id: "newest-first") }', { role: 'MERCHANDISER' });
    expect(await listOf(shop, people[0]!)).to.deep.equal(before);
  });

  it('have nobody in them who did not permit personalization', async () => {
    await begin(split);
    const [one, other] = [await listOf(shop, 'stranger-1'), await listOf(shop, 'stranger-2')];
    expect(one.experiment).to.equal(null);
    expect(one).to.deep.equal(other);
  });

  it('have a placement of their own, whose impressions and clicks are reported', async () => {
    const gifts = await listOf(shop, 'stranger', { placement: 'gifts' });
    expect(idsOf(gifts)).to.have.length(6);
    expect(gifts.decisionId).to.match(/^gifts\./);
    const [id] = idsOf(gifts);
    await record(shop, 'stranger', 'RECOMMENDATION_SHOWN', idsOf(gifts), {
      decisionId: gifts.decisionId,
      position: 1,
    });
    await record(shop, 'stranger', 'RECOMMENDATION_CLICKED', [id!], {
      decisionId: gifts.decisionId,
      position: 1,
    });
    shop.system.clock.advance(20_000);
    await record(shop, 'stranger', 'PRODUCT_VIEWED', [id!]);
    const report = await shop.ask('{ recommendationReport { placement shown clicked } }', {
      role: 'MERCHANDISER',
    });
    expect(report.at('recommendationReport')).to.deep.equal([{ placement: 'gifts', shown: 6, clicked: 1 }]);
  });

  it('that name an unknown recommender are left out: the list says degraded, log and metric name the plugin', async () => {
    await begin({ ...split, variants: split.variants.map((each) => ({ ...each, blend: { trendy: 1 } })) });
    const list = await listOf(shop, people[0]!);
    expect(list).to.include({ degraded: true, experiment: null });
    expect(everything).to.include.members([...idsOf(list)]);
    const line = shop.system.log.lines.find(({ fields }) => fields.plugin === 'experiments')!;
    expect((line.fields.err as Error).message).to.match(
      /of the experiment "newest-first" has a weight for the recommender "trendy"; there are session, /,
    );
    const metrics = await fetch(`${shop.url}/metrics`, { headers: { 'x-api-key': testKeys.ADMIN } });
    expect(await metrics.text()).to.contain(
      'rapport_contributions_left_out_total{plugin="experiments",point="placement"} 1',
    );
  });
});

describe('A contributed placement is refused at boot', () => {
  const spec = { name: 'gifts', blend: { popular: 1 } };
  const faults: Readonly<Record<string, readonly [PlacementProvider, RegExp]>> = {
    'with the name of one of Rapport': [
      { placements: [{ ...spec, name: 'home' }] },
      /the placement "home" of contributor has the name of another placement/,
    ],
    'with a name in camel case': [
      { placements: [{ ...spec, name: 'giftIdeas' }] },
      /has no name in kebab case/,
    ],
    'without a blend': [{ placements: [{ name: 'gifts' }] }, /has no `blend`/],
    'with an unknown recommender': [
      { placements: [{ ...spec, blend: { popluar: 1 } }] },
      /has a weight for the recommender "popluar"; there are session, /,
    ],
    'with a diversity of 2': [
      { placements: [{ ...spec, diversity: 2 }] },
      /has the diversity 2; 0 to 1 is allowed/,
    ],
  };
  const contributing = (provider: PlacementProvider): Plugin =>
    definePlugin({
      name: 'contributor',
      provides: null,
      needs: [],
      create: () => ({ port: null, contributes: { placement: [provider] } }),
    });
  for (const [way, [provider, message]] of Object.entries(faults)) {
    it(way, async () => {
      const opened = await openTestShop([contributing(provider)]).then(
        (gateway) => gateway.close().then(() => null),
        (error: unknown) => error as Error,
      );
      expect(opened?.message).to.match(message);
    });
  }
});
