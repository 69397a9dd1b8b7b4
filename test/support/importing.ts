import { Readable } from 'node:stream';
import { type ImportSummary, importRows } from '../../scripts/import/import-rows.js';
import type { Loss } from '../../scripts/import/imported-product.js';
import { type MappingInput, parseMapping } from '../../scripts/import/mapping/mapping.js';
import { mappingOf, requiredPlaces } from '../../scripts/import/mappings/index.js';
import type { ProductInput } from '../../scripts/import/product-input.js';
import { openInput } from '../../scripts/import/read/input.js';
import { detectFormat, readRows } from '../../scripts/import/read/read-rows.js';
import type { Rejected } from '../../scripts/import/report.js';
import { dryTarget } from '../../scripts/import/targets.js';

export interface Imported {
  /** The inputs that the catalog would take, by product id. */
  readonly products: ReadonlyMap<string, ProductInput>;
  readonly sum: ImportSummary;
  readonly losses: readonly Loss[];
  readonly rejected: readonly Rejected[];
}

/** Imports a text without saving it: `from` is the name of a system, or a mapping. */
export async function imported(
  text: string | readonly string[],
  from: string | MappingInput,
  currency?: string,
): Promise<Imported> {
  const content = typeof text === 'string' ? text : `${text.join('\n')}\n`;
  const input = await openInput('-', Readable.from([Buffer.from(content)]));
  const products = new Map<string, ProductInput>();
  const losses: Loss[] = [];
  const rejected: Rejected[] = [];
  try {
    const mapping =
      typeof from === 'string' ? mappingOf(from, await detectFormat(input)) : parseMapping(from);
    const sum = await importRows(() => readRows(input, { list: mapping.list, element: mapping.element }), {
      mapping,
      ...(typeof from === 'string' ? { required: requiredPlaces(false) } : {}),
      ...(currency === undefined ? {} : { currency }),
      target: {
        ...dryTarget,
        async save(inputs) {
          const outcome = await dryTarget.save(inputs);
          const refused = new Set(outcome.userErrors.map(({ path }) => Number(path[1])));
          for (const [at, each] of inputs.entries()) if (!refused.has(at)) products.set(each.id, each);
          return outcome;
        },
      },
      onLoss: (loss) => losses.push(loss),
      onRejected: (each) => rejected.push(each),
    });
    return { products, sum, losses, rejected };
  } finally {
    await input.close();
  }
}
