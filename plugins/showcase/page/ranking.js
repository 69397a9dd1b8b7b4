import { byId, element, showKeyed } from './dom.js';
import { pictureAddressOf, pictureAt } from './picture.js';
import { channelNames, channelWords } from './words.js';

/**
 * The ranking as the web shows it, and under each product the channels that have it.
 *
 * @param {import('./types.d.ts').Everywhere} answer
 */
export function showRanking(answer) {
  const items = answer.web?.recommendations?.items ?? [];
  const shownIn = channelNames.map((channel) => ({
    channel,
    ids: new Set(answer[channel]?.recommendations?.items.map(({ product }) => product.id)),
  }));
  showKeyed(
    byId('ranking'),
    items,
    ({ product }) => product.id,
    () => {
      const art = element('div', { class: 'art' });
      const name = element('p', { class: 'name' });
      const dots = element('p', { class: 'dots' });
      let pictured = '';
      return {
        node: element('li', {}, art, name, dots),
        update({ product }) {
          const address = pictureAddressOf(product);
          if (pictured !== address) art.replaceChildren(pictureAt(address));
          pictured = address;
          art.title = product.title;
          name.textContent = product.title;
          dots.replaceChildren(
            ...shownIn.map(({ channel, ids }) => {
              const isShown = ids.has(product.id);
              const label = `${channelWords[channel]}: ${isShown ? 'shown' : 'left out'}`;
              return element(
                'span',
                { class: isShown ? 'shown' : '', title: label },
                element('span', { 'aria-hidden': 'true' }, channelWords[channel].slice(0, 1)),
                element('span', { class: 'unseen' }, `${label}. `),
              );
            }),
          );
        },
      };
    },
  );
}
