import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** Fonts that every viewer has something like; one size; no boxes. */
const config: TopLevelSpec['config'] = {
  background: 'white',
  font: 'Helvetica, Arial, sans-serif',
  view: { stroke: null },
  title: { anchor: 'start', fontSize: 15, subtitleFontSize: 12, subtitleColor: '#475569', offset: 14 },
  axis: {
    labelFlush: false,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    labelLimit: 340,
    gridColor: '#e2e8f0',
  },
  legend: { labelFontSize: 12, title: null, labelLimit: 340 },
  header: { labelFontSize: 13, title: null, labelFontWeight: 'bold' },
  padding: 14,
};

/** A vega-lite specification as an SVG document. No browser, no network: give the data in the specification. */
export async function toSvg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile({ ...spec, config: { ...config, ...spec.config } }).spec), {
    renderer: 'none',
  });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
