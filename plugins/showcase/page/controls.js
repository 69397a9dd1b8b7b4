import { byId, element, setAttributes } from './dom.js';
import { blankSession, currencies, locales, nameOf, people, stores } from './people.js';

/**
 * The choice of the shopper, the store, the currency and the language, and the switch for consent.
 *
 * @param {import('./types.d.ts').State} state changed in place
 * @param {object} listeners
 * @param {(isOther: boolean) => void} listeners.changed whether it is another shopper now
 * @param {(status: 'GRANTED' | 'WITHDRAWN') => void} listeners.decided
 */
export function createControls(state, { changed, decided }) {
  const consent = /** @type {HTMLInputElement} */ (byId('consent'));
  consent.addEventListener('change', () => decided(consent.checked ? 'GRANTED' : 'WITHDRAWN'));

  showPeople();
  fill('store', state.store, [
    ['', 'None'],
    ...stores.map(({ id, name }) => /** @type {const} */ ([id, name])),
  ]);
  fill(
    'currency',
    state.currency,
    currencies.map((code) => [code, code]),
  );
  fill(
    'locale',
    state.locale,
    locales.map(({ tag, name }) => [tag, name]),
  );

  /**
   * @param {'store' | 'currency' | 'locale'} name
   * @param {string} chosen
   * @param {readonly (readonly [value: string, label: string])[]} choices
   */
  function fill(name, chosen, choices) {
    const select = /** @type {HTMLSelectElement} */ (byId(name));
    const known = choices.some(([value]) => value === chosen);
    for (const [value, label] of known ? choices : [...choices, /** @type {const} */ ([chosen, chosen])]) {
      select.append(element('option', { value }, label));
    }
    select.value = chosen;
    select.addEventListener('change', () => {
      state[name] = select.value;
      changed(false);
    });
  }

  function showPeople() {
    const isDemo = people.some(({ session }) => session === state.shopper);
    const shown = people.map(({ session, name, about }) => ({ session, name, about }));
    shown.push({ session: isDemo ? '' : state.shopper, name: 'Somebody', about: 'a blank visitor' });
    byId('people').replaceChildren(
      ...shown.map(({ session, name, about }, at) => {
        const input = element('input', {
          type: 'radio',
          name: 'shopper',
          value: session,
          id: `shopper-${at}`,
        });
        input.checked = session === state.shopper;
        input.addEventListener('change', () => choose(session));
        return element(
          'label',
          { for: input.id, class: 'person' },
          input,
          element(
            'span',
            { class: `face face-${at}`, 'aria-hidden': 'true' },
            session ? name.slice(0, 1) : '?',
          ),
          element('span', {}, element('b', {}, name), element('small', {}, about)),
        );
      }),
    );
  }

  /** @param {string} session */
  function choose(session) {
    const person = people.find((each) => each.session === session);
    state.shopper = session || blankSession();
    if (person) {
      state.locale = person.locale;
      state.currency = person.currency;
    }
    /** @type {HTMLSelectElement} */ (byId('locale')).value = state.locale;
    /** @type {HTMLSelectElement} */ (byId('currency')).value = state.currency;
    changed(true);
  }

  return {
    /** @param {import('./types.d.ts').Shopper} shopper */
    show(shopper) {
      const decision = shopper.consents?.find(({ purpose }) => purpose === 'PERSONALIZATION')?.status;
      consent.checked = shopper.personalization?.applied ?? false;
      const name = nameOf(state.shopper);
      byId('consent-word').textContent =
        decision === 'GRANTED' ? `${name} said yes` : decision ? `${name} said no` : 'never asked';
      setAttributes(consent, { 'aria-describedby': 'consent-word' });
    },
  };
}
