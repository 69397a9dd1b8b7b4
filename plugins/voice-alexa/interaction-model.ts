import { RapportError } from '../../src/errors.js';
import type { VoiceUtterances, VoiceVocabulary, VoiceWord } from '../../src/ports/voice.js';
import { builtInIntents, customIntents, slotNames, slotTypes } from './intents.js';

/** Sample utterances have letters and slots only; numbers are written out. */
const sampleAllowed = /^[\p{L}\p{M}' .{}_-]+$/u;

/** The interaction model of a skill, as the developer console and the ASK command line take it. */
export function interactionModel(
  invocationName: string,
  { intents, ordinals }: VoiceUtterances,
  { products, options }: VoiceVocabulary,
): Readonly<Record<string, unknown>> {
  if (products.length === 0)
    throw new RapportError(
      'missing',
      'VOICE_ALEXA_MODEL',
      'the catalog has no category or brand with products; import the catalog first',
    );
  // A type without values is refused, and so is a slot of it.
  const types = [
    { name: slotTypes.query, values: products.map(typeValue) },
    {
      name: slotTypes.ordinal,
      values: ordinals.map(([value = '', ...synonyms], at) => ({
        id: String(at === ordinals.length - 1 ? -1 : at + 1),
        name: { value, synonyms },
      })),
    },
    ...(options.length > 0 ? [{ name: slotTypes.option, values: options.map(typeValue) }] : []),
  ];
  const custom = Object.entries(customIntents).flatMap(([name, intent]) => {
    const samples = (intents[intent] ?? []).filter((sample) => sampleAllowed.test(sample)).map(withSlotNames);
    const slots = (['query', 'ordinal', 'option'] as const)
      .filter((slot) => samples.some((sample) => sample.includes(`{${slotNames[slot]}}`)))
      .map((slot) => ({ name: slotNames[slot], type: slotTypes[slot] }));
    const isPossible = slots.every(({ type }) => types.some((each) => each.name === type));
    return isPossible && samples.length > 0 ? [{ name, slots, samples }] : [];
  });
  const builtIn = Object.keys(builtInIntents).map((name) => ({ name, samples: [] }));
  return { interactionModel: { languageModel: { invocationName, intents: [...custom, ...builtIn], types } } };
}

function typeValue({ id, value, synonyms }: VoiceWord): {
  readonly id: string;
  readonly name: { readonly value: string; readonly synonyms: readonly string[] };
} {
  return { id: id.replace(/[^\w:-]/g, '_').slice(0, 100), name: { value, synonyms } };
}

function withSlotNames(sample: string): string {
  return sample.replace(
    /\{(query|ordinal|option)\}/g,
    (_, slot: keyof typeof slotNames) => `{${slotNames[slot]}}`,
  );
}
