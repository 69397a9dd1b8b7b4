import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Speaker, VoiceIntent, VoiceSlots, VoiceUtterances } from '../../src/ports/voice.js';
import { intentOf, slotNames } from './intents.js';

const text = z.string().max(4_000);
const token = z.string().min(1).max(8_192).nullish();
const application = z.looseObject({ applicationId: text }).nullish();

const slot = z.looseObject({
  value: text.nullish(),
  resolutions: z
    .looseObject({
      resolutionsPerAuthority: z
        .array(
          z.looseObject({
            status: z.looseObject({ code: text }),
            values: z
              .array(z.looseObject({ value: z.looseObject({ name: text, id: text.nullish() }) }))
              .nullish(),
          }),
        )
        .max(20)
        .nullish(),
    })
    .nullish(),
});

/** The parts of Alexa's requests that are read; it may send any others. */
export const alexaRequest = z.looseObject({
  session: z
    .looseObject({
      sessionId: text,
      application,
      user: z.looseObject({ userId: text.nullish(), accessToken: token }).nullish(),
    })
    .nullish(),
  context: z
    .looseObject({
      System: z
        .looseObject({
          application,
          user: z.looseObject({ userId: text.nullish(), accessToken: token }).nullish(),
          person: z.looseObject({ personId: text, accessToken: token }).nullish(),
          device: z
            .looseObject({
              deviceId: text.nullish(),
              supportedInterfaces: z.record(z.string(), z.unknown()).nullish(),
            })
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
  request: z.looseObject({
    type: text,
    timestamp: z.unknown(),
    locale: text.nullish(),
    intent: z.looseObject({ name: text, slots: z.record(z.string(), slot).nullish() }).nullish(),
    arguments: z.array(z.unknown()).max(20).nullish(),
  }),
});
export type AlexaRequest = z.output<typeof alexaRequest>;
type Slot = z.output<typeof slot>;

/** The ids of the skill that the request names; there are two places. */
export function skillIdsOf({ session, context }: AlexaRequest): readonly string[] {
  return [session?.application, context?.System?.application].flatMap((each) => each?.applicationId ?? []);
}

/**
 * The speaker of a request. A household shares a device and an account, so that only a voice that Alexa recognises is a person, who is proven by
 * their own token. `household`: the account counts for everybody in the room. Anybody else is known in this conversation only.
 */
export function speakerOf({ session, context }: AlexaRequest, speakers: 'recognised' | 'household'): Speaker {
  const { person, user } = context?.System ?? {};
  const sessionId = session?.sessionId ?? '';
  if (person) return { sessionId: idOf('person', person.personId), token: person.accessToken ?? null };
  const userId = user?.userId ?? session?.user?.userId;
  if (speakers === 'household' && userId)
    return {
      sessionId: idOf('account', userId),
      token: user?.accessToken ?? session?.user?.accessToken ?? null,
    };
  return { sessionId: idOf('conversation', sessionId), token: null };
}

/** Amazon's ids are longer than ids of sessions may be. */
function idOf(kind: string, id: string): string {
  return `alexa-${kind}-${createHash('sha256').update(id).digest('base64url')}`;
}

/** True if the device shows documents of the Alexa Presentation Language. */
export function hasScreen({ context }: AlexaRequest): boolean {
  return Object.hasOwn(context?.System?.device?.supportedInterfaces ?? {}, 'Alexa.Presentation.APL');
}

/** The intent of a request; null for one that must not be answered with speech. */
export function turnOf(
  { request }: AlexaRequest,
  utterances: VoiceUtterances,
): { readonly intent: VoiceIntent; readonly slots: VoiceSlots } | null {
  if (request.type === 'LaunchRequest') return { intent: 'WELCOME', slots: {} };
  if (request.type === 'Alexa.Presentation.APL.UserEvent') {
    const [action, ordinal] = request.arguments ?? [];
    return action === 'select' && typeof ordinal === 'number' && Number.isInteger(ordinal) && ordinal > 0
      ? { intent: 'SELECT', slots: { ordinal } }
      : null;
  }
  if (request.type !== 'IntentRequest' || !request.intent) return null;
  const slots = request.intent.slots ?? {};
  const [query, ordinal, option] = [slotNames.query, slotNames.ordinal, slotNames.option].map((name) =>
    Object.hasOwn(slots, name) ? slots[name] : undefined,
  );
  return {
    intent: intentOf(request.intent.name),
    slots: {
      ...wordsOf('query', query?.value),
      ...wordsOf('option', (option && resolved(option)?.name) ?? option?.value),
      ...ordinalOf(ordinal, utterances),
    },
  };
}

const wordsMax = 200;

function wordsOf(name: 'query' | 'option', value: string | null | undefined): VoiceSlots {
  const words = value?.trim() ?? '';
  // Alexa writes "?" for a slot that it could not fill.
  return words === '' || words === '?' ? {} : { [name]: words.slice(0, wordsMax) };
}

/** The value that Alexa resolved a slot to: of the products that were said, before those of the model. */
function resolved({
  resolutions,
}: Slot): { readonly name: string; readonly id?: string | null | undefined } | null {
  const matches = (resolutions?.resolutionsPerAuthority ?? []).filter(
    ({ status }) => status.code === 'ER_SUCCESS_MATCH',
  );
  const dynamic = matches.find(
    ({ authority }) => typeof authority === 'string' && authority.includes('.dynamic.'),
  );
  return (dynamic ?? matches[0])?.values?.[0]?.value ?? null;
}

function ordinalOf(given: Slot | undefined, { ordinals }: VoiceUtterances): VoiceSlots {
  if (!given?.value) return {};
  const id = Number(resolved(given)?.id ?? Number.NaN);
  if (Number.isInteger(id) && id !== 0) return { ordinal: id };
  const value = given.value.toLowerCase();
  const place = ordinals.findIndex((words) => words.includes(value));
  if (place >= 0) return { ordinal: place === ordinals.length - 1 ? -1 : place + 1 };
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? { ordinal: number } : {};
}
