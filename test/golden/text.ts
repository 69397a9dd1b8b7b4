import type { Recommendation, RecommendationList } from '../../src/ports/recommendations.js';

/** A list as a person reads it: one product a line with its true reasons, then what was left out and why. */
export function textOfList({ items, omitted, personalized }: RecommendationList): string {
  const reasons = [...new Set(omitted.map(({ reason }) => reason))];
  return [
    personalized ? 'personalized' : 'for everybody',
    ...items.map(textOfItem),
    ...reasons.map((reason) => {
      const ids = omitted.filter((each) => each.reason === reason).map(({ product }) => product.id);
      return `  left out, ${reason}: ${ids.join(', ')}`;
    }),
  ].join('\n');
}

function textOfItem({ product, reasons, expected }: Recommendation): string {
  const causes = reasons.map(({ code, text, because }) =>
    because === null ? text : `${code} ${because.id}`,
  );
  const due = expected === null ? [] : [`expected ${new Date(expected.atMs).toISOString().slice(0, 10)}`];
  return `  ${product.id} (${[...causes, ...due].join('; ')})`;
}
