import { z } from 'zod';
import { channels } from '../../src/context.js';
import { RapportError, type UserError, userError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';
import {
  type ConsentDecision,
  type ConsentStatus,
  consentExpressions,
  type Purpose,
  purposes,
  scopedPurposes,
} from '../../src/ports/consent.js';
import { scopesOf } from './scopes.js';

const inputsMax = 50;
const textLengthMax = 2_000;
/** The longest tag for which RFC 5646 requires room. */
const languageMax = 35;
const expiryMaxMs = 100 * 366 * 86_400_000;
const statuses = ['GRANTED', 'DENIED', 'WITHDRAWN'] as const satisfies readonly ConsentStatus[];

/** A `ConsentInput` that may be entered. */
export interface ReadDecision
  extends Pick<ConsentDecision, 'appliesTo' | 'language' | 'jurisdiction' | 'expression'> {
  readonly purpose: Purpose;
  readonly status: ConsentStatus;
  readonly noticeVersion: string | null;
  readonly evidence: string | null;
  readonly expiresAtMs: number | null;
}

// A lone surrogate would not survive the store, and the hash over it would not either.
const text = z
  .string()
  .max(textLengthMax)
  .regex(/^[^\0\p{Surrogate}]*$/u)
  .nullish();
const schema = z.strictObject({
  purpose: z.enum(purposes),
  status: z.enum(statuses),
  noticeVersion: text,
  evidence: text,
  expiresAt: z.date().nullish(),
  appliesTo: z.array(z.enum(channels)).min(1).nullish(),
  language: z
    .string()
    .max(languageMax)
    .regex(/^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*$/)
    .nullish(),
  jurisdiction: z
    .string()
    .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/)
    .nullish(),
  expression: z.enum(consentExpressions).nullish(),
});

const faults: Readonly<Record<string, { readonly code: string; readonly message: string }>> = {
  purpose: { code: 'CONSENT_PURPOSE_INVALID', message: `A purpose is one of ${purposes.join(', ')}.` },
  status: { code: 'CONSENT_STATUS_INVALID', message: `A status is one of ${statuses.join(', ')}.` },
  noticeVersion: {
    code: 'CONSENT_NOTICE_INVALID',
    message: `A notice version is a text of at most ${textLengthMax} characters.`,
  },
  evidence: {
    code: 'CONSENT_EVIDENCE_INVALID',
    message: `Evidence is a text of at most ${textLengthMax} characters.`,
  },
  expiresAt: {
    code: 'CONSENT_EXPIRY_INVALID',
    message: 'expiresAt is an instant, such as 2027-01-01T00:00:00Z.',
  },
  appliesTo: {
    code: 'CONSENT_CHANNELS_INVALID',
    message: `appliesTo is a list of at least one of ${channels.join(', ')}; leave it out for all.`,
  },
  language: {
    code: 'CONSENT_LANGUAGE_INVALID',
    message: 'A language is a BCP 47 tag, such as de-AT.',
  },
  jurisdiction: {
    code: 'CONSENT_JURISDICTION_INVALID',
    message: 'A jurisdiction is an ISO 3166 code, such as DE or US-CA.',
  },
  expression: {
    code: 'CONSENT_EXPRESSION_INVALID',
    message: `An expression is one of ${consentExpressions.join(', ')}.`,
  },
};

/** Checks the decisions of one call; each fault has the index of its element in the path. */
export function readDecisions(
  inputs: readonly unknown[],
  nowMs: number,
): { readonly decisions: readonly ReadDecision[]; readonly userErrors: readonly UserError[] } {
  if (inputs.length > inputsMax) {
    throw new RapportError(
      'invalid',
      'CONSENT_DECISIONS_TOO_MANY',
      `${inputs.length} decisions were sent; at most ${inputsMax} at once, one for each purpose.`,
      { path: ['decisions'] },
    );
  }
  const userErrors: UserError[] = [];
  const decisions: ReadDecision[] = [];
  const read = inputs.map((input) => schema.safeParse(input));
  /** Mentions in the call, by scope. */
  const named = new Map<string, number>();
  for (const { data } of read) {
    if (data === undefined) continue;
    for (const scope of scopesOf(aboutOf(data))) named.set(scope, (named.get(scope) ?? 0) + 1);
  }
  inputs.forEach((input, i) => {
    const before = userErrors.length;
    const fault = (field: string, code: string, message: string) =>
      userErrors.push(userError(code, message, ['decisions', i, field]));
    const parsed = read[i]!;
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      const field = issue.code === 'unrecognized_keys' ? issue.keys[0]! : String(issue.path[0] ?? 'purpose');
      const known = Object.hasOwn(faults, field) ? faults[field] : undefined;
      fault(
        field,
        known?.code ?? 'CONSENT_FIELD_UNKNOWN',
        (known &&
          `${known.message} Received: ${shownValue((input as Readonly<Record<string, unknown>> | null)?.[field])}.`) ??
          `A decision has ${Object.keys(faults).join(', ')}; its date is the server's.`,
      );
      return;
    }
    const { purpose, status, noticeVersion = null, evidence = null, expiresAt } = parsed.data;
    const expiresAtMs = expiresAt?.getTime() ?? null;
    const about = aboutOf(parsed.data);
    if (about.appliesTo !== undefined && !scopedPurposes.has(purpose)) {
      const message = `appliesTo is for ${[...scopedPurposes].join(' and ')}; ${purpose} is about one channel already. Leave it out.`;
      fault('appliesTo', 'CONSENT_CHANNELS_INVALID', message);
    }
    if (scopesOf(about).some((scope) => named.get(scope)! > 1)) {
      const message = `${purpose} is decided more than once in this call; none of them was entered.`;
      fault('purpose', 'CONSENT_PURPOSE_REPEATED', message);
    }
    if (expiresAtMs !== null && status !== 'GRANTED') {
      fault(
        'expiresAt',
        'CONSENT_EXPIRY_NOT_GRANTED',
        'Only a GRANTED can expire; a refusal holds until it is changed.',
      );
    } else if (expiresAtMs !== null && expiresAtMs <= nowMs) {
      fault(
        'expiresAt',
        'CONSENT_EXPIRY_PAST',
        `expiresAt must lie after now, ${new Date(nowMs).toISOString()}.`,
      );
    } else if (expiresAtMs !== null && expiresAtMs > nowMs + expiryMaxMs) {
      fault(
        'expiresAt',
        'CONSENT_EXPIRY_FAR',
        'expiresAt may lie at most 100 years ahead; leave it out for no end.',
      );
    }
    if (userErrors.length === before)
      decisions.push({ ...about, status, noticeVersion, evidence, expiresAtMs });
  });
  return { decisions, userErrors };
}

/** The purpose and its channels, each once, and what else is known. */
function aboutOf({
  purpose,
  appliesTo,
  language,
  jurisdiction,
  expression,
}: z.output<typeof schema>): Pick<
  ReadDecision,
  'purpose' | 'appliesTo' | 'language' | 'jurisdiction' | 'expression'
> {
  return {
    purpose,
    ...(appliesTo ? { appliesTo: channels.filter((channel) => appliesTo.includes(channel)) } : {}),
    ...(language ? { language } : {}),
    ...(jurisdiction ? { jurisdiction } : {}),
    ...(expression ? { expression } : {}),
  };
}
