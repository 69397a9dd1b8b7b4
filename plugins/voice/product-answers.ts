import { type Product, ratingOf, textOf, variantsOf } from '../../src/ports/catalog.js';
import type { Speech } from '../../src/ports/speech.js';
import { atSet, wishedMax } from './conversations.js';
import { buyable, imageOf, optionLabels, priceIn, spokenProducts, writtenPrice } from './products.js';
import {
  type Answer,
  type Answers,
  currentProducts,
  currentSet,
  savingMs,
  slowAnswer,
  type Turn,
  type TurnEvent,
  type VoiceParts,
} from './turn.js';

const descriptionMax = 300;
const optionsMax = 6;
const namesMax = 10;

/** Answers about one product of the list that was said, and about the shopper's own list. */
export function createProductAnswers(parts: VoiceParts, next: NonNullable<Answers['MORE']>): Answers {
  const { catalog, speech } = parts;

  function talk({ words }: Turn, sentences: readonly string[], question = words.say('whatElse')): Speech {
    return speech.say([...sentences, question], question);
  }

  function name(product: Product, { context }: Turn): string {
    return speech.shortName(product, context.locale);
  }

  /** The product at a place of the set that was said last, or the reason why there is none. */
  async function chosen(
    turn: Turn,
    place: number | null,
  ): Promise<
    { readonly product: Product; readonly place: number; readonly products: readonly Product[] } | Answer
  > {
    const { conversation, words } = turn;
    if (currentSet(conversation) === null)
      return turn.isRemembered ? { speech: talk(turn, [words.say('noList')]) } : slowAnswer(turn, speech);
    const products = await currentProducts(turn, parts);
    if (products === null) return slowAnswer(turn, speech);
    const wanted = place ?? (products.length === 1 ? 0 : null);
    if (wanted === null) return { speech: speech.say([words.say('whichOne')], words.say('whichOne')) };
    const at = wanted < 0 ? products.length + wanted : wanted;
    const product = products[at];
    if (product === undefined)
      return { speech: talk(turn, [words.say('noSuch', { count: products.length })], words.say('whichOne')) };
    return { product, place: at, products };
  }

  function placeIn({ slots, conversation }: Turn): number | null {
    if (slots.ordinal === undefined) return conversation.current;
    return slots.ordinal < 0 ? slots.ordinal : slots.ordinal - 1;
  }

  async function select(turn: Turn, place: number | null): Promise<Answer> {
    const { conversation, words, context } = turn;
    const choice = await chosen(turn, place);
    if (!('product' in choice)) return choice;
    const { product, products } = choice;
    const price = priceIn(catalog, product, context, conversation.source?.option);
    const sentence =
      price === null
        ? words.say('selected.unpriced', { name: name(product, turn) })
        : words.say('selected', {
            name: name(product, turn),
            price: speech.price(price.amountMinor, price.currency, words.locale),
          });
    return {
      speech: talk(turn, [sentence], words.say('select.question')),
      said: { set: currentSet(conversation)!, products, current: choice.place },
      conversation: { ...conversation, current: choice.place, question: 'DETAILS' },
      events: clicked(turn, product, choice.place),
    };
  }

  async function details(turn: Turn): Promise<Answer> {
    const { conversation, words, context } = turn;
    const choice = await chosen(turn, placeIn(turn));
    if (!('product' in choice)) return choice;
    const { product, place, products } = choice;
    const { description } = textOf(product, context.locale);
    const price = priceIn(catalog, product, context, conversation.source?.option);
    const rating = ratingOf(product);
    const options = optionLabels(product, context.locale).slice(0, optionsMax);
    const canBuy = buyable(catalog, product, context, null);
    const isSoldOut = !variantsOf(product).some((_, variant) => canBuy(variant));
    const aloud = (amountMinor: number): string => speech.price(amountMinor, context.currency, words.locale);
    const sentences = [
      words.say('selected.unpriced', { name: name(product, turn) }),
      firstSentences(description),
      price === null
        ? ''
        : price.listAmountMinor === null
          ? words.say('details.price', { price: aloud(price.amountMinor) })
          : words.say('details.reduced', {
              price: aloud(price.amountMinor),
              before: aloud(price.listAmountMinor),
            }),
      options.length > 1
        ? words.say('details.options', {
            values: listOf(
              options.map(({ label }) => label),
              words.locale,
              'disjunction',
            ),
          })
        : '',
      rating === null ? '' : words.say('details.rating', { count: rating.count, stars: rating.average }),
      isSoldOut ? words.say('details.soldOut') : '',
    ];
    return {
      speech: talk(turn, sentences, words.say('details.question')),
      said: { set: currentSet(conversation)!, products, current: place },
      card: {
        title: textOf(product, context.locale).title,
        lines: [
          ...(price === null ? [] : [writtenPrice(price, context.locale)]),
          ...(description === '' ? [] : [firstSentences(description)]),
        ],
        imageUrl: imageOf(product),
      },
      conversation: { ...conversation, current: place, question: 'ADD' },
      events: [{ type: 'PRODUCT_VIEWED', productIds: [product.id] }],
    };
  }

  async function add(turn: Turn): Promise<Answer> {
    const { conversation, words } = turn;
    const choice = await chosen(turn, placeIn(turn));
    if (!('product' in choice)) return choice;
    const { product, place, products } = choice;
    const { wished } = conversation;
    const said = { set: currentSet(conversation)!, products, current: place };
    if (wished.includes(product.id))
      return { speech: talk(turn, [words.say('addedAlready', { name: name(product, turn) })]), said };
    if (wished.length >= wishedMax)
      return { speech: talk(turn, [words.say('listFull', { count: wishedMax })]), said };
    const longer = [...wished, product.id];
    return {
      speech: talk(turn, [words.say('added', { name: name(product, turn), count: longer.length })]),
      said,
      conversation: { ...conversation, current: place, wished: longer, question: null },
      events: [{ type: 'WISHLIST_ADDED', productIds: [product.id] }],
    };
  }

  return {
    SELECT: (turn) => select(turn, placeIn(turn)),
    DETAILS: details,
    ADD_TO_LIST: add,
    async NEXT(turn) {
      const { conversation } = turn;
      const size = currentSet(conversation)?.productIds.length ?? 0;
      const place = conversation.current === null ? 0 : conversation.current + 1;
      return size > 0 && place >= size ? next(turn) : select(turn, place);
    },
    async READ_LIST(turn) {
      const { conversation, budget, words, context } = turn;
      const { wished } = conversation;
      if (!turn.isRemembered) return slowAnswer(turn, speech);
      const read = await budget.within('products', savingMs, () => spokenProducts(catalog, wished));
      if (read === null) return slowAnswer(turn, speech);
      const products = read.value;
      if (products.length === 0) return { speech: talk(turn, [words.say('list.empty')]) };
      const names = products.slice(0, namesMax).map((product) => name(product, turn));
      const set = { decisionId: null, productIds: products.map(({ id }) => id) };
      return {
        speech: talk(turn, [
          words.say('list', { count: products.length, names: listOf(names, words.locale, 'conjunction') }),
        ]),
        card: {
          title: words.say('card.title'),
          lines: products.map((product, at) =>
            words.say('card.unpriced', { ordinal: at + 1, name: textOf(product, context.locale).title }),
          ),
          imageUrl: null,
        },
        said: { set, products, current: null },
        // "The second one" is of this list from now on.
        conversation: { ...atSet({ ...conversation, sets: [set], cursor: null }, 0), question: null },
      };
    },
  };

  function clicked({ conversation }: Turn, { id }: Product, place: number): TurnEvent[] {
    const set = currentSet(conversation);
    if (set === null || set.decisionId === null) return [];
    const position = set.productIds.indexOf(id) + 1 || place + 1;
    return [{ type: 'RECOMMENDATION_CLICKED', productIds: [id], decisionId: set.decisionId, position }];
  }
}

/** Whole sentences of a text, at most so long that they are said in two breaths. */
function firstSentences(text: string): string {
  if (text.length <= descriptionMax) return text;
  const beginning = text.slice(0, descriptionMax);
  const end = Math.max(beginning.lastIndexOf('. '), beginning.lastIndexOf('! '), beginning.lastIndexOf('? '));
  return end > 0 ? beginning.slice(0, end + 1) : `${beginning.slice(0, beginning.lastIndexOf(' '))} …`;
}

function listOf(values: readonly string[], locale: string, type: 'conjunction' | 'disjunction'): string {
  return new Intl.ListFormat(locale, { type }).format(values);
}
