import type { TargetedSubmitEvent } from 'preact';
import { useEffect } from 'preact/hooks';
import { contextOf } from './context.js';
import { send } from './gateway.js';
import { lookUp, type ProductDetails } from './operations.js';
import { Fault, PlaceFields, Text, Title, valuesOf } from './parts.js';
import { categoryPath } from './product.js';
import { go, hrefOf, route } from './route.js';
import { announce, createTask } from './task.js';

type Values = Readonly<Record<string, string>>;

const load = createTask(async (values: Values) => {
  const { code = '', ...place } = values;
  const { byCode, byHandle } = await send(lookUp, { code, handle: code, context: contextOf(place) });
  const product = byCode ?? byHandle;
  announce(product ? `Found “${product.title}”.` : `No product has the code “${code}”.`);
  return { product };
});

/** One product as the catalog has it. */
export function CatalogView() {
  const { parameters } = route.value;
  const text = parameters.toString();
  const values: Values = Object.fromEntries(parameters);
  useEffect(() => {
    if (values.code) void load.run(values);
    else load.reset();
  }, [text]);
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    go('catalog', valuesOf(event.currentTarget));
  }
  const product = load.data.value?.product;
  return (
    <>
      <Title>Catalog</Title>
      <form class="row" onSubmit={submit} key={text}>
        <Text
          label="Product"
          name="code"
          type="search"
          value={values.code ?? ''}
          hint="An id, SKU, GTIN, handle or the id of a variant."
          required
        />
        <PlaceFields values={values} />
        <button id="submit" type="submit" class="strong" aria-busy={load.pending.value}>
          Look up
        </button>
      </form>
      <Fault of={load} />
      {load.data.value && !product ? <p>No product has this code.</p> : null}
      {product ? <Details product={product} /> : null}
    </>
  );
}

const priceOf = (price: ProductDetails['price']): string =>
  price ? `${price.amount} ${price.currency}` : 'none';
const stockOf = (stock: ProductDetails['stock']): string =>
  stock
    ? stock.map(({ storeId, quantity }) => `${storeId}: ${quantity}`).join(', ') || 'none'
    : 'not stock-kept';

function Details({ product }: { readonly product: ProductDetails }) {
  const rows = [
    ['Id', product.id],
    ['SKU', product.sku],
    ['GTIN', product.gtin],
    ['Handle', product.handle],
    ['Status', product.status],
    ['Brand', product.brand],
    ['Categories', product.categories.map(categoryPath).join('; ')],
    ['Tags', product.tags.join(', ')],
    ['Price', priceOf(product.price)],
    ['Price before a reduction', product.listPrice && priceOf(product.listPrice)],
    ['Can be bought', product.purchasable ? 'yes' : 'no: it has no price here'],
    ['In stock', product.inStock ? 'yes' : 'no'],
    ['Stock', stockOf(product.stock)],
    ['Rating', product.rating && `${product.rating.average.toFixed(1)} of 5, by ${product.rating.count}`],
    ['Description', product.description],
    ...product.attributes.map(({ label, text }) => [label, text] as const),
  ] as const;
  return (
    <>
      <h2>{product.title}</h2>
      <p>
        <a href={hrefOf('inspector', { product: product.id })}>Why is it recommended, or not?</a>
      </p>
      <dl>
        {rows.map(([name, value], index) =>
          value ? (
            <div key={`${index} ${name}`}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
      <div class="scroll">
        <table>
          <caption>Variants</caption>
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col">Id</th>
              <th scope="col">SKU</th>
              <th scope="col">Status</th>
              <th scope="col">Price</th>
              <th scope="col">In stock</th>
              <th scope="col">Stock</th>
            </tr>
          </thead>
          <tbody>
            {product.variants.map(({ id, sku, title, status, price, inStock, stock }) => (
              <tr key={id}>
                <th scope="row">{title}</th>
                <td>{id}</td>
                <td>{sku}</td>
                <td>{status}</td>
                <td>{priceOf(price)}</td>
                <td>{inStock ? 'yes' : 'no'}</td>
                <td>{stockOf(stock)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
