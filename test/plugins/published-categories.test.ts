import { expect } from 'chai';
import { createCategoryTree } from '../../plugins/catalog/categories.js';
import type { CategoryDocument } from '../../plugins/catalog/documents.js';
import { createPublishedCategories } from '../../plugins/catalog/published-categories.js';

describe('the published categories', () => {
  const saved = (id: string, parentId: string | null): CategoryDocument => ({
    id,
    name: id,
    parentId,
    translations: {},
  });
  const tree = createCategoryTree();
  const published = createPublishedCategories(tree);
  const shown = (): string[] => tree.all().flatMap(({ id }) => (published.has(id) ? [id] : []));
  const rows: readonly CategoryDocument[] = [
    saved('root', null),
    saved('sold', 'root'),
    saved('new', 'root'),
    saved('launch', 'root'),
    saved('launch-empty', 'launch'),
    saved('launch-emptier', 'launch-empty'),
  ];

  it('are not those that have drafts only, whatever empty ones stand below', () => {
    for (const row of rows) tree.set(row);
    published.count(['sold'], true, 1);
    published.count(['launch'], false, 1);
    expect(shown()).to.have.members(['root', 'sold', 'new']);
  });

  it('are all of them once a product below is on sale', () => {
    published.count(['launch-emptier'], true, 1);
    expect(shown()).to.have.members(rows.map(({ id }) => id));
  });
});
