import { languageOf } from '../../../src/kit/language-of.js';
import type { VoiceUtterances } from '../../../src/ports/voice.js';
import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { it } from './it.js';

const byLanguage: Readonly<Record<string, VoiceUtterances>> = { en, de, fr, es, it };

/** English where there are no others. */
export function utterancesOf(locale: string): VoiceUtterances {
  const language = languageOf(locale);
  return Object.hasOwn(byLanguage, language) ? byLanguage[language]! : en;
}
