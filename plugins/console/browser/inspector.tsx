import type { TargetedSubmitEvent } from 'preact';
import { useEffect } from 'preact/hooks';
import { contextOf, listOf } from './context.js';
import { absenceText } from './explanation.js';
import { send } from './gateway.js';
import type { Explanation, RecommendationItem } from './operations.js';
import * as operations from './operations.js';
import { Choice, Fault, PlaceFields, Text, Title, valuesOf } from './parts.js';
import { go, hrefOf, route } from './route.js';
import { announce, createTask } from './task.js';

type Values = Readonly<Record<string, string>>;

const placements = [
  'home',
  'product',
  'cart',
  'similar',
  'bought-together',
  'trending',
  'search-empty',
  'post-purchase',
  'recently-viewed',
  'reorder',
].map((placement) => [placement, placement] as const);

const load = createTask(async (values: Values) => {
  const { product = '', other = '', placement = 'home', first = '12', page, boughtAt, ...rest } = values;
  const [viewed, dismissed, bought] = [listOf(rest.viewed), listOf(rest.dismissed), listOf(rest.bought)];
  const cart = listOf(rest.cart);
  if (bought.length > 0 && !boughtAt) throw new Error('Choose the day on which the products were bought.');
  const hasHistory = viewed.length + dismissed.length + bought.length > 0;
  const { shopper } = await send(operations.inspect, {
    context: contextOf(rest),
    placement,
    first: Number(first),
    page: page || null,
    cart: cart.length > 0 ? cart : null,
    profile: {
      viewed,
      dismissed,
      bought: bought.map((each) => ({ product: each, at: new Date(boughtAt ?? '').toISOString() })),
    },
    product,
    other,
    withProduct: product !== '',
    withOther: other !== '',
    // The list of the visitor without a history would contradict an explanation with one.
    withList: !hasHistory,
  });
  for (const [code, found] of [
    [product, shopper?.product],
    [other, shopper?.other],
  ] as const)
    if (code !== '' && !found) throw new Error(`No product has the code “${code}”.`);
  announce(
    [shopper?.product, shopper?.other]
      .flatMap((each) => (each ? [`${each.product.title}: ${outcomeOf(each)}`] : []))
      .join(' ') || `The list has ${shopper?.recommendations?.items.length ?? 0} products.`,
  );
  return { shopper, values };
});

function outcomeOf({ position, absence }: Explanation): string {
  return position === null ? `not in the list. ${absenceText(absence)}` : `position ${position}.`;
}

/** Why a product is recommended, and why another one is not. */
export function InspectorView() {
  const { parameters } = route.value;
  const text = parameters.toString();
  const values: Values = Object.fromEntries(parameters);
  useEffect(() => void load.run(values), [text]);
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const given = Object.entries(valuesOf(event.currentTarget)).filter(([, value]) => value !== '');
    go('inspector', Object.fromEntries(given));
  }
  const loaded = load.data.value;
  const { product, other, recommendations } = loaded?.shopper ?? {};
  return (
    <>
      <Title>Recommendation inspector</Title>
      <p>Explains a list of a visitor without a history, or with the history that you assume below.</p>
      <form onSubmit={submit} key={text}>
        <div class="row">
          <Choice
            label="Placement"
            name="placement"
            value={values.placement ?? 'home'}
            options={placements}
          />
          <Text label="Why this product" name="product" value={values.product ?? ''} hint="An id or SKU." />
          <Text label="Why not that product" name="other" value={values.other ?? ''} hint="To compare." />
          <Text label="Product of the page" name="page" value={values.page ?? ''} />
          <Text label="Cart" name="cart" value={values.cart ?? ''} hint="Between commas." />
          <Text
            label="Items"
            name="first"
            type="number"
            min="1"
            max="100"
            value={values.first ?? '12'}
            required
          />
          <PlaceFields values={values} />
        </div>
        <details open={Boolean(values.viewed || values.bought || values.dismissed)}>
          <summary>Assumed history</summary>
          <div class="row">
            <Text label="Viewed" name="viewed" value={values.viewed ?? ''} hint="Oldest first." />
            <Text label="Bought" name="bought" value={values.bought ?? ''} hint="Between commas." />
            <Text label="Bought on" name="boughtAt" type="date" value={values.boughtAt ?? ''} />
            <Text label="Dismissed" name="dismissed" value={values.dismissed ?? ''} hint="Between commas." />
          </div>
        </details>
        <button id="submit" type="submit" class="strong" aria-busy={load.pending.value}>
          Explain
        </button>
      </form>
      <Fault of={load} />
      {product || other ? (
        <div class="columns">
          {product ? <Explained explanation={product} /> : null}
          {other ? <Explained explanation={other} /> : null}
        </div>
      ) : null}
      {recommendations ? <Items items={recommendations.items} values={loaded?.values ?? {}} /> : null}
    </>
  );
}

function Items({
  items,
  values,
}: {
  readonly items: readonly RecommendationItem[];
  readonly values: Values;
}) {
  return (
    <section aria-label="The list">
      <h2>The list</h2>
      <ol class="results">
        {items.map(({ product, source, reasons }) => (
          <li key={product.id}>
            <a href={hrefOf('inspector', { ...values, product: product.id })}>
              <span class="unseen">Why </span>
              {product.title}
            </a>{' '}
            <small>
              {source.toLowerCase().replaceAll('_', ' ')}
              {reasons[0] ? ` · ${reasons[0].text}` : ''}
            </small>
          </li>
        ))}
      </ol>
    </section>
  );
}

const figure = (value: number | null): string =>
  value === null ? 'none' : String(Number(value.toPrecision(4)));

function Explained({ explanation }: { readonly explanation: Explanation }) {
  const { product, recommenders, rules } = explanation;
  const rows = [
    ['Blended score', figure(explanation.blendedScore)],
    [
      'Blended rank',
      explanation.blendedRank && `${explanation.blendedRank} of ${explanation.candidates} candidates`,
    ],
    ['Seen-item demotion', `× ${figure(explanation.seenDemotion)}`],
    ['Factor of rules', `× ${figure(explanation.ruleFactor)}`],
    ['Rules', rules.map(({ ruleId, effect }) => `${effect} (${ruleId})`).join('; ')],
    ['Pinned', explanation.pinned && 'yes'],
    ['Diversity of the list', figure(explanation.diversity)],
    ['Score after diversification', figure(explanation.diversifiedScore)],
    ['Position after diversification', explanation.diversifiedPosition],
    ['Exploration slot', explanation.exploration?.toLowerCase()],
    ['Fills up the list', explanation.fallback && 'yes'],
    ['Score of the last product', figure(explanation.lastScore)],
  ] as const;
  return (
    <section aria-label={product.title}>
      <h2>
        <a href={hrefOf('catalog', { code: product.id })}>{product.title}</a>
      </h2>
      <p>
        <strong>{outcomeOf(explanation)}</strong>
      </p>
      <table>
        <caption>Recommenders; contributions add up to the blended score</caption>
        <thead>
          <tr>
            <th scope="col">Recommender</th>
            <th scope="col" class="number">
              Contribution
            </th>
            <th scope="col" class="number">
              Weight
            </th>
            <th scope="col" class="number">
              Candidates
            </th>
          </tr>
        </thead>
        <tbody>
          {recommenders.map(({ name, contribution, weight, candidates }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{figure(contribution)}</td>
              <td class="number">{figure(weight)}</td>
              <td class="number">{candidates}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl>
        {rows.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
    </section>
  );
}
