/** The skill of the simulator and of the tests. */
export const skillId = 'amzn1.ask.skill.0f3a-test';

export interface AlexaAnswer {
  readonly version: string;
  readonly sessionAttributes?: { readonly leftOut?: readonly string[] };
  readonly response: {
    readonly outputSpeech?: { readonly type: string; readonly ssml: string };
    readonly reprompt?: { readonly outputSpeech: { readonly text: string } };
    readonly card?: {
      readonly type: string;
      readonly title?: string;
      readonly content?: string;
      readonly text?: string;
    };
    readonly directives?: readonly { readonly type: string; readonly [key: string]: unknown }[];
    readonly shouldEndSession?: boolean;
  };
}

export interface AlexaDevice {
  readonly person?: { readonly personId: string; readonly accessToken?: string };
  readonly accessToken?: string;
  readonly screen?: boolean;
  readonly locale?: string;
  readonly sessionId?: string;
  readonly applicationId?: string;
}

/** A request as Alexa sends it: the envelope of Amazon's documentation. */
export function envelope(
  timestamp: string,
  request: Readonly<Record<string, unknown>>,
  {
    person,
    accessToken,
    screen = false,
    locale = 'en-US',
    sessionId = 'amzn1.echo-api.session.1',
    applicationId = skillId,
  }: AlexaDevice = {},
) {
  const user = {
    userId: 'amzn1.ask.account.HOUSEHOLD',
    ...(accessToken === undefined ? {} : { accessToken }),
  };
  return {
    version: '1.0',
    session: { new: false, sessionId, application: { applicationId }, attributes: {}, user },
    context: {
      System: {
        application: { applicationId },
        user,
        ...(person === undefined ? {} : { person }),
        device: {
          deviceId: 'amzn1.ask.device.KITCHEN',
          supportedInterfaces: screen
            ? { 'Alexa.Presentation.APL': { runtime: { maxVersion: '2024.3' } } }
            : {},
        },
        apiEndpoint: 'https://api.amazonalexa.com',
        apiAccessToken: 'AxThk...',
      },
    },
    request: { requestId: 'amzn1.echo-api.request.1', timestamp, locale, ...request },
  };
}

/** An IntentRequest. A slot is its words, or its words and the id that Alexa resolved them to. */
export function intentRequest(
  name: string,
  slots: Readonly<Record<string, string | readonly [string, string]>> = {},
) {
  return {
    type: 'IntentRequest',
    dialogState: 'STARTED',
    intent: {
      name,
      confirmationStatus: 'NONE',
      slots: Object.fromEntries(
        Object.entries(slots).map(([slot, given]) => {
          const [value, id] = typeof given === 'string' ? [given] : given;
          const resolution = (authority: string, code: string, values: unknown[]) => ({
            authority: `amzn1.er-authority.echo-sdk${authority}.${skillId}.${slot}`,
            status: { code },
            values,
          });
          return [
            slot,
            {
              name: slot,
              value,
              confirmationStatus: 'NONE',
              source: 'USER',
              resolutions: {
                resolutionsPerAuthority:
                  id === undefined
                    ? [resolution('', 'ER_SUCCESS_NO_MATCH', [])]
                    : [
                        resolution('.dynamic', 'ER_SUCCESS_NO_MATCH', []),
                        resolution('', 'ER_SUCCESS_MATCH', [{ value: { name: value, id } }]),
                      ],
              },
            },
          ];
        }),
      ),
    },
  };
}
