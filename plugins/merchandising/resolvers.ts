import { RapportError, userError } from '../../src/errors.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Catalog } from '../../src/ports/catalog.js';
import type { Merchandising, Synonym, SynonymFormat } from '../../src/ports/merchandising.js';
import { createRuleResolvers } from './rules/rule-resolvers.js';
import { type ImportArgs, importSynonyms } from './synonyms/import-synonyms.js';
import { writeSynonyms } from './synonyms/synonym-files.js';
import { isLanguageTag } from './synonyms/synonym-input.js';

export function createResolvers(merchandising: Merchandising, catalog: Catalog): Resolvers {
  const rules = createRuleResolvers(merchandising.rules, catalog);
  return {
    ...rules,
    Query: {
      ...rules.Query,
      exportSynonyms(_: unknown, { format, locale }: { format: SynonymFormat; locale?: string | null }) {
        return writeSynonyms(format, synonymsOf(merchandising, locale));
      },
      synonyms: (_: unknown, { locale }: { locale?: string | null }) => synonymsOf(merchandising, locale),
    },
    Synonym: { updatedAt: (synonym: Synonym) => new Date(synonym.updatedAtMs) },
    Mutation: {
      ...rules.Mutation,
      async saveSynonym(_: unknown, { synonym }: { synonym: unknown }) {
        return merchandising.saveSynonym({ ...(synonym as object) });
      },
      saveSynonyms: (_: unknown, { synonyms }: { synonyms: readonly object[] }) =>
        merchandising.saveSynonyms(synonyms.map((synonym) => ({ ...synonym }))),
      importSynonyms: (_: unknown, args: ImportArgs) => importSynonyms(merchandising, args),
      async removeSynonym(_: unknown, { id }: { id: string }) {
        if (await merchandising.removeSynonym(id)) return { removedId: id, userErrors: [] };
        const message = `there is no synonym ${id.slice(0, 128)}`;
        return { removedId: null, userErrors: [userError('MERCHANDISING_SYNONYM_UNKNOWN', message, ['id'])] };
      },
    },
  };
}

/** The synonyms of a language, or all. */
function synonymsOf(merchandising: Merchandising, locale: string | null | undefined): readonly Synonym[] {
  if (locale === null || locale === undefined) return merchandising.allSynonyms();
  if (locale === '*') return merchandising.allSynonyms().filter((synonym) => synonym.locale === '*');
  if (!isLanguageTag(locale)) {
    throw new RapportError(
      'invalid',
      'MERCHANDISING_LOCALE_INVALID',
      `"${locale.slice(0, 40)}" is no BCP 47 language; for example "de", or "*" for those of all languages`,
    );
  }
  return merchandising.synonyms(locale);
}
