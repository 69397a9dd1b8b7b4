import type { VoiceIntent } from '../../src/ports/voice.js';

/** Intents of Amazon that every skill can use. They need no sample utterances. */
export const builtInIntents: Readonly<Record<string, VoiceIntent>> = {
  'AMAZON.HelpIntent': 'HELP',
  'AMAZON.StopIntent': 'STOP',
  'AMAZON.CancelIntent': 'STOP',
  'AMAZON.FallbackIntent': 'FALLBACK',
  'AMAZON.NavigateHomeIntent': 'WELCOME',
  'AMAZON.MoreIntent': 'MORE',
  'AMAZON.NextIntent': 'NEXT',
  'AMAZON.PreviousIntent': 'PREVIOUS',
  'AMAZON.RepeatIntent': 'REPEAT',
  'AMAZON.YesIntent': 'YES',
  'AMAZON.NoIntent': 'NO',
};

/** Intents of the interaction model that `npm run voice-model` writes. */
export const customIntents = {
  FindIntent: 'FIND',
  RecommendIntent: 'RECOMMEND',
  SelectIntent: 'SELECT',
  DetailsIntent: 'DETAILS',
  CheaperIntent: 'CHEAPER',
  OptionIntent: 'WITH_OPTION',
  AddToListIntent: 'ADD_TO_LIST',
  ReadListIntent: 'READ_LIST',
  ContinueElsewhereIntent: 'CONTINUE_ELSEWHERE',
  ForgetMeIntent: 'FORGET_ME',
  StopPersonalizingIntent: 'STOP_PERSONALIZING',
} as const satisfies Readonly<Record<string, VoiceIntent>>;

export const slotNames = { query: 'Query', ordinal: 'Ordinal', option: 'Option' } as const;
export const slotTypes = {
  query: 'RapportQuery',
  ordinal: 'RapportOrdinal',
  option: 'RapportOption',
} as const;

const byName: ReadonlyMap<string, VoiceIntent> = new Map([
  ...Object.entries(builtInIntents),
  ...Object.entries(customIntents),
]);

export function intentOf(name: string): VoiceIntent {
  return byName.get(name) ?? 'FALLBACK';
}
