import { type Mapping, type MappingInput, parseMapping } from '../mapping/mapping.js';
import type { Format } from '../read/format.js';
import { akeneo } from './akeneo.js';
import { bigcommerce } from './bigcommerce.js';
import { bmecat } from './bmecat.js';
import { commercetoolsCsv, commercetoolsJson } from './commercetools.js';
import { google, meta } from './feeds.js';
import { magento } from './magento.js';
import { medusa } from './medusa.js';
import { saleorCsv, saleorJson } from './saleor.js';
import { shopifyJson, woocommerceJson } from './shop-apis.js';
import { shopify } from './shopify.js';
import { vendure } from './vendure.js';
import { woocommerce } from './woocommerce.js';

type Kind = 'csv' | 'json' | 'xml';

/** The mapping of each system, by the kind of file. */
export const mappings: Readonly<Record<string, Partial<Record<Kind, MappingInput>>>> = {
  shopify: { csv: shopify, json: shopifyJson },
  woocommerce: { csv: woocommerce, json: woocommerceJson },
  magento: { csv: magento },
  bigcommerce: { csv: bigcommerce },
  google: { csv: google, xml: google, json: google },
  meta: { csv: meta, xml: meta, json: meta },
  vendure: { csv: vendure },
  medusa: { csv: medusa },
  saleor: { csv: saleorCsv, json: saleorJson },
  commercetools: { csv: commercetoolsCsv, json: commercetoolsJson },
  akeneo: { csv: akeneo },
  bmecat: { xml: bmecat },
};

export const systems: readonly string[] = Object.keys(mappings);

/** Places of a mapping whose fields a file must have to be an export of the system at all. */
export function requiredPlaces(isUpdate: boolean): readonly string[] {
  return isUpdate ? ['id'] : ['id', 'title'];
}

const kindNames: Readonly<Record<Kind, string>> = { csv: 'CSV', json: 'JSON', xml: 'XML' };

/** The mapping of a system's export in this format. Throws an Error if the system has no export in it. */
export function mappingOf(system: string, format: Format): Mapping {
  const known = Object.hasOwn(mappings, system) ? mappings[system] : undefined;
  if (known === undefined)
    throw new Error(
      `--from ${system} is not known; it must be ${systems.join(', ')}, or use --map with a mapping of your own`,
    );
  const kind = format === 'json-lines' ? 'json' : format;
  const mapping = known[kind];
  if (mapping !== undefined) return parseMapping(mapping);
  const read = (['csv', 'json', 'xml'] as const).filter((each) => known[each] !== undefined);
  throw new Error(
    `--from ${system} reads ${read.map((each) => kindNames[each]).join(' and ')}, and the file is ${kindNames[kind]}; use --map with a mapping of your own`,
  );
}
