/** Digits that a telephone, card or customer number has at least. Anything but letters may stand between them. */
const digitRun = /\p{Nd}{7,}/u;
/** The same, spelt with a letter between any two digits. */
const spacedDigits = /\p{Nd}(?:\p{L}\p{Nd}){6,}/u;
/** Spellings of @ that hide an address from filters: "(at)", "[ät]", "_at_". */
const mailSign = /@|[([{<]\s*(?:at|ät|arroba)\s*[)\]}>]|[_*-](?:at|ät|arroba)[_*-]/u;
/** "anna at example.com", "anna (a) example.com", "anna at example dot com". */
const spelledAddress =
  /(?:\s(?:at|ät|arroba)\s|[([{<]a[)\]}>]).*[\p{L}\p{Nd}](?:\.| dot | punkt | punto )\p{L}{2,}/u;
/** A mailbox provider, with a spelt @ before it or an ending behind it. */
const mailbox =
  /(?<![\p{L}\p{Nd}])(?<at>(?:at|ät|arroba) )?(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|gmx|aol|protonmail|t-online)(?<ending>[^\p{L}\p{Nd}]+(?:dot |punkt |punto )?(?:com|net|org|de|at|ch|fr|it|es|co|me|eu|nl))?(?![\p{L}\p{Nd}])/gu;
/** Full stops that Unicode does not take for one. */
const fullStops = /[。۔։]/gu;
/** The digits of a telephone number. */
const digitsMany = 7;
const betweenDigits = /(?<=\p{Nd})[^\p{L}\p{Nd}]+(?=\p{Nd})/gu;
/** Zero-width characters, and marks that are put on others. */
const invisible = /[\p{Cf}\p{M}]+/gu;

/**
 * True if a text may name somebody: it holds an e-mail address, or a number as long as a telephone or card number, however its characters
 * are written and separated. Such a text is neither stored nor shown to anybody.
 */
export function mayBePersonal(text: string): boolean {
  const plain = plainOf(text);
  if (mailSign.test(plain) || spelledAddress.test(plain) || hasMailbox(plain)) return true;
  const joined = plain.replace(betweenDigits, '');
  return digitRun.test(joined) || spacedDigits.test(joined);
}

/**
 * Returns whether a text has as many digits as a telephone number, with any words between them. Sizes and models have them, too, so callers also
 * check whether a product has all words of the text.
 */
export function hasManyDigits(text: string): boolean {
  return (plainOf(text).match(/\p{Nd}/gu)?.length ?? 0) >= digitsMany;
}

function plainOf(text: string): string {
  return text.normalize('NFKC').replace(invisible, '').replace(fullStops, '.').toLowerCase();
}

/** A mailbox at a provider names its owner, whatever stands in the place of @ and the dot. */
function hasMailbox(plain: string): boolean {
  for (const { groups } of plain.matchAll(mailbox))
    if (groups?.at !== undefined || groups?.ending !== undefined) return true;
  return false;
}
