import { isRapportError, RapportError, type UserError, userError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';
import { customerIdFault, customerName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { ConsentState, Purpose } from '../../src/ports/consent.js';
import type { Decision } from './chain.js';
import { readDecisions } from './decisions.js';
import type { Followed } from './link-pages.js';
import type { ConsentLink, ConsentLinks } from './links.js';

const dayMs = 86_400_000;
/** How long a confirmation may be given, as most mail is read within days. */
export const confirmationDays = 7;
/** The channel of the message that a link came with. */
const channelOf: ReadonlyMap<Purpose, string> = new Map([
  ['MARKETING_EMAIL', 'EMAIL'],
  ['MARKETING_SMS', 'SMS'],
  ['MARKETING_PUSH', 'PUSH'],
]);

export interface LinkResult {
  readonly link: { readonly url: string; readonly headers: readonly MailHeader[] } | null;
  readonly userErrors: readonly UserError[];
}

interface MailHeader {
  readonly name: string;
  readonly value: string;
}

/** Links for messages: to unsubscribe with one click, and to confirm a consent that was requested (double opt-in). */
export interface Confirmations {
  read(token: string): ConsentLink | null;
  follow(link: ConsentLink): Promise<Followed>;
  unsubscribeLink(customerId: string, purpose: Purpose, locale: string): LinkResult;
  /** `decision`: a `ConsentInput` that grants. Nothing is entered before the customer confirms. */
  confirmationLink(customerId: string, decision: unknown, locale: string): LinkResult;
}

export function createConfirmations(
  parts: {
    readonly links: () => ConsentLinks;
    /** The decision about a purpose that a customer made, from the store. */
    readonly stateOf: (
      customerId: string,
      purpose: Purpose,
    ) => Promise<Pick<ConsentState, 'status' | 'decidedAtMs'>>;
    readonly enter: (subject: string, decision: Decision) => Promise<unknown>;
    readonly baseUrl: string | undefined;
  },
  { clock, ids }: Pick<Host, 'clock' | 'ids'>,
): Confirmations {
  const { links, stateOf, enter, baseUrl } = parts;

  function urlOf(link: ConsentLink): string {
    if (baseUrl === undefined)
      throw new RapportError(
        'unavailable',
        'CONSENT_LINKS_OFF',
        'Links need the address by which customers reach this gateway: set RAPPORT_CONSENT_LINK_BASE_URL, for example https://shop.example.',
      );
    return `${baseUrl.replace(/\/$/, '')}/consent/${link.kind}/${links().write(link)}`;
  }

  function faultsOf(customerId: string, purpose: unknown): UserError[] {
    const faults: UserError[] = [];
    const idFault = customerIdFault(customerId, 'name the customer to whom the message goes');
    if (idFault !== null)
      faults.push(userError('CONSENT_CUSTOMER_INVALID', `customerId ${idFault.message}`, ['customerId']));
    if (!channelOf.has(purpose as Purpose))
      faults.push(
        userError(
          'CONSENT_PURPOSE_INVALID',
          `A link is about one of ${[...channelOf.keys()].join(', ')}. Received: ${shownValue(purpose)}.`,
          ['purpose'],
        ),
      );
    return faults;
  }

  return {
    read: (token) => links().read(token),

    async follow({ kind, customerId, purpose, madeAtMs, grant }) {
      const { status, decidedAtMs } = await stateOf(customerId, purpose);
      // A refusal is entered each time, since a link to confirm may have been made after the last one.
      if (kind === 'confirm' && status === 'GRANTED') return 'done';
      const nowMs = clock.nowMs();
      const isOutdated = nowMs > madeAtMs + confirmationDays * dayMs || (decidedAtMs ?? 0) > madeAtMs;
      // A refusal is never too late.
      if (kind === 'confirm' && isOutdated) return 'outdated';
      const requested = new Date(madeAtMs).toISOString();
      const evidence =
        kind === 'unsubscribe'
          ? `one-click unsubscribe by a link of ${requested}`
          : [`double opt-in, requested ${requested}`, grant?.evidence].filter(Boolean).join('; ');
      const decision: Decision = {
        noticeVersion: null,
        expiresAtMs: null,
        ...grant,
        id: ids.next(),
        purpose,
        status: kind === 'unsubscribe' ? 'WITHDRAWN' : 'GRANTED',
        evidence,
        channel: channelOf.get(purpose)!,
        source: `${kind}-link`,
        claimedBy: 'CUSTOMER',
        customerId,
        globalPrivacyControl: false,
      };
      try {
        await enter(customerName(customerId), decision);
      } catch (error) {
        // A person who was erased has nothing that a message could be sent to.
        if (!isRapportError(error, 'denied')) throw error;
        return kind === 'unsubscribe' ? 'done' : 'outdated';
      }
      return 'done';
    },

    unsubscribeLink(customerId, purpose, locale) {
      const userErrors = faultsOf(customerId, purpose);
      if (userErrors.length > 0) return { link: null, userErrors };
      const url = urlOf({ kind: 'unsubscribe', customerId, purpose, locale, madeAtMs: clock.nowMs() });
      const headers = [
        { name: 'List-Unsubscribe', value: `<${url}>` },
        { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
      ];
      return { link: { url, headers }, userErrors: [] };
    },

    confirmationLink(customerId, decision, locale) {
      const nowMs = clock.nowMs();
      const read = readDecisions([decision], nowMs);
      const [found] = read.decisions;
      const userErrors = read.userErrors.map(({ code, message, path }) =>
        userError(code, message, ['decision', ...path.slice(2)]),
      );
      if (found === undefined) return { link: null, userErrors };
      userErrors.push(...faultsOf(customerId, found.purpose));
      if (found.status !== 'GRANTED')
        userErrors.push(
          userError(
            'CONSENT_STATUS_INVALID',
            `Only GRANTED needs a confirmation. Received: ${shownValue(found.status)}.`,
            ['decision', 'status'],
          ),
        );
      if (userErrors.length > 0) return { link: null, userErrors };
      const { purpose, status: _, ...grant } = found;
      const url = urlOf({ kind: 'confirm', customerId, purpose, locale, madeAtMs: nowMs, grant });
      return { link: { url, headers: [] }, userErrors: [] };
    },
  };
}
