import { RapportError } from '../../src/errors.js';
import { parseJson } from '../../src/kit/json-text.js';
import type { Edge, Host, Router } from '../../src/plugin.js';
import type { Voice, VoiceWord } from '../../src/ports/voice.js';
import { type AlexaRequest, alexaRequest, hasScreen, skillIdsOf, speakerOf, turnOf } from './request.js';
import { type AlexaResponse, responseOf, silence } from './response.js';
import type { AlexaSettings } from './settings.js';
import { checkSignature, checkTime, refused, type SignedHeaders, signedHeaders } from './signature.js';
import type { SignerCache } from './signer-cache.js';

/** Requests have 2 to 10 KB; a body that is not proven yet may have no more. */
const bytesMax = 65_536;
/** Alexa waits for eight seconds, and people for fewer. */
const responseMs = 3_800;
/** Kept of it for a turn, whatever came before. */
const turnMsMin = 1_000;

interface AlexaParts {
  readonly voice: Voice;
  readonly host: Host;
  readonly settings: AlexaSettings;
  readonly signers: SignerCache;
  /** The most frequent words of the catalog, once they were read. */
  words(locale: string): readonly VoiceWord[];
}

/** Alexa's custom skill interface: `POST /voice/alexa`. */
export function mountAlexa(router: Router, { voice, host, settings, signers, words }: AlexaParts): void {
  const { clock } = host;

  /** Reads a request that Amazon signed, or that a skill on AWS Lambda forwards with a SERVER key: Amazon signs none of those. */
  async function read(
    request: Parameters<Parameters<Router['route']>[2]>[0],
    edge: Edge,
  ): Promise<{ readonly alexa: AlexaRequest; readonly key: string | undefined }> {
    const forwarded = request.headers['x-api-key'] !== undefined;
    let signed: SignedHeaders | null = null;
    if (forwarded) {
      const { role } = await edge.caller();
      if (role !== 'SERVER' && role !== 'ADMIN')
        throw new RapportError(
          'denied',
          'VOICE_ALEXA_KEY',
          `Only a SERVER key may forward requests of Alexa, not a ${role} key.`,
          { httpStatus: 403 },
        );
    } else {
      if (settings.skillIds.length === 0 || settings.key === undefined)
        throw new RapportError(
          'missing',
          'VOICE_ALEXA_OFF',
          'There is no Alexa skill here; set RAPPORT_VOICE_ALEXA_SKILL_IDS and RAPPORT_VOICE_ALEXA_KEY.',
        );
      signed = signedHeaders(request.headers);
      // From here on it counts against the key: all of Alexa's requests come from few addresses.
      await edge.caller(settings.key);
    }
    // The raw bytes: a body that was parsed and written again has another signature.
    const body = await edge.body(bytesMax);
    const parsed = alexaRequest.safeParse(parseJson(body));
    if (!parsed.success) throw refused('its body is not a request of a custom skill');
    checkTime(parsed.data.request.timestamp, clock.nowMs());
    if (signed !== null) await checkSignature(signed, body, signers);
    const skillIds = skillIdsOf(parsed.data);
    const isOurs = skillIds.length > 0 && skillIds.every((id) => settings.skillIds.includes(id));
    if (!isOurs && !(forwarded && settings.skillIds.length === 0)) throw refused('it is for another skill');
    return { alexa: parsed.data, key: forwarded ? undefined : settings.key };
  }

  async function answer(
    edge: Edge,
    alexa: AlexaRequest,
    key: string | undefined,
    startMs: number,
  ): Promise<AlexaResponse> {
    const { context, account } = await voice.recognise(edge, {
      ...speakerOf(alexa, settings.speakers),
      key,
      locale: alexa.request.locale ?? null,
    });
    const turn = turnOf(alexa, voice.utterances(context.locale));
    if (turn === null) return silence;
    const reply = await voice.say({
      ...turn,
      context,
      conversationId: `alexa:${alexa.session?.sessionId ?? ''}`.slice(0, 1_000),
      deadlineMs: Math.max(turnMsMin, responseMs - (clock.monotonicMs() - startMs)),
    });
    const leftOut = account === 'LATE' ? (['account', ...reply.leftOut] as const) : reply.leftOut;
    const response = responseOf(reply, {
      hasScreen: hasScreen(alexa),
      // Dynamic entities replace those of before, so that they are sent only with others.
      words: reply.list !== null || turn.intent === 'WELCOME' ? words(context.locale) : [],
      linkAccount: account === 'REFUSED',
    });
    // Alexa passes nothing on that she does not know, so that the parts left out are in the attributes of the session.
    return leftOut.length > 0 ? { ...response, sessionAttributes: { leftOut } } : response;
  }

  router.route('POST', '/voice/alexa', async (request, response, edge) => {
    const startMs = clock.monotonicMs();
    const { alexa, key } = await read(request, edge);
    const text = JSON.stringify(await answer(edge, alexa, key, startMs));
    response.writeHead(200, {
      'content-type': 'application/json;charset=UTF-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    response.end(text);
  });
}
