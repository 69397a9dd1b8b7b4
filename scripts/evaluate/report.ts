import type { Evaluation } from './evaluation.js';
import { publishedRows } from './published.js';

/** One evaluation as Markdown: the published rows, ours, and the details. */
export function toMarkdown(evaluation: Evaluation): string {
  const names = Object.keys(evaluation.metrics);
  const digits = evaluation.task === 'sessions' ? 2 : 4;
  const cell = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(digits));
  const published = publishedRows(evaluation.dataset);
  const rows = [
    `### ${evaluation.task}: ${evaluation.dataset}`,
    '',
    `| method | ${names.join(' | ')} | µs per query |`,
    `| --- |${' ---: |'.repeat(names.length + 1)}`,
    ...published.map(
      ({ method, metrics }) => `| ${method} | ${names.map((name) => cell(metrics[name])).join(' | ')} | |`,
    ),
    `| **Rapport** | ${names.map((name) => `**${cell(evaluation.metrics[name])}**`).join(' | ')} | ${evaluation.microsecondsPerQuery.toFixed(0)} |`,
    '',
  ];
  if (published.length > 0) rows.push('Published rows as recalled from the papers.', '');
  rows.push('| detail | |', '| --- | ---: |');
  for (const [name, value] of Object.entries(evaluation.details)) {
    rows.push(`| ${name} | ${typeof value === 'number' ? short(value) : value} |`);
  }
  return `${rows.join('\n')}\n`;
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
