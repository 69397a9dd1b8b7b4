import { createBasket } from './basket.js';
import { createChannels } from './channels.js';
import { createControls } from './controls.js';
import { byId, element, showKeyed } from './dom.js';
import { ask, GatewayError } from './gateway.js';
import { createInspector } from './inspector.js';
import { decide, everywhere, record, search as searchOperation, suggest } from './operations.js';
import { freshId, nameOf, storeName } from './people.js';
import { createSearch } from './search.js';
import { contextOf, readState, writeState } from './state.js';
import { channelNames, channelWords, permissionWord, timeWord } from './words.js';

/** @typedef {import('./types.d.ts').Deed} Deed */

/** The number of products that the ranking is asked for. */
const rankedMax = 8;
/** The number of results of a search that are shown. */
const foundMax = 12;
const retryMs = 3_000;

const state = readState(location.hash);
const inspector = createInspector(() => state.key);
const channels = createChannels((deed) => void act(deed));
const basket = createBasket((deed) => void act(deed));
const search = createSearch({
  find: async (variables) =>
    (await send(searchOperation, { context: contextOf(state, 'web'), first: foundMax, ...variables }))?.data
      .shopper ?? null,
  suggest: async (prefix) =>
    (await send(suggest, { context: contextOf(state, 'web'), prefix }))?.data.shopper?.suggest ?? [],
  searched: (query, queryId) =>
    void send(record, eventsOf('web', [{ type: 'PRODUCT_SEARCHED', query, queryId }])),
  act: (deed) => void act(deed),
  locale: () => state.locale,
});
/** @type {ReturnType<typeof createControls> | null} */
let controls = null;
/** Actions run in order: each waits for the response to the last. @type {Promise<unknown>} */
let busy = Promise.resolve();
let retry = 0;

/**
 * Sends an operation, and shows trouble instead of throwing it: resolves to null then.
 *
 * @template T
 * @param {import('./types.d.ts').Operation<T>} operation
 * @param {Readonly<Record<string, unknown>>} variables
 * @returns {Promise<{ data: T, milliseconds: number } | null>}
 */
async function send(operation, variables) {
  try {
    const { data, errors, exchange } = await ask(state.key, operation, variables);
    inspector.add(exchange);
    showTrouble(errors[0] ? `A part of the answer is missing: ${errors[0]}` : '');
    byId('pulse').dataset.state = 'live';
    byId('pulse-text').textContent = timeWord(exchange.milliseconds);
    return { data, milliseconds: exchange.milliseconds };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    byId('pulse').dataset.state = 'lost';
    byId('pulse-text').textContent = error.trouble === 'gone' ? 'no answer' : 'refused';
    if (error.trouble === 'key') showGate(error.message);
    else {
      showTrouble(error.message);
      clearTimeout(retry);
      if (error.trouble === 'gone') retry = setTimeout(() => void refresh(), retryMs);
    }
    return null;
  }
}

/** @param {string} text empty: there is none */
function showTrouble(text) {
  clearTimeout(retry);
  byId('trouble').hidden = text === '';
  byId('trouble-text').textContent = text;
}

/** @param {string} fault */
function showGate(fault) {
  byId('gate').hidden = false;
  byId('stage').hidden = true;
  byId('gate-fault').textContent = fault;
  const input = /** @type {HTMLInputElement} */ (byId('key'));
  input.value = state.key;
  input.focus();
}

/**
 * Asks all four channels in one request and shows what changed.
 *
 * @param {{ title: string, milliseconds: number | null }} [happened]
 */
async function refresh(happened) {
  const asked = await send(everywhere, {
    ...Object.fromEntries(channelNames.map((channel) => [channel, contextOf(state, channel)])),
    first: rankedMax,
    seen: 6,
    goesWith: 4,
    said: 3,
    cart: basket.ids(state.shopper),
  });
  if (!asked) return;
  byId('gate').hidden = true;
  byId('stage').hidden = false;
  const answer = asked.data;
  const place = { locale: state.locale, store: state.store ? storeName(state.store) : '' };
  const { changes, gone } = channels.show(answer, place);
  const { web } = answer;
  if (web) controls?.show(web);
  showSeen(web?.recentlyViewed ?? []);
  basket.show(state.shopper, web?.basket ?? null, place);
  byId('welcome').textContent = web?.recommendations?.personalized
    ? `For ${nameOf(state.shopper)}`
    : 'Popular with everybody';
  byId('kiosk-store').textContent = place.store ? `Welcome to ${place.store}` : 'Welcome';

  const kinds = [...changes.values()].map(({ kind }) => kind);
  const parts = [
    ...[countOf(kinds, 'up', 'moved up'), countOf(kinds, 'down', 'moved down'), countOf(kinds, 'new', 'new')],
    gone.length > 0 ? `${gone.length} gone` : '',
  ].filter(Boolean);
  byId('story').textContent =
    happened?.title ?? permissionWord(web?.personalization?.reason ?? '', nameOf(state.shopper));
  byId('story-detail').textContent = !happened
    ? web?.personalization?.applied
      ? 'Look at a product, and watch it change every channel at once.'
      : 'Switch personalization on, and every channel follows what is done here.'
    : parts.length > 0
      ? `In the next answer of every channel: ${parts.join(', ')}.`
      : web?.personalization?.applied
        ? 'The ranking stays as it was.'
        : `Nothing may follow from it: ${permissionWord(web?.personalization?.reason ?? '', nameOf(state.shopper))}`;
  byId('times').replaceChildren(
    ...(happened?.milliseconds
      ? [element('span', {}, 'acknowledged in ', element('b', {}, timeWord(happened.milliseconds)))]
      : []),
    element('span', {}, 'four channels in ', element('b', {}, timeWord(asked.milliseconds))),
  );
}

