/** @typedef {string | Node | null | undefined | false} Child */

/**
 * Makes an element. Text only ever becomes a text node, so that a title with markup in it is shown, not run.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Readonly<Record<string, unknown>>} [attributes] `on…` are listeners; false, null and undefined leave out.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/**
 * @param {string} tag
 * @param {Readonly<Record<string, unknown>>} attributes
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function drawing(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

/**
 * @param {Element} node
 * @param {Readonly<Record<string, unknown>>} attributes
 */
export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value === false || value === null || value === undefined) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * The element of the page with this id.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no #${id}`);
  return /** @type {T} */ (node);
}

/** @type {WeakMap<Node, { key: string, update: (item: never) => void }>} */
const entries = new WeakMap();

const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * Shows items as children of a container, one node for each key. A node stays the same while its key is there, so
 * that focus is kept, and glides from its old place to the new one.
 *
 * @template T
 * @param {Element} container
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {() => { node: HTMLElement, update: (item: T) => void }} create
 */
export function showKeyed(container, items, keyOf, create) {
  /** @type {Map<string, Element>} */
  const old = new Map();
  /** @type {Map<Element, DOMRect>} */
  const places = new Map();
  for (const child of container.children) {
    const key = entries.get(child)?.key;
    if (key === undefined) continue;
    old.set(key, child);
    places.set(child, child.getBoundingClientRect());
  }
  const origin = container.getBoundingClientRect();
  const nodes = items.map((item) => {
    const key = keyOf(item);
    let node = old.get(key);
    old.delete(key);
    if (!node) {
      const made = create();
      node = made.node;
      entries.set(node, { key, update: made.update });
    }
    entries.get(node)?.update(/** @type {never} */ (item));
    return node;
  });
  // The keyboard focus goes on at the place of the item that went away.
  const focused = [...container.children].findIndex((child) => child.contains(document.activeElement));
  const isLosing =
    focused >= 0 && [...old.values()].includes(/** @type {Element} */ (container.children[focused]));
  for (const gone of old.values()) gone.remove();
  for (const [at, node] of nodes.entries()) {
    const there = container.children[at];
    if (there !== node) container.insertBefore(node, there ?? null);
  }
  if (isLosing) nodes[Math.min(focused, nodes.length - 1)]?.querySelector('button')?.focus();
  if (!stillness.matches && places.size > 0) glide(nodes, places, container, origin);
}

/**
 * @param {readonly Element[]} nodes
 * @param {ReadonlyMap<Element, DOMRect>} places
 * @param {Element} container
 * @param {DOMRect} origin
 */
function glide(nodes, places, container, origin) {
  const moved = container.getBoundingClientRect();
  for (const node of nodes) {
    const from = places.get(node);
    const to = node.getBoundingClientRect();
    if (!from) {
      node.animate(
        [
          { opacity: 0, transform: 'scale(.96)' },
          { opacity: 1, transform: 'none' },
        ],
        {
          duration: 320,
          easing: 'ease-out',
        },
      );
      continue;
    }
    const x = from.left - origin.left - (to.left - moved.left);
    const y = from.top - origin.top - (to.top - moved.top);
    if (Math.abs(x) < 1 && Math.abs(y) < 1) continue;
    node.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: 'none' }], {
      duration: 460,
      easing: 'cubic-bezier(.2, .8, .2, 1)',
    });
  }
}

/** @param {string} name */
export function icon(name) {
  return drawing(
    'svg',
    { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
    drawing('path', { d: icons[name] ?? '' }),
  );
}

/** @type {Readonly<Record<string, string>>} */
const icons = {
  cart: 'M4 5h2l2.2 10.2h9.3L20 8H7M9.5 19.5h.01M16.5 19.5h.01',
  buy: 'M5 12.5l4.5 4.5L19 7.5',
  dismiss: 'M7 7l10 10M17 7L7 17',
  search: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM20 20l-4.8-4.8',
  play: 'M8 5.5v13l10.5-6.5z',
  stop: 'M7 7h10v10H7z',
  copy: 'M9 9h10v11H9zM6 15H5V4h10v2',
  again: 'M19 12a7 7 0 1 1-2.1-5M19 4v4h-4',
};
