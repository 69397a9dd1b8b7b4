import type { Product } from '../../src/ports/catalog.js';
import type { Speech } from '../../src/ports/speech.js';
import { atSet, type Conversation, type ListSource, newConversation, setsMax } from './conversations.js';
import { type FoundList, setSize } from './lists.js';
import { buyable, placeOf, priceIn, spokenProducts, variantWith } from './products.js';
import {
  type Answer,
  type Answers,
  currentProducts,
  currentSet,
  fallbackMs,
  savingMs,
  slowAnswer,
  type Turn,
  type TurnEvent,
  type VoiceParts,
} from './turn.js';

/** Answers with lists: finding, suggesting, refining and paging. */
export function createListAnswers(parts: VoiceParts): Answers {
  const { catalog, lists, recommendations, speech } = parts;

  function sayProducts(
    { context }: Turn,
    source: ListSource,
    products: readonly Product[],
    introduction: readonly string[],
  ): Speech {
    return speech.products(
      products.map((product) => ({ product, reason: null })),
      {
        ...placeOf(context),
        locale: context.locale,
        intro: source.kind === 'FIND' ? 'SEARCH' : 'RECOMMENDATION',
        introduction,
        canBuy: (product, place) => buyable(catalog, product, context, source.option)(place),
      },
    );
  }

  function talk({ words }: Turn, sentences: readonly string[], reprompt = words.say('whatElse')): Speech {
    return speech.say([...sentences, reprompt], reprompt);
  }

  /** A list for a source that is new to the conversation. `none`: the sentence if nothing was found. */
  async function list(
    turn: Turn,
    source: ListSource,
    { introduction = [], none }: { readonly introduction?: readonly string[]; readonly none?: string } = {},
  ): Promise<Answer> {
    const { budget, context, words, conversation } = turn;
    const part = source.kind === 'FIND' ? 'search' : 'recommendations';
    const shopper = await turn.shopper();
    const own = shopper && (await budget.within(part, fallbackMs, () => lists.list(shopper, source)));
    const found = own ?? (await budget.within('search', savingMs, () => lists.forEverybody(context, source)));
    if (found === null) {
      const question = words.say(source.kind === 'FIND' ? 'slow.search' : 'slow');
      return {
        speech: speech.say([question], question),
        conversation: { ...conversation, question: source.kind === 'FIND' ? 'RECOMMEND' : null },
      };
    }
    const { value } = found;
    if (value.sets.length === 0 && none !== undefined) {
      return { speech: talk(turn, [none]), conversation: { ...conversation, question: null } };
    }
    if (value.sets.length === 0 && source.query !== null) return nothingFound(turn, source);
    const { correctedQuery, products, recommended } = value;
    const opening = [
      ...(own === null && source.kind === 'RECOMMEND' ? [words.say('slow.instead')] : []),
      ...(correctedQuery === null ? [] : [words.say('corrected', { query: correctedQuery })]),
      ...introduction,
    ];
    const said =
      shopper && recommended && opening.length === 0
        ? recommendations.speech(shopper, { items: recommended }, setSize)
        : sayProducts(turn, source, products, opening);
    return listed(turn, source, value, said);
  }

  /** A search without results is never the end: it goes on with what others like. */
  async function nothingFound(turn: Turn, source: ListSource): Promise<Answer> {
    const { budget, words } = turn;
    const sentences = [words.say('nothingFound', { query: source.query ?? '' })];
    const shopper = await turn.shopper();
    const others =
      shopper && (await budget.within('recommendations', savingMs, () => lists.instead(shopper)));
    const searched: TurnEvent = { type: 'PRODUCT_SEARCHED', query: source.query ?? '' };
    if (others === null || others.value.sets.length === 0)
      return { speech: talk(turn, sentences), conversation: emptied(turn.conversation), events: [searched] };
    const instead: ListSource = {
      ...source,
      kind: 'RECOMMEND',
      query: null,
      option: null,
      priceMaxMinor: null,
    };
    const introduction = [...sentences, words.say('others')];
    const answer = listed(
      turn,
      instead,
      others.value,
      sayProducts(turn, instead, others.value.products, introduction),
    );
    return { ...answer, events: [searched, ...(answer.events ?? [])] };
  }

  function listed(turn: Turn, source: ListSource, value: FoundList, said: Speech): Answer {
    const { conversation } = turn;
    const { sets, products, cursor, personalized } = value;
    const set = sets[0] ?? { decisionId: null, productIds: [] };
    return {
      speech: said,
      said: { set, products, current: null },
      personalized,
      conversation: {
        ...conversation,
        source: { ...source, personalized },
        sets: sets.slice(0, setsMax),
        at: 0,
        current: products.length === 1 ? 0 : null,
        cursor,
        question: products.length === 1 ? 'DETAILS' : null,
      },
      events: [
        ...(source.kind === 'FIND' && source.query !== null
          ? [{ type: 'PRODUCT_SEARCHED' as const, query: source.query }]
          : []),
        ...shown(set),
      ],
    };
  }

  /** Says a set of the list again or anew. */
  async function saySet(turn: Turn, at: number, opening: 'more' | 'earlier'): Promise<Answer> {
    const { budget, conversation, words } = turn;
    const set = conversation.sets[at]!;
    const read = await budget.within('products', savingMs, () => spokenProducts(catalog, set.productIds));
    if (read === null) return slowAnswer(turn, speech);
    const products = read.value;
    const introduction = [words.say(opening, { count: products.length })];
    return {
      speech: sayProducts(turn, conversation.source!, products, introduction),
      said: { set, products, current: null },
      personalized: conversation.source?.personalized ?? false,
      conversation: { ...atSet(conversation, at), question: null },
      events: opening === 'more' ? shown(set) : [],
    };
  }

  async function more(turn: Turn): Promise<Answer> {
    const { conversation, budget, words } = turn;
    const { source, sets, at, cursor } = conversation;
    if (source === null) return noList(turn);
    if (at + 1 < sets.length) return saySet(turn, at + 1, 'more');
    if (cursor === null || sets.length === setsMax) return { speech: talk(turn, [words.say('noMore')]) };
    const shopper = await turn.shopper();
    const next =
      shopper &&
      (await budget.within('recommendations', savingMs, () => lists.list(shopper, source, cursor)));
    if (next === null) return slowAnswer(turn, speech);
    const { value } = next;
    const set = value.sets[0];
    if (set === undefined) return { speech: talk(turn, [words.say('noMore')]) };
    const introduction = [words.say('more', { count: value.products.length })];
    return {
      speech: sayProducts(turn, source, value.products, introduction),
      said: { set, products: value.products, current: null },
      personalized: value.personalized,
      conversation: {
        ...atSet({ ...conversation, sets: [...sets, set] }, sets.length),
        cursor: value.cursor,
        question: null,
      },
      events: shown(set),
    };
  }

  function noList(turn: Turn): Answer {
    return turn.isRemembered ? { speech: talk(turn, [turn.words.say('noList')]) } : slowAnswer(turn, speech);
  }

  return {
    FIND: (turn) => {
      const { slots, words } = turn;
      const query = slots.query?.trim() ?? '';
      if (query === '') {
        const question = words.say('welcome.reprompt');
        return Promise.resolve({ speech: speech.say([question], question) });
      }
      return list(turn, { ...anything, kind: 'FIND', query, option: slots.option ?? null });
    },
    RECOMMEND: (turn) => {
      const { query = null, option = null } = turn.slots;
      return list(turn, { ...anything, kind: 'RECOMMEND', query, option });
    },
    MORE: more,
    async PREVIOUS(turn) {
      const { conversation, words } = turn;
      if (conversation.source === null) return noList(turn);
      if (conversation.at > 0) return saySet(turn, conversation.at - 1, 'earlier');
      return { speech: talk(turn, [words.say('noEarlier')]) };
    },
    async CHEAPER(turn) {
      const { conversation, context, words } = turn;
      const { source, current } = conversation;
      if (source === null) return noList(turn);
      const products = await currentProducts(turn, parts);
      if (products === null) return slowAnswer(turn, speech);
      const compared = current === null ? products : products.slice(current, current + 1);
      const amounts = compared.flatMap(
        (product) => priceIn(catalog, product, context, source.option)?.amountMinor ?? [],
      );
      if (amounts.length === 0) return { speech: talk(turn, [words.say('noPrice')]) };
      const lowest = Math.min(...amounts);
      const price = speech.price(lowest, context.currency, words.locale);
      const none = words.say('nothingCheaper', { price });
      if (lowest === 0) return { speech: talk(turn, [none]) };
      const cheaper = { ...source, priceMaxMinor: lowest - 1 };
      return list(turn, cheaper, { introduction: [words.say('cheaper', { price })], none });
    },
    async WITH_OPTION(turn) {
      const { conversation, context, slots, words } = turn;
      const { source, current } = conversation;
      const option = slots.option?.trim() ?? '';
      if (option === '') return { speech: talk(turn, [words.say('fallback')]) };
      if (source === null) return noList(turn);
      if (current !== null) {
        const products = await currentProducts(turn, parts);
        const product = products?.[current];
        const variant = product && variantWith(catalog, product, option, context);
        if (products && variant) return comesIn(turn, products, current, variant);
      }
      return list(
        turn,
        { ...source, option },
        {
          introduction: [words.say('withOption', { option })],
          none: words.say('nothingWithOption', { option }),
        },
      );
    },
  };

  function comesIn(
    turn: Turn,
    products: readonly Product[],
    current: number,
    { label, price }: NonNullable<ReturnType<typeof variantWith>>,
  ): Answer {
    const { conversation, context, words } = turn;
    const sentence = words.say('comesIn', {
      name: speech.shortName(products[current]!, context.locale),
      option: label,
      priced: price === null ? 'no' : price.amountMinor === 0 ? 'free' : 'yes',
      price: price === null ? '' : speech.price(price.amountMinor, price.currency, words.locale),
    });
    return {
      speech: talk(turn, [sentence], words.say('details.question')),
      said: { set: currentSet(conversation)!, products, current },
      conversation: { ...conversation, question: 'ADD' },
    };
  }
}

const anything: Omit<ListSource, 'kind'> = {
  query: null,
  option: null,
  priceMaxMinor: null,
  personalized: false,
};

/** Without its list; the shopper's own list stays. */
function emptied({ wished }: Conversation): Conversation {
  return { ...newConversation, wished };
}

function shown({
  decisionId,
  productIds,
}: {
  readonly decisionId: string | null;
  readonly productIds: readonly string[];
}): TurnEvent[] {
  return decisionId === null ? [] : [{ type: 'RECOMMENDATION_SHOWN', decisionId, productIds }];
}
