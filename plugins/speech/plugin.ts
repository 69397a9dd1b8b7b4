import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { createSpeechWriter } from './speech.js';

/** Says products aloud, in SSML and in plain text. */
export const speech = definePlugin({
  name: 'speech',
  provides: 'speech',
  needs: [],
  settings: z.strictObject({}),
  create: () => ({ port: createSpeechWriter() }),
});
