import { RapportError } from '../../src/errors.js';
import { parseJson } from '../../src/kit/json-text.js';
import type { Host, Router } from '../../src/plugin.js';
import type { Voice } from '../../src/ports/voice.js';
import { intentOf, readTurn, speakerOf } from './request.js';
import { responseOf } from './response.js';

/** Dialogflow's own limit of a webhook's response; requests are smaller. */
const bytesMax = 65_536;
/** Dialogflow waits for five seconds. */
const responseMs = 4_000;
const turnMsMin = 1_000;

/** Webhooks of Dialogflow ES and CX: `POST /voice/dialogflow`. */
export function mountDialogflow(
  router: Router,
  voice: Voice,
  { clock }: Pick<Host, 'clock'>,
  entityType: string | undefined,
): void {
  router.route('POST', '/voice/dialogflow', async (request, response, edge) => {
    const startMs = clock.monotonicMs();
    const key = keyOf(request.headers.authorization);
    const { role } = await edge.caller(key);
    if (role !== 'SERVER' && role !== 'ADMIN')
      throw new RapportError(
        'denied',
        'VOICE_DIALOGFLOW_KEY',
        `Only a SERVER key may call the webhook, not a ${role} key: a STOREFRONT key is public.`,
        { httpStatus: 403 },
      );
    const turn = readTurn(parseJson(await edge.body(bytesMax)));
    if (turn === null)
      throw new RapportError(
        'invalid',
        'VOICE_DIALOGFLOW_BODY',
        'the body must be a webhook request of Dialogflow ES (with "session" and "queryResult") or CX (with "fulfillmentInfo" and "sessionInfo")',
      );
    const { context, account } = await voice.recognise(edge, { ...speakerOf(turn), key });
    const reply = await voice.say({
      ...intentOf(turn, voice, context.locale),
      context,
      conversationId: `dialogflow:${turn.session}`.slice(0, 1_000),
      deadlineMs: Math.max(turnMsMin, responseMs - (clock.monotonicMs() - startMs)),
    });
    const leftOut = account === 'LATE' ? ['account', ...reply.leftOut] : reply.leftOut;
    const text = JSON.stringify(responseOf(turn, reply, leftOut, entityType));
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    response.end(text);
  });
}

/** The password of Basic authentication, which Dialogflow offers beside headers of one's own. If there is none, the key is in `x-api-key`. */
function keyOf(authorization: string | undefined): string | undefined {
  const [scheme = '', credentials = ''] = (authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1) || undefined;
}
