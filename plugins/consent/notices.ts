import { z } from 'zod';
import { type UserError, userError } from '../../src/errors.js';
import { checkInput } from '../../src/kit/check-input.js';
import { lazily } from '../../src/kit/lazily.js';
import { purposes } from '../../src/ports/consent.js';
import type { Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';

const textMax = 2_000;
const noticeTextMax = 50_000;
const listMax = 50;
/** The bases of the GDPR, article 6 (1). */
const lawfulBases = [
  'CONSENT',
  'CONTRACT',
  'LEGAL_OBLIGATION',
  'VITAL_INTEREST',
  'PUBLIC_TASK',
  'LEGITIMATE_INTEREST',
] as const;

const text = z.string().min(1).max(textMax);
const texts = z.array(text).max(listMax).nullish();
const party = z.strictObject({
  name: text,
  id: text.nullish(),
  role: text.nullish(),
  type: text.nullish(),
  address: text.nullish(),
  email: text.nullish(),
  url: text.nullish(),
  phone: text.nullish(),
  contact: text.nullish(),
});
const noticePurpose = z.strictObject({
  purpose: z.enum(purposes),
  description: text,
  type: text.nullish(),
  lawfulBasis: z.enum(lawfulBases),
  dataCategories: z
    .array(
      z.strictObject({ type: text, isOptional: z.boolean().nullish(), isSpecial: z.boolean().nullish() }),
    )
    .min(1)
    .max(listMax),
  controllers: z.array(party).min(1).max(listMax),
  collectionMethod: text.nullish(),
  processingMethods: texts,
  storageLocations: texts,
  processingLocations: texts,
  geographicRestrictions: texts,
  retentionDays: z.int().min(1).nullish(),
  services: texts,
  jurisdictions: texts,
  recipients: z.array(party).max(listMax).nullish(),
  withdrawalMethod: text,
  privacyRights: texts,
  codesOfConduct: texts,
  impactAssessment: text.nullish(),
  authority: party.nullish(),
});
const noticeInput = z.strictObject({
  version: text,
  language: z
    .string()
    .max(35)
    .regex(/^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*$/, 'must be a BCP 47 tag, for example "de-AT"'),
  url: text.nullish(),
  text: z.string().max(noticeTextMax).nullish(),
  purposes: z.array(noticePurpose).min(1).max(purposes.length),
});

export type Party = z.output<typeof party>;
export type NoticePurpose = z.output<typeof noticePurpose>;
/** The wording that shoppers decide about, and all that it says about the processing. Never changed once it is saved. */
export type Notice = z.output<typeof noticeInput>;

interface StoredNotice extends Document {
  readonly notice: Notice;
}

const noticesSpec: CollectionSpec<StoredNotice> = { name: 'consent-notices', indexes: {} };

export interface Notices {
  /** Keeps a `ConsentNoticeInput`. The same again changes nothing; another one under a known version and language is refused. */
  save(
    input: unknown,
  ): Promise<{ readonly notice: Notice | null; readonly userErrors: readonly UserError[] }>;
  /** All notices, by version and language. */
  list(): Promise<readonly Notice[]>;
  /** The notice that a shopper saw: in their language if that is known and kept, otherwise the only one of the version. */
  find(version: string, language: string | undefined): Promise<Notice | null>;
}

const idOf = (version: string, language: string): string => JSON.stringify([version, language.toLowerCase()]);
/** The same notice in one spelling: without what is null, in the order of the schema. */
const canonical = (notice: Notice): string =>
  JSON.stringify(notice, (_, value: unknown) => value ?? undefined);

export async function openNotices(store: Store): Promise<Notices> {
  const notices: Collection<StoredNotice> = await store.collection(noticesSpec);
  const read = async (): Promise<readonly Notice[]> => {
    try {
      const found: Notice[] = [];
      for await (const page of notices.scan()) for (const { notice } of page) found.push(notice);
      return found;
    } catch (error) {
      all = lazily(read);
      throw error;
    }
  };
  // A shop has a few notices, and shows them in lists of a thousand decisions.
  let all = lazily(read);
  notices.watch(() => {
    all = lazily(read);
  });

  return {
    async save(input) {
      const { data, faults } = checkInput(noticeInput, input) as
        | { readonly data: Notice; readonly faults: null }
        | {
            readonly data?: undefined;
            readonly faults: readonly { path: readonly (string | number)[]; message: string }[];
          };
      if (data === undefined)
        return {
          notice: null,
          userErrors: faults.map(({ path, message }) =>
            userError('CONSENT_NOTICE_INVALID', `${path.at(-1) ?? 'notice'} ${message}`, ['notice', ...path]),
          ),
        };
      const id = idOf(data.version, data.language);
      const stored = await notices.update(
        id,
        (current) => current ?? { id, notice: JSON.parse(canonical(data)) as Notice },
      );
      if (stored !== null && canonical(stored.notice) !== canonical(data))
        return {
          notice: null,
          userErrors: [
            userError(
              'CONSENT_NOTICE_KNOWN',
              `version ${JSON.stringify(data.version)} in ${data.language} is kept with another content, and shoppers may have decided about it; give the new one a version of its own`,
              ['notice', 'version'],
            ),
          ],
        };
      return { notice: data, userErrors: [] };
    },
    list: () => all(),
    async find(version, language) {
      const own = (await all()).filter((notice) => notice.version === version);
      return (
        own.find((notice) => notice.language.toLowerCase() === language?.toLowerCase()) ??
        (own.length === 1 ? own[0]! : null)
      );
    },
  };
}
