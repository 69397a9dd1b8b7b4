import { byId, element, setAttributes, showKeyed } from './dom.js';
import { priceWord } from './words.js';

/**
 * A speaker: what it says, aloud where the browser has a voice, and what can be chosen from.
 *
 * @param {(deed: import('./types.d.ts').Deed) => void} act
 */
export function createVoice(act) {
  const synthesis = globalThis.speechSynthesis;
  const listen = byId('listen');
  const orb = byId('orb');
  let locale = 'en';
  let decisionId = '';
  listen.hidden = !synthesis;

  /** @param {boolean} speaking */
  function showSpeaking(speaking) {
    orb.classList.toggle('speaking', speaking);
    listen.textContent = speaking ? 'Stop' : 'Listen';
  }
  listen.addEventListener('click', () => {
    const isSpeaking = synthesis.speaking;
    synthesis.cancel();
    showSpeaking(false);
    if (isSpeaking) return;
    const words = new SpeechSynthesisUtterance(byId('speech').textContent ?? '');
    words.lang = locale;
    words.onend = () => showSpeaking(false);
    words.onerror = () => showSpeaking(false);
    showSpeaking(true);
    synthesis.speak(words);
  });

  return {
    /**
     * @param {import('./types.d.ts').List} list
     * @param {string} language
     */
    show(list, language) {
      const said = list.speech?.text ?? '';
      const speech = byId('speech');
      if (speech.textContent !== said) {
        synthesis?.cancel();
        showSpeaking(false);
      }
      locale = language;
      decisionId = list.decisionId;
      speech.textContent = said;
      setAttributes(speech, { lang: language });
      byId('reprompt').textContent = list.speech?.reprompt ?? '';
      setAttributes(byId('reprompt'), { lang: language });
      byId('ssml').textContent = list.speech?.ssml ?? '';
      showKeyed(
        byId('voice-list'),
        list.items,
        ({ product }) => product.id,
        () => {
          /** @type {import('./types.d.ts').Item} */
          let item;
          const title = element('button', {
            type: 'button',
            onclick: () =>
              act({
                kind: 'view',
                product: item.product,
                channel: 'voice',
                decisionId,
                position: item.position,
              }),
          });
          const price = element('span', { class: 'price' });
          return {
            node: element('li', {}, title, price),
            update(now) {
              item = now;
              title.textContent = item.product.title;
              price.textContent = priceWord(item.product.price, locale);
            },
          };
        },
      );
    },
  };
}
