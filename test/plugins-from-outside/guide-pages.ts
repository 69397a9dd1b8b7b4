import { definePlugin } from 'rapport/plugin.js';

/** The shop's buying guides: the query that opens each, and the product that it recommends. */
const guides = [
  { title: 'lamp buying guide', productId: 'p03' },
  { title: 'lamps for reading', productId: 'p07' },
  { title: 'desk setup guide', productId: null },
];

/** Suggests buying guides, and the products that they recommend, while a shopper types. */
export const plugin = definePlugin({
  name: 'guide-pages',
  provides: null,
  needs: [],
  compatibility: '^1.0.0',
  create: () => ({
    port: null,
    contributes: {
      suggestionSource: [
        {
          name: 'buying guides',
          deadlineMs: 50,
          suggest: ({ prefix }) =>
            guides
              .filter(({ title }) => title.startsWith(prefix))
              .flatMap(({ title, productId }) => [
                { text: title, kind: 'QUERY' as const, id: null },
                ...(productId === null ? [] : [{ text: title, kind: 'PRODUCT' as const, id: productId }]),
              ]),
        },
      ],
    },
  }),
});