/**
 * @param {readonly string[]} kinds
 * @param {string} kind
 * @param {string} word
 */
function countOf(kinds, kind, word) {
  const count = kinds.filter((each) => each === kind).length;
  return count > 0 ? `${count} ${word}` : '';
}

/** @param {readonly import('./types.d.ts').Product[]} products */
function showSeen(products) {
  byId('seen').hidden = products.length === 0;
  showKeyed(
    byId('seen-list'),
    products,
    ({ id }) => id,
    () => {
      const node = element('li');
      return {
        node,
        update: (product) => {
          node.textContent = product.title;
        },
      };
    },
  );
}

/**
 * @param {Deed['channel']} channel
 * @param {readonly Readonly<Record<string, unknown>>[]} events
 */
function eventsOf(channel, events) {
  return {
    context: contextOf(state, channel),
    events: events.map((event) => ({ messageId: freshId(), ...event })),
  };
}

/**
 * Tells the gateway what the shopper did.
 *
 * @param {Deed} deed
 */
function told({ kind, product, others = [], channel, decisionId, queryId, position }) {
  const products = [product, ...others];
  const productIds = products.map(({ id }) => id);
  const from = { ...(decisionId ? { decisionId } : {}), ...(queryId ? { queryId } : {}) };
  if (kind === 'dismiss') return eventsOf(channel, [{ type: 'PRODUCT_DISMISSED', productIds, ...from }]);
  if (kind === 'uncart') return eventsOf(channel, [{ type: 'PRODUCT_REMOVED_FROM_CART', productIds }]);
  if (kind === 'buy') {
    const value = products.reduce((sum, { price }) => sum + Number(price?.amount ?? 0), 0);
    return eventsOf(channel, [
      { type: 'ORDER_COMPLETED', productIds, quantity: [1], value, currency: state.currency, ...from },
    ]);
  }
  if (kind === 'cart') {
    return eventsOf(channel, [{ type: 'PRODUCT_ADDED_TO_CART', productIds, quantity: [1], ...from }]);
  }
  const click = queryId ? 'SEARCH_RESULT_CLICKED' : decisionId ? 'RECOMMENDATION_CLICKED' : null;
  return eventsOf(channel, [
    { type: 'PRODUCT_VIEWED', productIds },
    ...(click ? [{ type: click, productIds, position, ...from }] : []),
  ]);
}

/** @type {Readonly<Record<Deed['kind'], (what: string) => string>>} */
const deedWords = {
  view: (what) => `looked at ${what}`,
  dismiss: (what) => `does not want ${what}`,
  cart: (what) => `put ${what} in the basket`,
  uncart: (what) => `took ${what} out of the basket`,
  buy: (what) => `bought ${what}`,
};

/** @param {Deed} deed */
function act(deed) {
  return inTurn(async () => {
    const done = await send(record, told(deed));
    if (!done) return;
    const refused = done.data.recordEvents?.userErrors?.[0]?.message;
    if (refused) return showTrouble(refused);
    if (deed.kind === 'cart') basket.add(state.shopper, deed.product);
    if (deed.kind === 'uncart' || deed.kind === 'buy') {
      for (const { id } of [deed.product, ...(deed.others ?? [])]) basket.remove(state.shopper, id);
    }
    const more = deed.others?.length ? ` and ${deed.others.length} more` : '';
    await Promise.all([
      refresh({
        title: `${nameOf(state.shopper)} ${deedWords[deed.kind](`“${deed.product.title}”${more}`)} (${channelWords[deed.channel]})`,
        milliseconds: done.milliseconds,
      }),
      search.again(),
    ]);
  });
}

/** @param {() => Promise<void>} run */
function inTurn(run) {
  busy = busy.then(run);
  return busy;
}

function open() {
  writeState(state);
  if (!state.key) return showGate('');
  controls ??= createControls(state, {
    changed: (isOther) =>
      void inTurn(async () => {
        writeState(state);
        if (isOther) channels.forget();
        await Promise.all([
          refresh(isOther ? undefined : { title: 'The same shopper, elsewhere', milliseconds: null }),
          search.again(),
        ]);
      }),
    decided: (status) =>
      void inTurn(async () => {
        const done = await send(decide, { context: contextOf(state, 'web'), status });
        const refused = done?.data.setConsent?.userErrors?.[0]?.message;
        const name = nameOf(state.shopper);
        const title = status === 'GRANTED' ? `${name} said yes` : `${name} took the yes back`;
        await Promise.all([
          refresh(done ? { title, milliseconds: done.milliseconds } : undefined),
          search.again(),
        ]);
        if (refused) showTrouble(refused);
      }),
  });
  return inTurn(() => refresh());
}

byId('gate').addEventListener('submit', (event) => {
  event.preventDefault();
  state.key = /** @type {HTMLInputElement} */ (byId('key')).value.trim();
  void open();
});
byId('change-key').addEventListener('click', () => showGate(''));
byId('trouble-retry').addEventListener('click', () => void inTurn(() => refresh()));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && controls && state.key) void inTurn(() => refresh());
});
void open();
