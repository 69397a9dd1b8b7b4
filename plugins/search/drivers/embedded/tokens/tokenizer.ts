/** A unit of a text such as "dv7-1211ea", "usb3" or "laptop". Every word is folded. */
export interface Token {
  /** All letters and digits in one word. */
  readonly whole: string;
  /** The words between hyphens and the like; empty if there is only one. */
  readonly parts: readonly string[];
  /** Runs of letters and of digits, if a part mixes them; else empty. */
  readonly runs: readonly string[];
}

const wordCharsMax = 40;
const partsMax = 8;

const foldedLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
};

/**
 * Lower case, without compatibility forms (Unicode NFKD), accents, and the vowel points of Arabic and Hebrew.
 * Vowel signs of other scripts are letters to their readers and stay.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (isAscii(lower)) return lower;
  return lower
    .replace(/[™®©℠]/g, ' ')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u0591-\u05c7\u064b-\u0652]+/g, '')
    .normalize('NFC')
    .replace(/[ßæœøłđðþıħ]/g, (letter) => foldedLetters[letter]!)
    .replace(/[‐‑‒–—]/g, '-')
    .replace(/[’‘ʼ]/g, "'")
    .replace(/[“”″]/g, '"')
    .replace(/×/g, 'x');
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

const token = /[\p{L}\p{N}][\p{L}\p{N}\p{M}⁄]*(?:[-'.+_&:·][\p{L}\p{N}\p{M}⁄]+)*/gu;
/** A character of a script without spaces between words. */
export const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Fractions of an inch and the like. Other numbers with a slash are several numbers. */
const fraction = /(?<![\d/])(\d{1,2})\/(2|3|4|8|16|32|64)(?![\d/])/g;
/** "2x4x8": each number counts by itself, too. */
const dimensions = /^\d+(?:\.\d+)?(?:x\d+(?:\.\d+)?)+$/;
/** A UPC is an EAN without its leading zero. */
const leadingZeros = /^0+(?=\d{11,})/;

/** The tokens of a text without white space. */
export function tokenize(text: string): Token[] {
  const folded = fold(text)
    .replace(fraction, '$1⁄$2')
    .replace(/(\d)(?:"|'')/g, '$1-inch ')
    .replace(/(\d),(?=\d{3}(?!\d))/g, '$1')
    .replace(/(\d),(?=\d)/g, '$1.')
    .replace(/(\d)\.0+(?!\d)/g, '$1')
    .replace(/(\p{L})'s?(?!\p{L})/gu, '$1 ');
  return [...folded.matchAll(token)].map(([match]) => tokenOf(match));
}

function tokenOf(text: string): Token {
  if (unspaced.test(text)) return bigrams(text);
  const parts = text
    .replace(/(\d)\.(?=\d)/g, '$1\u0001')
    .split(/[-'.+_&:·]/)
    .map((part) => part.replaceAll('\u0001', '.'))
    .filter((part) => part.length > 0)
    .slice(0, partsMax)
    .map((part) => part.slice(0, wordCharsMax));
  const runs: string[] = [];
  let mixed = false;
  for (const part of parts) {
    if (dimensions.test(part)) {
      mixed = true;
      runs.push(...part.split('x'));
      continue;
    }
    const inPart = part.match(/[\d.⁄]+|[^\d.⁄]+/g) ?? [part];
    if (inPart.length > 1 && inPart.length <= 4) mixed = true;
    runs.push(...(inPart.length <= 4 ? inPart : [part]));
  }
  const whole =
    parts.length === 1 ? parts[0]!.replace(leadingZeros, '') : parts.join('').slice(0, wordCharsMax);
  return { whole, parts: parts.length > 1 ? parts : [], runs: mixed ? runs.slice(0, 2 * partsMax) : [] };
}

/** Scripts without spaces between words are indexed by bigrams of characters. */
function bigrams(text: string): Token {
  const letters = [...text.replace(/[-'.+_&:·]/g, '')].slice(0, 64);
  if (letters.length <= 2) return { whole: letters.join(''), parts: [], runs: [] };
  const parts = letters.slice(1).map((letter, i) => letters[i]! + letter);
  return { whole: letters.join('').slice(0, wordCharsMax), parts, runs: [] };
}
