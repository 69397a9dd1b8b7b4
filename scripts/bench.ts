import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Command } from 'commander';
import { answerDriversRow, answerRow } from './bench/answer.js';
import { ingestionRows } from './bench/ingestion.js';
import type { BenchResult, BenchRow } from './bench/measure.js';
import { overloadRow } from './bench/overload.js';
import { predictionsRow } from './bench/predictions.js';
import { searchBench } from './bench/search.js';
import { startRow } from './bench/start.js';
import { storeDriverRows, storeRow } from './bench/store.js';
import { variantRows } from './bench/variants.js';

/** Each beside something known, measured in the same run; see scripts/bench/measure.ts. */
const rows: readonly BenchRow[] = [
  predictionsRow(),
  answerRow,
  overloadRow,
  ...ingestionRows,
  startRow,
  ...variantRows,
  searchBench,
  storeRow,
  answerDriversRow,
  ...storeDriverRows,
];
const isLeftOut = ({ servers = [] }: BenchRow) => servers.some((variable) => !process.env[variable]);

const options = new Command('bench')
  .description('Measures Rapport beside known software and prints ratios.')
  .option('--json <file>', 'write the table as JSON')
  .option('--only <word>', 'only the rows whose name holds this word')
  .parse()
  .opts<{ json?: string; only?: string }>();

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`;
const results: { readonly row: BenchRow; readonly result: BenchResult }[] = [];
const asked = rows.filter(({ name }) => !options.only || name.includes(options.only));
for (const row of asked.filter((row) => !isLeftOut(row))) {
  process.stderr.write(`${row.name} …\n`);
  const result = await row.run((line) => process.stderr.write(`  ${line}\n`));
  results.push({ row, result });
  process.stderr.write(`  ${(result.oursMicros / result.theirsMicros).toFixed(3)} × ${row.against}\n`);
}

console.log(`\nMeasured on ${machine}; CPU time per operation, both sides in turns, median.\n`);
console.log('| what | ours µs | against | theirs µs | ours ÷ theirs | goal |');
console.log('| --- | ---: | --- | ---: | ---: | --- |');
for (const { row, result } of results) {
  const ratio = (result.oursMicros / result.theirsMicros).toFixed(3);
  console.log(
    `| ${row.name} | ${result.oursMicros.toFixed(1)} | ${row.against} | ${result.theirsMicros.toFixed(1)} | ${ratio} | ${row.goal} |`,
  );
}
for (const { row, result } of results) {
  const details = Object.entries(result.details).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`,
  );
  if (details.length > 0) console.log(`\n${row.name}: ${details.join(' · ')}`);
}
for (const { name, servers } of asked.filter(isLeftOut)) {
  console.log(
    `\nLeft out: ${name}. It needs ${servers?.join(' and ')}; with the servers that can be had here:`,
  );
  console.log(`  npx tsx test/support/with-servers.ts node dist/scripts/bench.js --only '${name}'`);
}
if (options.json) {
  const table = results.map(({ row, result }) => ({
    name: row.name,
    against: row.against,
    goal: row.goal,
    ratio: result.oursMicros / result.theirsMicros,
    ...result,
  }));
  writeFileSync(options.json, `${JSON.stringify({ machine, rows: table }, null, 2)}\n`);
}
