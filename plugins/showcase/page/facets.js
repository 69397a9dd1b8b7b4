import { byId, element } from './dom.js';

/** @typedef {import('./types.d.ts').Facet} Facet */

/** The number of values of a facet that are shown. */
const valuesMax = 7;

/** @type {Readonly<Record<string, string>>} */
const facetWords = { category: 'Category', brand: 'Brand', price: 'Price' };

/**
 * Narrows a search by category, brands and price.
 *
 * @param {() => void} changed
 */
export function createFacets(changed) {
  let category = '';
  /** @type {Set<string>} */
  const brands = new Set();
  let priceMin = '';
  let priceMax = '';
  const container = byId('facets');

  /** @param {Facet} facet */
  function choices({ name, values }) {
    const isBrand = name === 'brand';
    const chosen = isBrand ? [...brands] : category ? [category] : [];
    const shown = values.slice(0, valuesMax);
    for (const value of chosen) {
      if (!shown.some((each) => each.value === value)) {
        shown.push(values.find((each) => each.value === value) ?? { value, label: value, count: 0 });
      }
    }
    return shown.map(({ value, label, count }) => {
      const input = element('input', { type: 'checkbox', 'data-facet': name, value });
      input.checked = chosen.includes(value);
      input.addEventListener('change', () => {
        if (!isBrand) category = input.checked ? value : '';
        else if (input.checked) brands.add(value);
        else brands.delete(value);
        changed();
      });
      return element('label', {}, input, element('span', {}, label), element('small', {}, String(count)));
    });
  }

  /** @param {Facet} facet */
  function range({ min, max }) {
    /**
     * @param {string} label
     * @param {string} value
     * @param {number} bound
     * @param {(value: string) => void} set
     */
    function bound(label, value, bound, set) {
      const input = element('input', {
        type: 'number',
        min: 0,
        step: 'any',
        placeholder: bound.toFixed(0),
        'aria-label': label,
        value,
        onchange: () => {
          set(Number(input.value) > 0 ? input.value : '');
          changed();
        },
      });
      return input;
    }
    return element(
      'div',
      { class: 'range' },
      bound('Lowest price', priceMin, Math.floor(min ?? 0), (value) => {
        priceMin = value;
      }),
      element('span', { 'aria-hidden': 'true' }, '–'),
      bound('Highest price', priceMax, Math.ceil(max ?? 0), (value) => {
        priceMax = value;
      }),
    );
  }

  return {
    clear() {
      category = '';
      brands.clear();
      priceMin = '';
      priceMax = '';
    },
    /** As `ProductFilter` of the schema. */
    filter: () => ({
      ...(category ? { categoryId: category } : {}),
      ...(brands.size > 0 ? { brands: [...brands] } : {}),
      ...(priceMin ? { priceMin } : {}),
      ...(priceMax ? { priceMax } : {}),
    }),
    /** @param {readonly Facet[]} facets */
    show(facets) {
      const focused = document.activeElement;
      const wasOn =
        focused instanceof HTMLInputElement && container.contains(focused)
          ? `input[data-facet="${focused.dataset.facet}"][value="${CSS.escape(focused.value)}"]`
          : null;
      container.replaceChildren(
        ...facets
          .filter(({ values, max }) => values.length > 0 || max !== null)
          .map((facet) =>
            element(
              'fieldset',
              {},
              element('legend', {}, facetWords[facet.name] ?? facet.name),
              ...(facet.name === 'price' ? [range(facet)] : choices(facet)),
            ),
          ),
      );
      const again = wasOn ? container.querySelector(wasOn) : null;
      if (again instanceof HTMLInputElement) again.focus();
    },
  };
}
