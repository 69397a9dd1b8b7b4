import type { TargetedSubmitEvent } from 'preact';
import { useEffect } from 'preact/hooks';
import { contextOf, momentOf } from './context.js';
import { movement, ruleEffects } from './explanation.js';
import { send } from './gateway.js';
import { type Preview, preview } from './operations.js';
import { Fault, PlaceFields, Text, Title, valuesOf } from './parts.js';
import type { Product } from './product.js';
import { go, hrefOf, route } from './route.js';
import { type Action, describeAction, type Rule } from './rule.js';
import { addAction, edited, RuleForm } from './rule-form.js';
import { announce, createTask } from './task.js';

type Values = Readonly<Record<string, string>>;

const search = createTask(async (values: Values, before = '') => {
  const { query = '', at, draft, ...place } = values;
  const found = await send(preview, {
    query,
    context: contextOf(place),
    at: momentOf(at),
    withDraft: draft === 'on',
  });
  const [published, drafted] = [found.published?.total ?? 0, found.draft?.total];
  announce(
    `${before} “${query}” finds ${published} products${drafted === undefined ? '' : `; ${drafted} with the draft`}.`,
  );
  return { ...found, values };
});

/** One search as shoppers see it, beside the same search with the draft. */
export function PreviewView() {
  const { parameters } = route.value;
  const text = parameters.toString();
  const values = Object.fromEntries(parameters);
  useEffect(() => {
    if (values.query) void search.run({ draft: 'on', ...values });
  }, [text]);

  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const given = { draft: 'off', ...valuesOf(event.currentTarget) };
    const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
    if (new URLSearchParams(kept).toString() === text) void search.run(kept);
    else go('preview', kept);
  }

  const found = search.data.value;
  return (
    <>
      <Title>Preview a search</Title>
      <form class="row" onSubmit={submit} key={text}>
        <Text label="Query" name="query" type="search" value={values.query ?? ''} required />
        <PlaceFields values={values} />
        <Text label="Moment" name="at" type="datetime-local" value={values.at ?? ''} />
        <label class="check" for="draft">
          <input id="draft" name="draft" type="checkbox" defaultChecked={values.draft !== 'off'} />
          Compare with the draft
        </label>
        <button id="submit" type="submit" class="strong" aria-busy={search.pending.value}>
          Search
        </button>
      </form>
      <Fault of={search} />
      {found?.published ? (
        <>
          <Ways query={found.values.query ?? ''} />
          {edited.value ? <RuleForm onDone={(sentence) => void search.run(found.values, sentence)} /> : null}
          <div class="columns">
            <Results
              title="As published"
              result={found.published}
              rules={found.publishedRules ?? []}
              other={null}
              query={found.values.query ?? ''}
            />
            {found.draft ? (
              <Results
                title="With the draft"
                result={found.draft}
                rules={found.draftRules ?? []}
                other={found.published}
                query={found.values.query ?? ''}
              />
            ) : null}
          </div>
        </>
      ) : null}
    </>
  );
}

/** Ways to change what a search finds. */
function Ways({ query }: { readonly query: string }) {
  return (
    <p class="ways">
      <button type="button" onClick={() => addAction(query, null)}>
        New rule for this query
      </button>{' '}
      <a href={hrefOf('synonyms', { term: query })}>New synonym for this query</a>
    </p>
  );
}

interface ResultsProps {
  readonly title: string;
  readonly result: Preview;
  readonly rules: readonly Rule[];
  /** The list that positions are compared with. */
  readonly other: Preview | null;
  readonly query: string;
}

function Results({ title, result, rules, other, query }: ResultsProps) {
  const applied = rules.filter(({ id }) => result.appliedRules.includes(id));
  const before = other?.products.map(({ id }) => id);
  const gone = other?.products.filter(({ id }) => !result.products.some((product) => product.id === id));
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p>
        {result.total} {result.total === 1 ? 'product' : 'products'}
        {result.correctedQuery ? `, for “${result.correctedQuery}”` : ''}
        {result.appliedSynonyms.length > 0 ? `, also for ${result.appliedSynonyms.join(', ')}` : ''}
        {result.redirect ? `. Shoppers are led to ${result.redirect}` : ''}
      </p>
      {applied.length > 0 ? (
        <>
          <h3>Applied rules</h3>
          <ul class="applied">
            {applied.map((rule) => (
              <li key={rule.id}>
                <strong>{rule.name}</strong>: {rule.then.map(describeAction).join('; ')}
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <ol class="results">
        {result.products.map((product, index) => (
          <li key={product.id} data-product={product.id}>
            <ProductLine product={product} />
            <ul class="why">
              {before ? <li>{movement(index, before.indexOf(product.id))}</li> : null}
              {ruleEffects(product, applied).map((effect) => (
                <li key={effect}>{effect}</li>
              ))}
            </ul>
            <ProductActions product={product} query={query} />
          </li>
        ))}
      </ol>
      {gone && gone.length > 0 ? (
        <>
          <h3>No longer in this list</h3>
          <ul>
            {gone.map((product) => (
              <li key={product.id}>
                {product.title}
                {ruleEffects(product, applied).map((effect) => ` (${effect})`)}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}

function ProductLine({ product }: { readonly product: Product }) {
  const { id, title, brand, price, inStock } = product;
  return (
    <p class="product">
      <a href={hrefOf('catalog', { code: id })}>{title}</a>
      <small>
        {[id, brand, price && `${price.amount} ${price.currency}`, inStock ? 'in stock' : 'not in stock']
          .filter(Boolean)
          .join(' · ')}
      </small>
    </p>
  );
}

function ProductActions({ product, query }: { readonly product: Product; readonly query: string }) {
  const filter = { ids: [product.id] };
  const actions: readonly (readonly [string, Action])[] = [
    ['Pin', { pin: { productId: product.id, position: 1 } }],
    ['Boost', { boost: { filter, factor: 2 } }],
    ['Bury', { bury: { filter, factor: 0.5 } }],
    ['Hide', { hide: { filter } }],
  ];
  return (
    <div class="actions">
      {actions.map(([label, action]) => (
        <button type="button" key={label} onClick={() => addAction(query, action)}>
          {label}
          <span class="unseen"> {product.title}</span>
        </button>
      ))}
    </div>
  );
}
