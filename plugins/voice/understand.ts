import type { VoiceIntent, VoiceSlots, VoiceUtterances } from '../../src/ports/voice.js';
import { folded } from './products.js';
import { utterancesOf } from './utterances/utterances.js';

/** A sample utterance in comparable words: those before and after its slot. */
interface Template {
  readonly intent: VoiceIntent;
  readonly slot: keyof VoiceSlots | null;
  readonly before: string;
  readonly after: string;
}

interface Grammar {
  /** Those with the most words of their own first, and of these the ones without a slot. */
  readonly templates: readonly Template[];
  readonly ordinals: ReadonlyMap<string, number>;
}

const grammars = new Map<VoiceUtterances, Grammar>();

/** The intent and slots of a text, by the sample utterances of its language. Assistants have better means; this is for those that send text. */
export function understand(
  text: string,
  locale: string,
): { readonly intent: VoiceIntent; readonly slots: VoiceSlots } {
  const { templates, ordinals } = grammarOf(utterancesOf(locale));
  const said = folded(text);
  for (const { intent, slot, before, after } of templates) {
    if (slot === null) {
      if (said === before) return { intent, slots: {} };
      continue;
    }
    const start = before === '' ? 0 : before.length + 1;
    const end = after === '' ? said.length : said.length - after.length - 1;
    if (end <= start || !(before === '' || said.startsWith(`${before} `))) continue;
    if (!(after === '' || said.endsWith(` ${after}`))) continue;
    const value = said.slice(start, end);
    if (slot !== 'ordinal') return { intent, slots: { [slot]: asWritten(text, value) } };
    const ordinal = ordinals.get(value);
    if (ordinal !== undefined) return { intent, slots: { ordinal } };
  }
  return { intent: 'FALLBACK', slots: {} };
}

/** The words of a slot with their accents, which the shop's catalog has, too. */
function asWritten(text: string, value: string): string {
  const words = text.split(/\s+/);
  const count = value.split(' ').length;
  for (let from = 0; from < words.length; from++) {
    for (let to = words.length; to > from; to--) {
      if (to - from > count) continue;
      const part = words.slice(from, to).join(' ');
      if (folded(part) === value) return part.replace(/[.,!?]$/u, '');
    }
  }
  return value;
}

function grammarOf(utterances: VoiceUtterances): Grammar {
  let grammar = grammars.get(utterances);
  if (grammar) return grammar;
  const templates: Template[] = [];
  for (const [intent, samples] of Object.entries(utterances.intents) as [VoiceIntent, readonly string[]][]) {
    for (const sample of samples) {
      const [before = '', slot = null, after = ''] = sample.split(/[{}]/);
      templates.push({
        intent,
        slot: slot as keyof VoiceSlots | null,
        before: folded(before),
        after: folded(after),
      });
    }
  }
  const own = ({ before, after }: Template): number => before.length + after.length;
  templates.sort((a, b) => own(b) - own(a) || Number(a.slot !== null) - Number(b.slot !== null));
  const ordinals = new Map<string, number>();
  utterances.ordinals.forEach((words, at) => {
    const ordinal = at === utterances.ordinals.length - 1 ? -1 : at + 1;
    for (const word of words) ordinals.set(folded(word), ordinal);
  });
  grammar = { templates, ordinals };
  grammars.set(utterances, grammar);
  return grammar;
}
