/** Digits in a row that a telephone, card or customer number has at least; separators and brackets between them do not count. */
const digitRun = /(?:\p{Nd}[\s().,/+\p{Pd}]*){7,}/u;
const mailAddress = /@|\(at\)|\[at\]/u;

/**
 * Whether a text may name somebody: it holds an e-mail address, or a number as long as a telephone or card number. Such a text is neither
 * kept nor shown to anybody. `text` is normalised (`normalisedQuery`).
 */
export function mayBePersonal(text: string): boolean {
  return mailAddress.test(text) || digitRun.test(text);
}
