import { createCard } from './card.js';
import { changesBetween } from './changes.js';
import { byId, element, showKeyed } from './dom.js';
import { showRanking } from './ranking.js';
import { createVoice } from './voice.js';
import { channelNames, omissionWord } from './words.js';

/** @typedef {import('./types.d.ts').ChannelName} ChannelName */
/** @typedef {import('./types.d.ts').List} List */
/** @typedef {import('./card.js').Shown} Shown */

/** The actions in a channel beside looking; a voice answer is acted upon by speaking. */
const looks = /** @type {const} */ ({
  web: { look: 'card', kinds: ['cart', 'buy', 'dismiss'] },
  app: { look: 'row', kinds: ['cart', 'dismiss'] },
  kiosk: { look: 'tile', kinds: ['cart', 'dismiss'] },
});

/** The number of left out products that are named one by one, for each reason. */
const namedMax = 4;

/**
 * Shows the answer of each channel as that channel would.
 *
 * @param {(deed: import('./types.d.ts').Deed) => void} act
 */
export function createChannels(act) {
  /** @type {Map<ChannelName, readonly string[]>} */
  const before = new Map();
  const voice = createVoice(act);

  /**
   * @param {ChannelName} channel
   * @param {List} list
   * @param {ReturnType<typeof changesBetween>['changes']} changes
   * @param {{ locale: string, store: string }} place
   */
  function showList(channel, list, changes, { locale, store }) {
    if (channel === 'voice') return voice.show(list, locale);
    const { look, kinds } = looks[channel];
    showKeyed(
      byId(`${channel}-list`),
      list.items.map((item) => ({
        product: item.product,
        item,
        change: changes.get(item.product.id),
        locale,
        ...(channel === 'kiosk' ? { note: stockWord(item.product.inStock, store) } : {}),
      })),
      ({ product }) => product.id,
      () =>
        createCard(
          look,
          (kind, { product, item }) =>
            act({
              kind,
              product,
              channel,
              decisionId: shownDecision(channel),
              ...(item ? { position: item.position } : {}),
            }),
          kinds,
        ),
    );
  }

  /** @type {Map<ChannelName, string>} */
  const decisions = new Map();
  /** @param {ChannelName} channel */
  const shownDecision = (channel) => decisions.get(channel) ?? '';

  return {
    /** The next answer is another shopper's: nothing has moved, everything is simply other. */
    forget: () => before.clear(),
    /**
     * Answers what changed on the web, which shows the whole ranking.
     *
     * @param {import('./types.d.ts').Everywhere} answer
     * @param {{ locale: string, store: string }} place `store`: its name, empty without one
     */
    show(answer, place) {
      let changed = changesBetween(null, []);
      for (const channel of channelNames) {
        const list = answer[channel]?.recommendations ?? null;
        const empty = byId(`${channel}-empty`);
        empty.hidden = list !== null && list.items.length > 0;
        empty.textContent = list
          ? 'The shop has nothing to show yet.'
          : 'This channel has no answer just now.';
        if (!list) continue;
        const ids = list.items.map(({ product }) => product.id);
        const difference = changesBetween(before.get(channel) ?? null, ids);
        if (channel === 'web') changed = difference;
        before.set(channel, ids);
        decisions.set(channel, list.decisionId);
        byId(`${channel}-decision`).textContent = list.decisionId;
        byId(`${channel}-list`).setAttribute('lang', place.locale);
        showList(channel, list, difference.changes, place);
        showOmitted(byId(`${channel}-omitted`), channel, list, place.store);
      }
      showRanking(answer);
      return changed;
    },
  };
}

/**
 * @param {boolean} inStock
 * @param {string} store
 */
function stockWord(inStock, store) {
  if (!inStock) return 'Can be ordered';
  return store ? `In stock in ${store}` : 'In stock';
}

/**
 * @param {HTMLElement} container
 * @param {ChannelName} channel
 * @param {List} list
 * @param {string} store
 */
function showOmitted(container, channel, list, store) {
  /** @type {Map<string, string[]>} */
  const byReason = new Map();
  for (const { reason, product } of list.omitted) {
    const titles = byReason.get(reason) ?? [];
    titles.push(product.title);
    byReason.set(reason, titles);
  }
  container.replaceChildren(
    ...[...byReason].map(([reason, titles]) =>
      element(
        'p',
        {},
        element('b', {}, `${omissionWord(reason, store)}: `),
        titles.slice(0, namedMax).join(' · '),
        titles.length > namedMax && ` · and ${titles.length - namedMax} more`,
      ),
    ),
  );
  if (byReason.size === 0)
    container.append(element('p', {}, `Nothing is left out in the ${channel} channel.`));
}
