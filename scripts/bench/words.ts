const syllables = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ');
const wordsMax = syllables.length ** 3;

/** A word by a number. Some words are far commoner than others, as in any language. */
export function word(seed: number): string {
  const chance = ((Math.imul(seed, 0x9e3779b1) ^ (seed >>> 7)) >>> 0) / 2 ** 32;
  let rank = Math.floor(wordsMax * chance ** 3);
  let text = '';
  for (let i = 0; i < 3; i++, rank = Math.floor(rank / syllables.length))
    text += syllables[rank % syllables.length]!;
  return text;
}
