import { currencies, locales, people } from './people.js';

const defaults = { key: '', shopper: people[0]?.session ?? '', store: '', currency: 'EUR', locale: 'en' };

/**
 * Reads `#key=…&shopper=…`. The fragment never leaves the browser, so the key is in no server's log.
 *
 * @param {string} fragment
 * @returns {import('./types.d.ts').State}
 */
export function readState(fragment) {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const state = { ...defaults };
  for (const name of /** @type {(keyof typeof defaults)[]} */ (Object.keys(defaults))) {
    const value = given.get(name);
    if (value !== null) state[name] = value;
  }
  if (!currencies.includes(state.currency)) state.currency = defaults.currency;
  if (!locales.some(({ tag }) => tag === state.locale)) state.locale = defaults.locale;
  return state;
}

/** @param {import('./types.d.ts').State} state */
export function writeState(state) {
  const shown = Object.entries(state).filter(([, value]) => value !== '');
  history.replaceState(null, '', `#${new URLSearchParams(shown)}`);
}

/**
 * @param {import('./types.d.ts').State} state
 * @param {import('./types.d.ts').ChannelName} channel
 */
export function contextOf(state, channel) {
  return {
    channel: channel.toUpperCase(),
    sessionId: state.shopper,
    ...(state.store ? { storeId: state.store } : {}),
    locale: state.locale,
    currency: state.currency,
  };
}
