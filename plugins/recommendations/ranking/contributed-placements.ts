import type { Contributed } from '../../../src/contributed.js';
import type { PlacementProvider, PlacementVariant } from '../../../src/ports/placements.js';
import type { RankingRequest } from '../../../src/ports/ranking.js';
import { type Placement, placementOf, placements } from './placements.js';

const variantMsMax = 100;
const weightMax = 10;
const nameMax = 60;

type Entry = Contributed<PlacementProvider>;

/** Contributed placements by name. Throws an Error that names the plugin and what is allowed. */
export function contributedPlacements(
  entries: readonly Entry[],
  recommenders: readonly string[],
): ReadonlyMap<string, Placement> {
  const all = new Map<string, Placement>();
  for (const { plugin, contribution } of entries) {
    for (const spec of contribution.placements ?? []) {
      const { name, blend } = spec;
      const refuse = (what: string): never => {
        throw new Error(`the placement "${String(name).slice(0, nameMax)}" of ${plugin} ${what}`);
      };
      if (!/^[a-z][a-z0-9-]{0,23}$/.test(name)) refuse('has no name in kebab case of 1 to 24 characters');
      if (placements.has(name) || all.has(name)) refuse('has the name of another placement');
      if (!blend || Object.keys(blend).length === 0) refuse('has no `blend`; name at least one recommender');
      checkWeights(spec, recommenders, refuse);
      all.set(name, placementOf(spec));
    }
  }
  return all;
}

const noVariant = { variant: null, degraded: false } as const;

/** The variant of a placement that holds for a request, and the weights of its recommenders. `degraded`: a provider was left out. */
export async function variantOf(
  entries: readonly Entry[],
  request: RankingRequest,
  weights: () => Readonly<Record<string, number>>,
): Promise<{ readonly variant: PlacementVariant | null; readonly degraded: boolean }> {
  if (entries.length === 0) return noVariant;
  const found = await Promise.all(
    entries.flatMap((entry) =>
      entry.contribution.variant
        ? [entry.call(variantMsMax, async (each) => ({ variant: checked(await each.variant!(request)) }))]
        : [],
    ),
  );
  const variant = found.find((each) => each?.variant)?.variant ?? null;
  return { variant, degraded: found.includes(null) };

  function checked(one: PlacementVariant | null): PlacementVariant | null {
    if (one === null) return null;
    const { experiment, variant } = one.assignment;
    const refuse = (what: string): never => {
      throw new TypeError(`the variant "${variant}" of the experiment "${experiment}" ${what}`);
    };
    for (const name of [experiment, variant])
      if (typeof name !== 'string' || name === '' || name.length > nameMax)
        refuse(`has the name ${JSON.stringify(name)}; 1 to ${nameMax} characters are allowed`);
    checkWeights(one, Object.keys(weights()), refuse);
    return one;
  }
}

function checkWeights(
  { blend = {}, diversity = 0 }: Pick<PlacementVariant, 'blend' | 'diversity'>,
  recommenders: readonly string[],
  refuse: (what: string) => never,
): void {
  for (const [name, weight] of Object.entries(blend)) {
    if (!recommenders.includes(name))
      refuse(`has a weight for the recommender "${name}"; there are ${recommenders.join(', ')}`);
    if (!(weight >= 0 && weight <= weightMax))
      refuse(`has the weight ${weight} for ${name}; 0 to ${weightMax} is allowed`);
  }
  if (!(diversity >= 0 && diversity <= 1)) refuse(`has the diversity ${diversity}; 0 to 1 is allowed`);
}
