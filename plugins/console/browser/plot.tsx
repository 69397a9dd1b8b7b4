import type { ReportEntry } from './operations.js';

const barsMax = 12;
/** Lengths in units of the drawing. */
const [width, rowHeight, textWidth] = [600, 22, 200];
/** Characters of a query that fit beside its bar. */
const charactersMax = 28;

const shortened = (text: string): string =>
  text.length > charactersMax ? `${text.slice(0, charactersMax - 1)}…` : text;

/** Bars of the most frequent queries; the part without results is drawn apart. The table has the same figures as text. */
export function Plot({ entries }: { readonly entries: readonly ReportEntry[] }) {
  const shown = [...entries].sort((a, b) => b.searches - a.searches).slice(0, barsMax);
  const most = Math.max(1, ...shown.map(({ searches }) => searches));
  const scale = (count: number): number => (count / most) * (width - textWidth - 50);
  const first = shown[0];
  return (
    <figure>
      <svg
        class="plot"
        viewBox={`0 0 ${width} ${shown.length * rowHeight}`}
        role="img"
        aria-label={`Bar chart of ${shown.length} queries by searches${first ? `; “${first.query}” leads with ${first.searches}` : ''}. The table below has all figures.`}
      >
        {shown.map(({ query, searches, zeroResults }, index) => {
          const y = index * rowHeight;
          return (
            <g key={query}>
              <text x={textWidth - 8} y={y + 15} text-anchor="end">
                {shortened(query)}
              </text>
              <rect class="bar" x={textWidth} y={y + 3} width={scale(searches)} height={rowHeight - 6} />
              <rect class="zero" x={textWidth} y={y + 3} width={scale(zeroResults)} height={rowHeight - 6} />
              <text x={textWidth + scale(searches) + 6} y={y + 15}>
                {zeroResults > 0 ? `${searches}, ${zeroResults} without` : searches}
              </text>
            </g>
          );
        })}
      </svg>
      <figcaption>Searches by query; the red part found nothing.</figcaption>
    </figure>
  );
}
