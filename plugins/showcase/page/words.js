/** @type {Readonly<Record<string, string>>} */
const sources = {
  SESSION: 'This visit',
  BOUGHT_TOGETHER: 'Bought together',
  SIMILAR: 'Similar',
  RECENTLY_VIEWED: 'Seen before',
  BUY_AGAIN: 'Buy again',
  POPULAR: 'Popular',
  NEW: 'New in the shop',
};

/** @param {string} source */
export function sourceWord(source) {
  return sources[source] ?? source;
}

/** @type {Readonly<Record<string, (store: string) => string>>} */
const omissions = {
  OUT_OF_STOCK_IN_STORE: (store) => (store ? `Not in stock in ${store}` : 'Not in stock'),
  NOT_SPEAKABLE: () => 'Discreet: never said aloud',
  CHANNEL_LIMIT: () => 'More than this channel takes',
  NO_PRICE: () => 'No price in this currency',
};

/**
 * @param {string} reason
 * @param {string} store its name; empty without one
 */
export function omissionWord(reason, store) {
  return omissions[reason]?.(store) ?? reason;
}

/** @type {Readonly<Record<string, (name: string) => string>>} */
const permissions = {
  CONSENTED: (name) => `${name} said yes: every list follows what ${name} does.`,
  NOT_OBJECTED: (name) => `${name} did not object: every list follows what ${name} does.`,
  NO_CONSENT: (name) => `${name} has not said yes: every channel answers as it would a stranger.`,
  GLOBAL_PRIVACY_CONTROL: () =>
    'This browser asks for privacy: every channel answers as it would a stranger.',
  CONSENT_UNKNOWN: () => 'Consent cannot be read just now, so nothing is personal.',
};

/**
 * @param {string} reason
 * @param {string} name
 */
export function permissionWord(reason, name) {
  return permissions[reason]?.(name) ?? reason;
}

/**
 * @param {import('./types.d.ts').Money | null} money
 * @param {string} locale
 */
export function priceWord(money, locale) {
  if (!money) return 'No price';
  return new Intl.NumberFormat(locale, { style: 'currency', currency: money.currency }).format(
    Number(money.amount),
  );
}

/** @param {number} milliseconds */
export function timeWord(milliseconds) {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export function countWord(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

/** @type {readonly import('./types.d.ts').ChannelName[]} */
export const channelNames = ['web', 'app', 'kiosk', 'voice'];

/** @type {Readonly<Record<import('./types.d.ts').ChannelName, string>>} */
export const channelWords = { web: 'Web', app: 'App', kiosk: 'Kiosk', voice: 'Voice' };
