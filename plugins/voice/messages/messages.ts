import { createMessages } from '../../../src/kit/messages.js';
import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { it } from './it.js';

/** The messages of a locale; English where there are none in its language. */
export const messagesOf = createMessages({ en, de, fr, es, it }, 'en');
