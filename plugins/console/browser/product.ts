/** A product of a list. */
export interface Product {
  readonly id: string;
  readonly sku: string | null;
  readonly title: string;
  readonly brand: string | null;
  readonly inStock: boolean;
  readonly price: { readonly amount: string; readonly currency: string } | null;
  readonly categories: readonly Category[];
}

export interface Category {
  readonly id: string;
  readonly name: string;
  readonly parent: Category | null;
}

export const productFields = `id sku title brand inStock price { amount currency }
  categories { id name parent { id name parent { id name parent { id name } } } }`;

/** Ids of the categories of a product and of those above them, up to four levels. */
export function categoryIdsOf({ categories }: Product): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const category of categories)
    for (let each: Category | null | undefined = category; each; each = each.parent) ids.add(each.id);
  return ids;
}

/** The names of a category and of those above it, highest first. */
export function categoryPath({ name, parent }: Category): string {
  return parent ? `${categoryPath(parent)} › ${name}` : name;
}
