import { byId, element, setAttributes } from './dom.js';

/** The pause in typing before it is completed. */
const pauseMs = 90;

const kindWords = { QUERY: '', PRODUCT: 'product', CATEGORY: 'category', BRAND: 'brand' };

/**
 * Completions below a search box, as the ARIA combobox pattern has them: arrows choose, Enter takes, Escape closes.
 *
 * @param {HTMLInputElement} input
 * @param {(prefix: string) => Promise<readonly import('./types.d.ts').Suggestion[]>} suggest
 * @param {() => void} taken
 */
export function createSuggestions(input, suggest, taken) {
  const list = byId('suggestions');
  let chosen = -1;
  let asked = 0;
  let pause = 0;

  function close() {
    clearTimeout(pause);
    asked++;
    chosen = -1;
    list.hidden = true;
    list.replaceChildren();
    setAttributes(input, { 'aria-expanded': 'false', 'aria-activedescendant': null });
  }

  async function open() {
    const turn = ++asked;
    const prefix = input.value.trim();
    const found = prefix ? await suggest(prefix) : [];
    if (turn !== asked) return;
    if (found.length === 0) return close();
    chosen = -1;
    list.replaceChildren(
      ...found.map(({ text, kind }, at) =>
        element(
          'div',
          {
            role: 'option',
            id: `suggestion-${at}`,
            'aria-selected': 'false',
            onpointerdown: (/** @type {Event} */ event) => {
              event.preventDefault();
              take(text);
            },
          },
          element('span', {}, text),
          element('small', {}, kindWords[kind]),
        ),
      ),
    );
    list.hidden = false;
    setAttributes(input, { 'aria-expanded': 'true', 'aria-activedescendant': null });
  }

  /** @param {string} text */
  function take(text) {
    input.value = text;
    close();
    taken();
  }

  /** @param {number} step */
  function choose(step) {
    const options = [...list.children];
    if (options.length === 0) return;
    // One place beyond the last is the box itself.
    chosen = ((chosen + step + 1 + options.length + 1) % (options.length + 1)) - 1;
    for (const [at, option] of options.entries()) option.setAttribute('aria-selected', String(at === chosen));
    setAttributes(input, { 'aria-activedescendant': chosen < 0 ? null : `suggestion-${chosen}` });
  }

  input.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(() => void open(), pauseMs);
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) void open();
      else choose(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen]?.firstElementChild?.textContent ?? '');
    }
  });

  return { close };
}
