import { isRapportError } from 'rapport/errors.js';
import { definePlugin } from 'rapport/plugin.js';
import { z } from 'zod';

/** What a voice assistant sends: an intent that it has understood. */
const turnInput = z.strictObject({
  sessionId: z.string().min(1).max(200),
  locale: z.string().default('en'),
  intent: z.enum(['RECOMMEND', 'REORDER', 'NOTHING']),
  /** The answer before, so that "the second one" is understood. */
  decisionId: z.string().nullable().default(null),
});

/** An assistant of another vendor: one HTTP endpoint that speaks. */
export const plugin = definePlugin({
  name: 'voice-endpoint',
  provides: null,
  needs: ['customers', 'recommendations'],
  compatibility: '^1.0.0',
  create({ needs }) {
    const { customers, recommendations } = needs;
    return {
      port: null,
      routes(router) {
        router.route('POST', '/voice/turn', async (request, response, edge) => {
          const caller = await edge.caller(request.headers['x-api-key']?.toString());
          const answer = (status: number, body: unknown): void => {
            response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
            response.end(JSON.stringify(body));
          };
          const read = turnInput.safeParse(JSON.parse((await edge.body(10_000)).toString('utf8') || 'null'));
          if (!read.success) return answer(400, { error: z.prettifyError(read.error) });
          const { sessionId, locale, intent } = read.data;
          if (intent === 'NOTHING') return answer(200, { text: 'Goodbye.', end: true });
          const context = edge.context(caller, { channel: 'VOICE', sessionId, locale });
          const shopper = await customers.recognise(context);
          try {
            const placement = intent === 'REORDER' ? 'reorder' : 'home';
            const query = { placement, first: 3, productId: null, cart: [] };
            const list = await recommendations.recommend(shopper, query);
            const { ssml, text, reprompt } = recommendations.speech(shopper, list, 3);
            const productIds = list.items.map(({ product }) => product.id);
            answer(200, { ssml, text, reprompt, productIds, decisionId: list.decisionId, end: false });
          } catch (error) {
            if (!isRapportError(error, 'unavailable')) throw error;
            answer(200, { text: 'Please ask me again in a moment.', end: true });
          }
        });
      },
    };
  },
});
