/** The demo shop's shoppers: their sessions, what they care for, and how they like to be answered. */
export const people = [
  { session: 'demo-ada', name: 'Ada', about: 'loves coffee', locale: 'en', currency: 'EUR' },
  { session: 'demo-grace', name: 'Grace', about: 'runs', locale: 'en', currency: 'USD' },
  { session: 'demo-linus', name: 'Linus', about: 'sleeps outdoors', locale: 'de', currency: 'CHF' },
  { session: 'demo-marie', name: 'Marie', about: 'lives for music', locale: 'fr', currency: 'EUR' },
  { session: 'demo-emil', name: 'Emil', about: 'came once', locale: 'de', currency: 'EUR' },
];

/** The demo shop's stores. */
export const stores = [
  { id: 'berlin', name: 'Berlin' },
  { id: 'lyon', name: 'Lyon' },
  { id: 'vienna', name: 'Vienna' },
  { id: 'zurich', name: 'Zürich' },
];

export const currencies = ['EUR', 'CHF', 'USD'];

export const locales = [
  { tag: 'en', name: 'English' },
  { tag: 'de', name: 'Deutsch' },
  { tag: 'fr', name: 'Français' },
];

/** @param {string} session */
export function nameOf(session) {
  return people.find((person) => person.session === session)?.name ?? 'The visitor';
}

/** @param {string} id */
export function storeName(id) {
  return stores.find((store) => store.id === id)?.name ?? id;
}

/** A session that nobody has used before. */
export function blankSession() {
  return `visitor-${freshId()}`;
}

/** 96 bits of chance; `crypto.randomUUID` is not there on plain HTTP. */
export function freshId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join('');
}
