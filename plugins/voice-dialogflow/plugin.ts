import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { mountDialogflow } from './dialogflow.js';

/** Agents of Dialogflow ES and CX. */
export const voiceDialogflow = definePlugin({
  name: 'voice-dialogflow',
  provides: null,
  needs: ['voice'],
  settings: z.strictObject({
    entityType: z
      .string()
      .regex(/^[\w-]{1,30}$/, 'must be the display name of an entity type, for example "ordinal"')
      .optional()
      .describe(
        'Dialogflow ES: the entity type of the agent for ordinals. It gets the names of the products that were just said as session entities. If omitted, none are sent',
      ),
  }),
  create: ({ needs: { voice }, host, settings }) => ({
    port: null,
    routes: (router) => mountDialogflow(router, voice, host, settings.entityType),
  }),
});
