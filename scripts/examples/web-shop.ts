import type { IncomingMessage } from 'node:http';
import type { ProductCard } from '../../plugins/client/browser/api.js';
import { createClient } from '../../plugins/client/browser/client.js';
import {
  asScript,
  escaped,
  forEverybody,
  forOne,
  openSite,
  type Page,
  type Shop,
  type Site,
} from './site.js';

const place = { currency: 'EUR', locale: 'en' };
const cookieName = 'rapport_session';

/**
 * A web shop that is rendered on a server. Pages for everybody come from public listings and are cacheable; what is personal is added in the
 * browser, or is on a page of its own that no cache keeps.
 */
export async function openWebShop(shop: Shop, port: number): Promise<Site> {
  const client = createClient({ ...shop, ...place });

  async function home(): Promise<Page> {
    const { items } = await client.products<ProductCard>({ first: 8, filter: { inStock: true } });
    return page(
      'Shop',
      `<h1>All products</h1>${listOf(items)}<h2>For you</h2><ul id="for-you"></ul>`,
      forEverybody,
    );
  }

  async function product(id: string): Promise<Page> {
    const found = await client.product<ProductCard>(id);
    if (!found) return { ...page('Not found', '<h1>Not found</h1>', 'no-store'), status: 404 };
    const { title, brand } = found;
    const body = `<h1 data-product="${escaped(id)}">${escaped(title)}</h1><p>${escaped(brand ?? '')} ${priceOf(found)}</p>
      <button id="add">Add to cart</button><h2>Similar</h2><ul id="similar"></ul>`;
    return page(title, body, forEverybody);
  }

  /** Rendered for the session in the cookie, which the client writes once the shopper has consented. */
  async function forYou(request: IncomingMessage): Promise<Page> {
    const cookie = (request.headers.cookie ?? '')
      .split('; ')
      .find((entry) => entry.startsWith(`${cookieName}=`));
    const sessionId = cookie && decoded(cookie.slice(cookieName.length + 1));
    const own = createClient({ ...shop, ...place, ...(sessionId ? { sessionId } : {}) });
    const { items, personalized } = await own.recommend({ placement: 'home', first: 8 });
    const how = personalized ? 'Chosen by what you looked at.' : 'Popular with everybody.';
    const cards = items.map(({ product: { ...card }, reasons }) => ({ ...card, reason: reasons[0]?.text }));
    return page('For you', `<h1>For you</h1><p id="how">${how}</p>${listOf(cards)}`, forOne);
  }

  function page(title: string, body: string, cacheControl: string): Page {
    const options = { ...shop, ...place, session: 'cookie' };
    return {
      cacheControl,
      body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><link rel="icon" href="data:,">
<style>body { font: 1rem/1.5 system-ui; margin: 2rem auto; max-width: 60rem; padding: 0 1rem } ul { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); list-style: none; padding: 0 } small { color: #555; display: block } #notice { background: #eef; bottom: 0; padding: 1rem; position: sticky }</style>
<nav><a href="/">Shop</a> <a href="/for-you">For you</a></nav>
<main>${body}</main>
<div id="notice" hidden>May we use what you look at to recommend products? <button id="yes">Yes</button> <button id="no">No</button></div>
<script type="module">
import { createClient } from '${shop.url}/client.js';
const client = createClient(${asScript(options)});
const find = (selector) => document.querySelector(selector);

async function show(selector, request) {
  const list = await client.recommend({ first: 4, ...request });
  find(selector).replaceChildren(...list.items.map((item) => {
    const link = Object.assign(document.createElement('a'), { href: '/p/' + encodeURIComponent(item.product.id), textContent: item.product.title });
    link.onclick = () => client.events.clicked(list, item);
    const reason = Object.assign(document.createElement('small'), { textContent: item.reasons[0]?.text ?? '' });
    const entry = document.createElement('li');
    entry.append(link, reason);
    return entry;
  }));
  client.events.shown(list);
}
function showAll() {
  if (find('#for-you')) show('#for-you', { placement: 'home' });
  if (find('#similar')) show('#similar', { placement: 'similar', productId: find('h1').dataset.product });
}
const notice = find('#notice');
notice.hidden = !client.consent.mustAsk();
find('#yes').onclick = async () => {
  await client.consent.grant(['PERSONALIZATION'], { noticeVersion: '1' });
  notice.hidden = true;
  showAll();
};
find('#no').onclick = async () => { await client.consent.refuse(['PERSONALIZATION']); notice.hidden = true; };
const productId = find('h1').dataset.product;
if (productId) {
  client.events.viewed(productId);
  find('#add').onclick = () => client.events.addedToCart(productId);
}
showAll();
</script></html>`,
    };
  }

  return openSite(port, async (request, path) => {
    if (path === '/') return home();
    if (path === '/for-you') return forYou(request);
    const id = path.startsWith('/p/') ? decoded(path.slice(3)) : null;
    if (id !== null) return product(id);
    return { ...page('Not found', '<h1>Not found</h1>', 'no-store'), status: 404 };
  });
}

/** null for a text that is not percent-encoded, such as "50%". */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function listOf(products: readonly (ProductCard & { readonly reason?: string | undefined })[]): string {
  const entries = products.map(
    (product) =>
      `<li><a href="/p/${encodeURIComponent(product.id)}">${escaped(product.title)}</a> ${priceOf(product)}<small>${escaped(product.reason ?? '')}</small></li>`,
  );
  return `<ul>${entries.join('')}</ul>`;
}

function priceOf({ price }: ProductCard): string {
  if (!price) return '';
  const format = new Intl.NumberFormat(place.locale, { style: 'currency', currency: price.currency });
  return escaped(format.format(Number(price.amount)));
}
