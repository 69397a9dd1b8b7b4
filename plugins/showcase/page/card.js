import { element, icon } from './dom.js';
import { pictureAddressOf, pictureAt } from './picture.js';
import { priceWord, sourceWord } from './words.js';

/**
 * @typedef {object} Shown A product as a list shows it.
 * @property {import('./types.d.ts').Product} product
 * @property {import('./types.d.ts').Item} [item] where a recommendation shows it
 * @property {import('./types.d.ts').Change} [change]
 * @property {string} locale
 * @property {string} [note] a line of its own, e.g. its stock
 */

/** @typedef {import('./types.d.ts').Deed['kind']} Kind */

/**
 * Makes one product of a list: its picture, what it costs and why it is here, and what can be done with it.
 *
 * @param {'card' | 'row' | 'tile'} look
 * @param {(kind: Kind, shown: Shown) => void} act
 * @param {readonly Kind[]} kinds what can be done beside looking at it
 */
export function createCard(look, act, kinds) {
  /** @type {Shown} */
  let shown;
  let pictured = '';
  const picture = element('div', { class: 'art' });
  const mark = element('span', { class: 'mark', hidden: true });
  const badge = element('span', { class: 'badge' });
  const title = element('button', { type: 'button', class: 'title', onclick: () => act('view', shown) });
  const price = element('p', { class: 'price' });
  const reason = element('p', { class: 'reason' });
  const options = element('p', { class: 'options', hidden: true });
  const note = element('p', { class: 'note', hidden: true });
  const actions = kinds.map((kind) => ({ kind, button: actionButton(kind, () => act(kind, shown)) }));
  const node = element(
    'li',
    { class: look },
    picture,
    mark,
    element('div', { class: 'about' }, badge, element('h3', {}, title), price, options, reason, note),
    element('div', { class: 'actions' }, ...actions.map(({ button }) => button)),
  );

  return {
    node,
    /** @param {Shown} now */
    update(now) {
      shown = now;
      const { product, item, change, locale } = now;
      node.dataset.product = product.id;
      const address = pictureAddressOf(product);
      if (address !== pictured) {
        picture.replaceChildren(pictureAt(address));
        pictured = address;
      }
      title.textContent = product.title;
      price.replaceChildren(priceWord(product.price, locale));
      if (product.listPrice) price.append(' ', element('del', {}, priceWord(product.listPrice, locale)));
      if (product.rating) price.append(' ', ratingOf(product.rating, locale));
      showOptions(options, product.options ?? []);
      badge.textContent = item ? sourceWord(item.source) : (product.brand ?? '');
      badge.dataset.source = item?.source ?? '';
      reason.textContent = item?.reasons[0]?.text ?? '';
      note.textContent = now.note ?? '';
      note.hidden = !now.note;
      for (const { kind, button } of actions)
        button.setAttribute('aria-label', `${actionWords[kind]}: ${product.title}`);
      showMark(mark, change);
    },
  };
}

/**
 * @param {{ average: number, count: number }} rating
 * @param {string} locale
 */
function ratingOf({ average, count }, locale) {
  const stars = average.toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return element(
    'span',
    { class: 'rating' },
    element('span', { 'aria-hidden': 'true' }, `★ ${stars} (${count})`),
    element('span', { class: 'unseen' }, `rated ${stars} of 5 by ${count}`),
  );
}

/**
 * Shows the values of the first option, for example the sizes; those that cannot be bought in the shopper's store are struck through.
 *
 * @param {HTMLElement} line
 * @param {NonNullable<import('./types.d.ts').Product['options']>} options
 */
function showOptions(line, [option]) {
  line.hidden = !option;
  line.replaceChildren(
    ...(option ? [element('span', { class: 'unseen' }, `${option.label}: `)] : []),
    ...(option?.values ?? []).flatMap(({ label, available }) => [
      available ? element('span', {}, label) : element('s', {}, label),
      ' ',
    ]),
  );
}

/** @type {Readonly<Record<Kind, string>>} */
const actionWords = {
  view: 'Look at',
  cart: 'Add to basket',
  uncart: 'Take out of the basket',
  buy: 'Buy',
  dismiss: 'Not for me',
};

/**
 * @param {Kind} kind
 * @param {() => void} onclick
 */
function actionButton(kind, onclick) {
  return element(
    'button',
    { type: 'button', class: `action ${kind}`, title: actionWords[kind], onclick },
    icon(kind),
    element('span', {}, kind === 'cart' ? 'Add' : kind === 'buy' ? 'Buy' : ''),
  );
}

/**
 * @param {HTMLElement} mark
 * @param {import('./types.d.ts').Change | undefined} change
 */
function showMark(mark, change) {
  mark.hidden = !change;
  mark.className = `mark ${change?.kind ?? ''}`;
  if (!change) mark.replaceChildren();
  else if (change.kind === 'new') mark.replaceChildren('New');
  else {
    const direction = change.kind === 'up' ? 'up' : 'down';
    mark.replaceChildren(
      element('span', { 'aria-hidden': 'true' }, `${direction === 'up' ? '↑' : '↓'} ${change.by}`),
      element('span', { class: 'unseen' }, `moved ${direction} by ${change.by}`),
    );
  }
}
