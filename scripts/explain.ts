import { Command } from 'commander';
import { graphqlEndpoint } from './graphql-endpoint.js';

interface Options {
  readonly url: string;
  readonly key: string;
  readonly placement: string;
  readonly product: string;
  readonly first: string;
  readonly page?: string;
  readonly cart: readonly string[];
  readonly viewed: readonly string[];
  readonly dismissed: readonly string[];
  readonly bought: readonly string[];
  readonly channel: string;
  readonly store?: string;
}

interface Explanation {
  readonly decisionId: string;
  readonly position: number | null;
  readonly absence: string | null;
  readonly candidates: number;
  readonly recommenders: readonly {
    readonly name: string;
    readonly weight: number;
    readonly candidates: number;
    readonly contribution: number;
  }[];
  readonly blendedScore: number | null;
  readonly blendedRank: number | null;
  readonly seenDemotion: number;
  readonly ruleFactor: number;
  readonly rules: readonly { readonly ruleId: string; readonly effect: string }[];
  readonly pinned: boolean;
  readonly diversity: number;
  readonly diversifiedPosition: number | null;
  readonly diversifiedScore: number | null;
  readonly exploration: string | null;
  readonly fallback: boolean;
  readonly lastScore: number | null;
  readonly degraded: boolean;
}

const query = `query ($context: ShopperContext!, $placement: ID!, $product: ID!, $first: Int, $page: ID, $cart: [ID!], $profile: ExampleProfileInput) {
  shopper(context: $context) {
    explainRecommendation(placement: $placement, product: $product, first: $first, productId: $page, cart: $cart, profile: $profile) {
      decisionId position absence candidates blendedScore blendedRank seenDemotion ruleFactor pinned diversity diversifiedPosition diversifiedScore
      exploration fallback lastScore degraded rules { ruleId effect } recommenders { name weight candidates contribution }
    }
  }
}`;

const list = (text: string) => text.split(',').filter(Boolean);

const program = new Command('explain')
  .description(
    'Explains how a running gateway ranks a product in a placement, and why it is not in the list.',
  )
  .requiredOption('--key <key>', 'a MERCHANDISER key of the gateway')
  .requiredOption('--placement <name>', 'home, product, cart …')
  .requiredOption('--product <id>', 'the product to explain')
  .option('--url <url>', 'the gateway', 'http://localhost:4000')
  .option('--first <count>', 'the length of the list', '12')
  .option('--page <id>', 'the product of the page')
  .option('--cart <ids>', 'the cart of the request, comma separated', list, [])
  .option('--viewed <ids>', 'products that an imagined shopper viewed, oldest first', list, [])
  .option(
    '--bought <ids>',
    'products that they bought, each as id@date, for example coffee@2026-10-01',
    list,
    [],
  )
  .option('--dismissed <ids>', 'products that they dismissed', list, [])
  .option('--channel <channel>', 'WEB, KIOSK, VOICE …', 'WEB')
  .option('--store <id>', 'the store')
  .action(explain);

async function explain(options: Options): Promise<void> {
  const { url, key, placement, product, page = null, cart, viewed, dismissed, channel, store } = options;
  const bought = options.bought.map((each) => {
    const [id, date = ''] = each.split('@');
    const at = new Date(date);
    if (Number.isNaN(at.getTime()))
      throw new Error(`--bought "${each}" has no date; write id@date, for example coffee@2026-10-01`);
    return { product: id, at };
  });
  const endpoint = graphqlEndpoint(url);
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': key },
    body: JSON.stringify({
      query,
      variables: {
        context: { channel, ...(store === undefined ? {} : { storeId: store }) },
        placement,
        product,
        first: Number(options.first),
        page,
        cart,
        profile: { viewed, dismissed, bought },
      },
    }),
  }).catch((cause: unknown) => {
    throw new Error(`no gateway answers at ${endpoint}; start it, or name another one with --url`, { cause });
  });
  const { data, errors } = (await response.json()) as {
    readonly data?: {
      readonly shopper: { readonly explainRecommendation: Explanation | null } | null;
    } | null;
    readonly errors?: readonly { readonly message: string }[];
  };
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  const explanation = data?.shopper?.explainRecommendation ?? null;
  if (explanation === null) throw new Error(`the gateway has no product "${product}"`);
  console.log(textOf(explanation, product).join('\n'));
}

function textOf(explanation: Explanation, product: string): string[] {
  const { position, absence, recommenders, rules, blendedScore, blendedRank, candidates } = explanation;
  const decimal = (value: number | null) => (value === null ? '–' : value.toFixed(4));
  const rows = [...recommenders].sort((a, b) => b.contribution - a.contribution);
  return [
    position === null ? `${product} is not in the list: ${absence}` : `${product} is at position ${position}`,
    `decision ${explanation.decisionId}${explanation.degraded ? ' (degraded)' : ''}`,
    '',
    'recommender            weight  candidates  contribution',
    ...rows.map(({ name, weight, candidates: proposed, contribution }) =>
      [
        name.padEnd(20),
        weight.toFixed(3).padStart(8),
        String(proposed).padStart(11),
        decimal(contribution).padStart(13),
      ].join(' '),
    ),
    '',
    `blended score          ${decimal(blendedScore)}${blendedRank === null ? '' : `, rank ${blendedRank} of ${candidates}`}`,
    `viewed before          × ${explanation.seenDemotion}`,
    `ranking rules          × ${explanation.ruleFactor}${rules.map(({ ruleId, effect }) => `; ${ruleId}: ${effect}`).join('')}`,
    `diversity ${explanation.diversity.toFixed(2)}         ${decimal(explanation.diversifiedScore)}${explanation.diversifiedPosition === null ? '' : `, position ${explanation.diversifiedPosition}`}`,
    `last of the list       ${decimal(explanation.lastScore)}`,
    ...(explanation.pinned ? ['a ranking rule pins it'] : []),
    ...(explanation.exploration === null ? [] : [`exploration            ${explanation.exploration}`]),
    ...(explanation.fallback ? ['it only fills up the list'] : []),
  ];
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
