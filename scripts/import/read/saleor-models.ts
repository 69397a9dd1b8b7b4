import { isRow, type ReadRow, type Row } from './rows.js';

/** A dump has its tables in no useful order, so that it is held as a whole; a shop of this size exports its products as CSV. */
const modelsMax = 500_000;

interface Model {
  readonly pk: string;
  readonly line: number;
  readonly fields: Row;
}

/** The tables of a dump that say something of products. */
const tables = new Set([
  'product.product',
  'product.productvariant',
  'product.productvariantchannellisting',
  'product.productchannellisting',
  'product.productmedia',
  'product.category',
  'product.collection',
  'product.collectionproduct',
  'warehouse.stock',
  'warehouse.warehouse',
  'attribute.attribute',
  'attribute.attributevalue',
  'attribute.assignedproductattributevalue',
  'attribute.assignedvariantattribute',
  'attribute.assignedvariantattributevalue',
]);

/**
 * The products of a dump of Saleor's database (`{ "model": …, "pk": …, "fields": … }`), each with its variants, prices, stock, attributes and
 * pictures, in the form of Saleor's API. Rows of another form pass through. Rejects if the dump has more than 500,000 such rows.
 */
export async function* withSaleorModels(rows: AsyncIterable<ReadRow>): AsyncGenerator<ReadRow> {
  const found = new Map<string, Model[]>();
  let held = 0;
  for await (const each of rows) {
    const model = 'row' in each ? modelOf(each.line, each.row) : null;
    if (model === null) {
      yield each;
      continue;
    }
    if (!tables.has(model.table)) continue;
    if (++held > modelsMax)
      throw new Error(
        `the dump has more than ${modelsMax} rows of products; export the products as CSV instead`,
      );
    const table = found.get(model.table);
    if (table) table.push(model);
    else found.set(model.table, [model]);
  }
  if (held > 0) yield* joined(found);
}

function modelOf(line: number, row: Row): (Model & { readonly table: string }) | null {
  const { model, pk, fields } = row;
  if (typeof model !== 'string' || pk === undefined || !isRow(fields)) return null;
  return { table: model, pk: String(pk), line, fields };
}

function* joined(found: ReadonlyMap<string, readonly Model[]>): Generator<ReadRow> {
  const all = (table: string) => found.get(table) ?? [];
  const byPk = (table: string) => new Map(all(table).map(({ pk, fields }) => [pk, fields]));
  const by = (table: string, field: string) => {
    const groups = new Map<string, Model[]>();
    for (const model of all(table)) {
      const key = String(model.fields[field]);
      const group = groups.get(key);
      if (group) group.push(model);
      else groups.set(key, [model]);
    }
    return groups;
  };
  const [attributes, values, warehouses, categories, collections] = [
    byPk('attribute.attribute'),
    byPk('attribute.attributevalue'),
    byPk('warehouse.warehouse'),
    byPk('product.category'),
    byPk('product.collection'),
  ];
  const variantsOf = by('product.productvariant', 'product');
  const pricesOf = by('product.productvariantchannellisting', 'variant');
  const stocksOf = by('warehouse.stock', 'product_variant');
  const listingsOf = by('product.productchannellisting', 'product');
  const mediaOf = by('product.productmedia', 'product');
  const collectionsOf = by('product.collectionproduct', 'product');
  const valuesOfProduct = by('attribute.assignedproductattributevalue', 'product');
  const assignmentsOf = by('attribute.assignedvariantattribute', 'variant');
  const valuesOfAssignment = by('attribute.assignedvariantattributevalue', 'assignment');

  const attributesOf = (assigned: readonly Model[] = []) =>
    assigned.flatMap(({ fields }) => {
      const value = values.get(String(fields.value));
      const attribute = value && attributes.get(String(value.attribute));
      return value && attribute ? [{ name: attribute.name, value: value.name }] : [];
    });
  const pathOf = (pk: unknown): string[] => {
    const category = categories.get(String(pk));
    return category ? [...pathOf(category.parent), String(category.name)] : [];
  };

  for (const { pk, line, fields } of all('product.product')) {
    const listings = listingsOf.get(pk) ?? [];
    yield {
      line,
      row: {
        ...fields,
        id: pk,
        description: JSON.stringify(fields.description ?? ''),
        categoryPath: pathOf(fields.category).join('>'),
        collections: (collectionsOf.get(pk) ?? []).map(
          (each) => collections.get(String(each.fields.collection))?.name,
        ),
        published: listings.length === 0 || listings.some((each) => each.fields.is_published === true),
        attributes: attributesOf(valuesOfProduct.get(pk)),
        media: (mediaOf.get(pk) ?? []).map((each) => ({
          url: each.fields.image || each.fields.external_url,
          alt: each.fields.alt,
        })),
        variants: (variantsOf.get(pk) ?? []).map((variant) => ({
          ...variant.fields,
          id: variant.pk,
          trackInventory: variant.fields.track_inventory,
          attributes: (assignmentsOf.get(variant.pk) ?? []).flatMap((each) =>
            attributesOf(valuesOfAssignment.get(each.pk)),
          ),
          channelListings: (pricesOf.get(variant.pk) ?? []).map((each) => ({
            amount: each.fields.price_amount,
            discounted: each.fields.discounted_price_amount,
            currency: each.fields.currency,
          })),
          stocks: (stocksOf.get(variant.pk) ?? []).map((each) => ({
            warehouse: warehouses.get(String(each.fields.warehouse))?.slug,
            quantity: each.fields.quantity,
          })),
        })),
      },
    };
  }
}
