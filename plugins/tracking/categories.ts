import { type Purpose, purposes } from '../../src/ports/consent.js';
import { type Fields, isFields } from './fields.js';
import type { LeaveOut } from './left-out.js';

/** The purpose of each category of a consent platform, by its name in small letters. */
export type Categories = ReadonlyMap<string, Purpose>;

/** The consents that a message reports. */
export interface SaidConsents {
  /** True: granted. */
  readonly of: ReadonlyMap<Purpose, boolean>;
  /** True if the message reports that a decision was made; false if it repeats what is known. */
  readonly isDecision: boolean;
}

/** The event that consent wrappers of Segment send at each decision. */
const decisionEvent = 'Segment Consent Preference Updated';

/** Names by which consent platforms call these purposes themselves. */
export const categoriesDefault = 'Personalization=PERSONALIZATION,Analytics=ANALYTICS';

/** Reads `Analytics=ANALYTICS,C0003=PERSONALIZATION`. Throws an Error that names what is wrong. */
export function readCategories(text: string): Categories {
  const categories = new Map<string, Purpose>();
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const at = pair.lastIndexOf('=');
    const name = pair.slice(0, at).trim().toLowerCase();
    const purpose = purposes.find((known) => known === pair.slice(at + 1).trim());
    if (at < 1 || name === '' || purpose === undefined)
      throw new Error(
        `"${pair.trim()}" must read category=PURPOSE with one of ${purposes.join(', ')}, for example "C0003=PERSONALIZATION"`,
      );
    categories.set(name, purpose);
  }
  return categories;
}

/**
 * Reads `context.consent.categoryPreferences`. A purpose of several categories is granted if all of them are. Categories without a purpose and
 * messages without the object say nothing. null: nothing was said.
 */
export function consentsIn(
  { event }: Fields,
  context: Fields,
  categories: Categories,
  leaveOut: LeaveOut,
): SaidConsents | null {
  const consent = isFields(context.consent) ? context.consent : null;
  const preferences =
    consent !== null && isFields(consent.categoryPreferences) ? consent.categoryPreferences : null;
  if (preferences === null) return null;
  const said = new Map<Purpose, boolean>();
  for (const [name, value] of Object.entries(preferences)) {
    const purpose = categories.get(name.toLowerCase());
    if (purpose === undefined) continue;
    if (typeof value === 'boolean') said.set(purpose, value && said.get(purpose) !== false);
    else
      leaveOut(value, 'a category must be true or false', [
        'context',
        'consent',
        'categoryPreferences',
        name,
      ]);
  }
  return said.size === 0 ? null : { of: said, isDecision: event === decisionEvent };
}
