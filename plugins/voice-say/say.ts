import { z } from 'zod';
import { RapportError } from '../../src/errors.js';
import { checkInput, type InputFault } from '../../src/kit/check-input.js';
import { parseJson } from '../../src/kit/json-text.js';
import type { Router } from '../../src/plugin.js';
import { type Voice, voiceIntents } from '../../src/ports/voice.js';

const bytesMax = 16_384;
const deadlineMs = 4_000;

const input = z
  .strictObject({
    conversationId: z.string().min(1).max(200),
    sessionId: z.string().nullable().default(null),
    customerId: z.string().nullable().default(null),
    locale: z.string().nullable().default(null),
    currency: z.string().nullable().default(null),
    storeId: z.string().nullable().default(null),
    text: z.string().min(1).max(500).optional(),
    intent: z.enum(voiceIntents).optional(),
    slots: z
      .strictObject({
        query: z.string().max(200).optional(),
        ordinal: z.int().min(-1).max(100).optional(),
        option: z.string().max(200).optional(),
      })
      .optional(),
  })
  .refine(
    ({ text, intent }) => (text === undefined) !== (intent === undefined),
    'must have either "text" or "intent"',
  );

function bodyOf(bytes: Buffer): z.output<typeof input> {
  const checked = checkInput(input, parseJson(bytes) ?? null);
  if (checked.faults === null) return checked.data;
  const [{ path, message }] = checked.faults as readonly [InputFault];
  const where = path.length === 0 ? 'the body' : path.join('.');
  throw new RapportError('invalid', 'VOICE_SAY_BODY', `${where}: ${message}`, { path });
}

/** One turn of a conversation as plain JSON: `POST /voice/say`. */
export function mountSay(router: Router, voice: Voice): void {
  router.route('POST', '/voice/say', async (_request, response, edge) => {
    const caller = await edge.caller();
    const {
      conversationId,
      text,
      intent,
      slots = {},
      sessionId,
      ...place
    } = bodyOf(await edge.body(bytesMax));
    // Without a session of its own the shopper is known within this conversation only.
    const context = edge.context(caller, {
      ...place,
      channel: 'VOICE',
      sessionId: sessionId ?? `say-${conversationId}`.slice(0, 128),
    });
    const understood =
      intent === undefined ? voice.understand(text ?? '', context.locale) : { intent, slots };
    const reply = await voice.say({
      ...understood,
      context,
      conversationId: `say:${conversationId}`,
      deadlineMs,
    });
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(JSON.stringify({ intent: understood.intent, ...reply }));
  });
}
