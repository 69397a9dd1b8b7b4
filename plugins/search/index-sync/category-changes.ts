import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Catalog, Category } from '../../../src/ports/catalog.js';

const productsPerUpdate = 100;
const pauseMs = 1;

/** Updates the products of categories that were renamed or moved, so that they are found by the new names. */
export function createCategoryChanges(
  catalog: Catalog,
  host: Host,
  update: (ids: readonly string[]) => Promise<void>,
) {
  let categories: readonly Category[] = [];
  let updating: Promise<void> = Promise.resolve();
  let stopped = false;

  async function updateProducts(before: readonly Category[], after: readonly Category[]): Promise<void> {
    const known = new Set(before);
    const changed = new Set(
      after.flatMap((category) => (known.has(category) ? [] : catalog.descendants(category.id))),
    );
    if (changed.size === 0 || before.length === 0) return;
    for await (const page of catalog.scan()) {
      const ids = page
        .filter(({ categoryIds }) => categoryIds.some((id) => changed.has(id)))
        .map(({ id }) => id);
      for (let i = 0; i < ids.length && !stopped; i += productsPerUpdate) {
        await update(ids.slice(i, i + productsPerUpdate));
        await new Promise<void>((resolve) => host.clock.after(pauseMs, resolve));
      }
      if (stopped) return;
    }
  }

  return {
    /** Begins an update in the background if the categories have changed since the last call. */
    check(): void {
      const now = catalog.categories();
      if (now === categories) return;
      const before = categories;
      categories = now;
      updating = updating
        .then(() => updateProducts(before, now))
        .catch((error: unknown) =>
          host.log.warn('products of changed categories could not be updated in the index', {
            err: describeError(error),
          }),
        );
    },
    start(): void {
      categories = catalog.categories();
    },
    stop(): void {
      stopped = true;
    },
  };
}
