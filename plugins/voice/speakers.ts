import { isRapportError } from '../../src/errors.js';
import { inTime } from '../../src/kit/in-time.js';
import type { Host } from '../../src/plugin.js';
import type { AssistantRequest, RecognisedSpeaker, Speaker, Voice } from '../../src/ports/voice.js';

/** Verifying a token may need the keys of the identity provider. */
const accountMs = 800;

/** Makes contexts of speakers, and proves their accounts. */
export function createRecognise({ clock }: Pick<Host, 'clock'>): Voice['recognise'] {
  async function prove(
    request: AssistantRequest,
    { key, token }: Speaker,
  ): Promise<{ readonly customerId: string | null; readonly account: RecognisedSpeaker['account'] }> {
    if (token === null) return { customerId: null, account: 'NONE' };
    const proving = request.caller(key, token).then(
      ({ customerId }) => ({ customerId, account: 'PROVEN' as const }),
      (error: unknown) => {
        if (isRapportError(error, 'limited')) throw error;
        return {
          customerId: null,
          account: isRapportError(error, 'denied') ? ('REFUSED' as const) : ('LATE' as const),
        };
      },
    );
    return (await inTime(clock, accountMs, proving)) ?? { customerId: null, account: 'LATE' };
  }

  return async (request, speaker) => {
    const { key, token: _, ...place } = speaker;
    const caller = await request.caller(key);
    const { customerId, account } = await prove(request, speaker);
    const visitor = { ...caller, role: 'STOREFRONT' as const, network: caller.network, customerId };
    // Without its account a recognised person would be a stranger in the session of that person.
    const sessionId =
      account === 'REFUSED' || account === 'LATE' ? `${speaker.sessionId}-unproven` : speaker.sessionId;
    return { context: request.context(visitor, { ...place, channel: 'VOICE', sessionId }), account };
  };
}
