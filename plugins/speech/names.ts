import { type Product, textOf } from '../../src/ports/catalog.js';
import { speakable } from './markup.js';
import { messagesOf } from './messages/messages.js';
import { withUnits } from './units.js';

const nameMax = 80;
const wordsMax = 8;
const titleMax = 500;
const partsMax = 5;

/** Words that cannot end a name. */
const dangling =
  /[\s,;:–—-]{1,9}(?:and|with|for|of|the|a|in|to|by|und|mit|für|der|die|das|von|aus|im|et|avec|pour|de|du|des|le|la|les|en|à|au|y|con|para|del|el|los|las|e|per|di|il|lo|gli|da)?$/iu;

/**
 * The spoken name of a product: its title in the language, up to the first comma, dash or bar behind which
 * features and praise follow, without brackets, marks and model codes, measured in words that are spoken. The title
 * as it is, made speakable, when nothing would be left of it.
 */
export function shortName(product: Product, locale: string): string {
  const messages = messagesOf(locale);
  const inches = messages.say('inches');
  const title = speakable(textOf(product, locale).title.slice(0, titleMax));
  let name = title
    .replace(/[([{<][^()[\]{}<>]*[)\]}>]/gu, ' ')
    .replace(/[®™©°]/gu, ' ')
    .replace(/(\d)\s*(?:"|″|”|'')/gu, `$1 ${inches}`)
    .replace(/(\d)-(?:inch|zoll|pouces|pulgadas|pollici)\b/giu, `$1 ${inches}`)
    .replace(/&/gu, ` ${messages.say('and')} `)
    .replace(/["″”“„«»*_=~^|\\]+/gu, (marks) => (marks.includes('|') ? ' | ' : ' '))
    .replace(/\s+/gu, ' ')
    .trim();
  name = upToTail(name);
  name = withoutCodes(name, product.brand);
  name = withoutShouting(name);
  const words = name.split(' ');
  if (words.length > wordsMax) name = words.slice(0, wordsMax).join(' ');
  name = withUnits(cut(name), locale);
  return name || cut(title) || speakable(product.brand ?? '') || messages.say('unnamed');
}

/**
 * The names of products that are said together. Those that would have the same one get the parts of their titles that tell them apart:
 * "Yirga espresso beans, 500 grams".
 */
export function distinctNames(products: readonly Product[], locale: string): string[] {
  const names = products.map((product) => speakable(shortName(product, locale)));
  return names.map((name, place) => {
    const same = products.filter((_, other) => names[other] === name);
    if (same.length === 1) return name;
    const partsOf = (product: Product): string[] =>
      speakable(textOf(product, locale).title.slice(0, titleMax))
        .split(/,\s|\s[-–—|]\s/u)
        .slice(1, partsMax);
    const others = same.filter((other) => other !== products[place]).map(partsOf);
    const own = partsOf(products[place]!).filter((part) => others.some((parts) => !parts.includes(part)));
    return [name, ...own.map((part) => withUnits(cut(part), locale))]
      .filter(Boolean)
      .join(', ')
      .slice(0, nameMax);
  });
}

/** Keeps what comes before the first comma, bar, semicolon or dash, if that says anything. */
function upToTail(name: string): string {
  for (const { index } of name.matchAll(/,(?=\s)|\s[-–—|/]\s|[;:](?=\s)/gu)) {
    const head = name.slice(0, index).trim();
    if (head.split(' ').length >= 2 || head.length >= 12) return head;
  }
  return name.replace(/\s[-–—|/]\s/gu, ' ');
}

/** A model code mixes capitals and digits in six or more characters: WH-1000XM4, but not 128GB, MP3 or 301XL. */
function isCode(word: string): boolean {
  return (
    word.length >= 6 &&
    /\d/.test(word) &&
    /[A-Z]/.test(word) &&
    /^[A-Z0-9][A-Z0-9./#+-]*[A-Z0-9+]$/.test(word) &&
    !/^\d+(?:[.,]\d+)?(?:[KMGT]?B|[KMGT]?HZ|MAH|W|KW|V|MM|CM|KG|ML|MP)$/i.test(word)
  );
}

function withoutCodes(name: string, brand: string | null): string {
  const kept = name.split(' ').filter((word) => !isCode(word));
  const left = kept.join(' ');
  const says =
    left.toLowerCase() !== (brand ?? '').toLowerCase() && kept.some((word) => /\p{L}{3}/u.test(word));
  return kept.length >= 2 && says ? left : name;
}

/** A title all in capitals is shouted by some voices and spelt by others. */
function withoutShouting(name: string): string {
  if (name !== name.toUpperCase() || !/\p{Lu}{4}/u.test(name)) return name;
  return name
    .toLowerCase()
    .replace(/(^|[\s-])(\p{Ll})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

function cut(name: string): string {
  let short = name;
  if (short.length > nameMax) {
    short = short.slice(0, nameMax).replace(/[\uD800-\uDBFF]$/, '');
    short = short.slice(0, short.lastIndexOf(' ') > nameMax / 2 ? short.lastIndexOf(' ') : undefined);
  }
  return short.replace(dangling, '').replace(dangling, '').trim();
}
