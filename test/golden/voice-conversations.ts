import type { VoiceIntent } from '../../src/ports/voice.js';

export interface GoldenTurn {
  readonly intent: VoiceIntent;
  readonly query?: string;
  readonly ordinal?: number;
  readonly option?: string;
}

export interface GoldenConversation {
  readonly name: string;
  readonly locale: string;
  readonly turns: readonly GoldenTurn[];
}

const find = (query: string): GoldenTurn => ({ intent: 'FIND', query });
const select = (ordinal: number): GoldenTurn => ({ intent: 'SELECT', ordinal });
const turn = (intent: VoiceIntent, slots: Omit<GoldenTurn, 'intent'> = {}): GoldenTurn => ({
  intent,
  ...slots,
});

/** Conversations with the shop of `test/support/voice-shop.ts`, through every assistant. */
export const conversations: readonly GoldenConversation[] = [
  {
    name: 'find, second, details, add, stop',
    locale: 'en-US',
    turns: [turn('WELCOME'), find('kettle'), select(2), turn('DETAILS'), turn('ADD_TO_LIST'), turn('STOP')],
  },
  {
    name: 'more, more, previous',
    locale: 'en-US',
    turns: [find('kettle'), turn('MORE'), turn('MORE'), turn('PREVIOUS'), turn('PREVIOUS')],
  },
  {
    name: 'recommend, yes means which, first, yes',
    locale: 'en-US',
    turns: [turn('RECOMMEND'), turn('YES'), select(1), turn('YES'), turn('NO')],
  },
  {
    name: 'cheaper until nothing is',
    locale: 'en-GB',
    turns: [find('kettle'), turn('CHEAPER'), turn('CHEAPER')],
  },
  {
    name: 'in blue, of the list and of a product',
    locale: 'en-US',
    turns: [
      find('kettle'),
      turn('WITH_OPTION', { option: 'blue' }),
      select(1),
      turn('WITH_OPTION', { option: 'red' }),
      turn('YES'),
    ],
  },
  {
    name: 'next to the end of a list',
    locale: 'en-US',
    turns: [find('kettle'), turn('NEXT'), turn('NEXT'), turn('NEXT'), turn('NEXT')],
  },
  { name: 'repeat', locale: 'en-US', turns: [turn('REPEAT'), find('cup'), turn('REPEAT')] },
  { name: 'misspelt', locale: 'en-US', turns: [find('ketle')] },
  { name: 'nothing found, suggestions instead', locale: 'en-US', turns: [find('zeppelin'), select(1)] },
  {
    name: 'a list of one’s own',
    locale: 'en-US',
    turns: [
      turn('READ_LIST'),
      find('kettle'),
      turn('ADD_TO_LIST', { ordinal: 1 }),
      turn('ADD_TO_LIST', { ordinal: 1 }),
      turn('ADD_TO_LIST', { ordinal: -1 }),
      turn('READ_LIST'),
      select(2),
    ],
  },
  {
    name: 'continue elsewhere',
    locale: 'en-US',
    turns: [turn('CONTINUE_ELSEWHERE'), turn('RECOMMEND', { query: 'cup' }), turn('CONTINUE_ELSEWHERE')],
  },
  {
    name: 'forget me, no, yes',
    locale: 'en-US',
    turns: [find('kettle'), turn('FORGET_ME'), turn('NO'), turn('FORGET_ME'), turn('YES')],
  },
  { name: 'stop personalizing', locale: 'en-US', turns: [turn('STOP_PERSONALIZING'), turn('RECOMMEND')] },
  {
    name: 'without a list',
    locale: 'en-US',
    turns: [
      turn('MORE'),
      select(2),
      turn('CHEAPER'),
      turn('WITH_OPTION', { option: 'blue' }),
      turn('DETAILS'),
      turn('YES'),
    ],
  },
  { name: 'too high an ordinal', locale: 'en-US', turns: [find('cup'), select(7)] },
  { name: 'help and fallback', locale: 'en-US', turns: [turn('HELP'), turn('FALLBACK'), { intent: 'FIND' }] },
  {
    name: 'German',
    locale: 'de-DE',
    turns: [
      turn('WELCOME'),
      find('Wasserkocher'),
      turn('CHEAPER'),
      turn('WITH_OPTION', { option: 'blau' }),
      turn('DETAILS'),
      turn('ADD_TO_LIST'),
      turn('CONTINUE_ELSEWHERE'),
      turn('STOP'),
    ],
  },
  {
    name: 'French',
    locale: 'fr-FR',
    turns: [
      turn('WELCOME'),
      find('kettle'),
      turn('CHEAPER'),
      select(1),
      turn('ADD_TO_LIST'),
      turn('READ_LIST'),
      turn('STOP'),
    ],
  },
  {
    name: 'Spanish',
    locale: 'es-ES',
    turns: [
      turn('WELCOME'),
      find('kettle'),
      turn('MORE'),
      select(-1),
      turn('DETAILS'),
      turn('YES'),
      turn('STOP'),
    ],
  },
  {
    name: 'Italian',
    locale: 'it-IT',
    turns: [
      turn('WELCOME'),
      turn('RECOMMEND'),
      select(1),
      turn('DETAILS'),
      turn('YES'),
      turn('FORGET_ME'),
      turn('YES'),
    ],
  },
];
