import { RapportError } from 'rapport/errors.js';
import { definePlugin } from 'rapport/plugin.js';
import { voiceIntents } from 'rapport/ports/voice.js';
import { z } from 'zod';

/** The requests of this vendor: an intent that it has understood, in a session of its own. */
const turnInput = z.strictObject({
  sessionId: z.string().min(1).max(100),
  locale: z.string().default('en'),
  intent: z.enum(voiceIntents),
  ordinal: z.int().optional(),
});

/** An assistant of another vendor: one HTTP endpoint over the conversations of `voice`. */
export const plugin = definePlugin({
  name: 'voice-endpoint',
  provides: null,
  needs: ['voice'],
  compatibility: '^1.0.0',
  create: ({ needs: { voice } }) => ({
    port: null,
    routes(router) {
      router.route('POST', '/voice/turn', async (request, response, edge) => {
        await edge.caller(request.headers['x-api-key']?.toString());
        const read = turnInput.safeParse(JSON.parse((await edge.body(10_000)).toString('utf8') || 'null'));
        if (!read.success)
          throw new RapportError('invalid', 'VOICE_ENDPOINT_TURN', z.prettifyError(read.error));
        const { sessionId, locale, intent, ordinal } = read.data;
        const { context } = await voice.recognise(edge, { sessionId, locale, token: null });
        const slots = { ordinal };
        const conversationId = `endpoint:${sessionId}`;
        const { speech, list, ends } = await voice.say({
          context,
          conversationId,
          intent,
          slots,
          deadlineMs: 4_000,
        });
        const productIds = list?.items.map(({ productId }) => productId) ?? [];
        response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
        response.end(
          JSON.stringify({ ...speech, productIds, decisionId: list?.decisionId ?? null, end: ends }),
        );
      });
    },
  }),
});
