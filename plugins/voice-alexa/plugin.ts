import type { X509Certificate } from 'node:crypto';
import { definePlugin, type Plugin } from '../../src/plugin.js';
import { mountAlexa } from './alexa.js';
import { createCatalogWords } from './catalog-words.js';
import { trustedRoots } from './certificates.js';
import { interactionModel } from './interaction-model.js';
import { alexaSettings } from './settings.js';
import { createSignerCache, type FetchChain, fetchOverHttps } from './signer-cache.js';

/** Alexa skills. `options`: certificates from elsewhere than Amazon, for tests. */
export function createVoiceAlexa(
  options: { readonly fetchChain?: FetchChain; readonly roots?: () => readonly X509Certificate[] } = {},
): Plugin {
  return definePlugin({
    name: 'voice-alexa',
    provides: null,
    needs: ['voice'],
    settings: alexaSettings,
    create({ needs: { voice }, host, settings }) {
      const { fetchChain = fetchOverHttps, roots = trustedRoots } = options;
      const signers = createSignerCache(host, fetchChain, roots);
      const words = createCatalogWords(voice, host);
      return {
        port: null,
        routes: (router) => mountAlexa(router, { voice, host, settings, signers, words }),
        resolvers: {
          Query: {
            alexaInteractionModel: async (
              _: unknown,
              { locale, invocationName }: { locale: string; invocationName: string },
            ) => interactionModel(invocationName, voice.utterances(locale), await voice.vocabulary(locale)),
          },
        },
      };
    },
  });
}

export const voiceAlexa = createVoiceAlexa();
