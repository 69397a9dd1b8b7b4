/** Digits that a telephone, card or customer number has at least. Anything but letters may stand between them. */
const digitRun = /\p{Nd}{7,}/u;
/** The same, spelt with a letter between any two digits. */
const spacedDigits = /\p{Nd}(?:\p{L}\p{Nd}){6,}/u;
/** Spellings of @ that hide an address from filters: "(at)", "[ät]", "_at_". */
const mailSign = /@|[([{<]\s*(?:at|ät|arroba)\s*[)\]}>]|[_*-](?:at|ät|arroba)[_*-]/u;
/** "anna at example.com", "anna (a) example.com", "anna at example dot com". */
const spelledAddress =
  /(?:\s(?:at|ät|arroba)\s|[([{<]a[)\]}>]).*[\p{L}\p{Nd}](?:\.| dot | punkt | punto )\p{L}{2,}/u;
const betweenDigits = /(?<=\p{Nd})[^\p{L}\p{Nd}]+(?=\p{Nd})/gu;
/** Zero-width characters, and marks that are put on others. */
const invisible = /[\p{Cf}\p{M}]+/gu;

/**
 * True if a text may name somebody: it holds an e-mail address, or a number as long as a telephone or card number, however its characters
 * are written and separated. Such a text is neither stored nor shown to anybody.
 */
export function mayBePersonal(text: string): boolean {
  const plain = text.normalize('NFKC').replace(invisible, '').toLowerCase();
  if (mailSign.test(plain) || spelledAddress.test(plain)) return true;
  const joined = plain.replace(betweenDigits, '');
  return digitRun.test(joined) || spacedDigits.test(joined);
}
