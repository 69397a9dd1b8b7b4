import { Command, InvalidArgumentError, Option } from 'commander';
import { isCurrency } from '../../src/money.js';
import { systems } from './mappings/index.js';

/** A number of rows, or a share of them. */
export interface Limit {
  readonly text: string;
  /** True if so many of all are more than the limit. */
  isExceeded(count: number, all: number): boolean;
}

export interface Options {
  readonly from?: string;
  readonly map?: string;
  readonly currency?: string;
  readonly encoding?: string;
  readonly imageBase?: string;
  readonly dryRun?: boolean;
  readonly maxRejected?: Limit;
  readonly rejects?: string;
  readonly warnings?: string;
  readonly url?: string;
  readonly key?: string;
}

/** What a scheduled job can rely on. */
export const exitCodes = {
  complete: 0,
  rejected: 1,
  nothingSaved: 2,
  stopped: 3,
} as const;

export function importCommand(run: (file: string, options: Options) => Promise<void>): Command {
  return new Command('import')
    .description(
      'Imports products from CSV, JSON lines, one JSON document or XML, plain or gzip, into the catalog. The format and the encoding are detected.',
    )
    .argument('<file>', 'the products; - reads standard input')
    .addOption(new Option('--from <system>', 'the system that wrote the file').choices(systems))
    .option('--map <mapping.json>', 'which field is what, for other files; see scripts/import/README.md')
    .option('--currency <code>', 'the currency of prices that name none, for example EUR', currency)
    .option(
      '--encoding <name>',
      'the encoding of the file, for example windows-1252; if omitted, it is detected',
    )
    .option('--image-base <url>', 'put before addresses of images that are not absolute')
    .option('--dry-run', 'read and check everything, and save nothing')
    .option(
      '--max-rejected <n>',
      'the number (20) or share (5%) of rows that may be rejected; if there are more, nothing is saved',
      limit,
    )
    .option('--rejects <file>', 'write the rejected rows there, as JSON lines with their reasons')
    .option('--warnings <file>', 'write each detail that was not kept there, as JSON lines')
    .option('--url <url>', 'import through the gateway running there instead of the data directory')
    .option('--key <key>', 'a SERVER key of that gateway')
    .addHelpText(
      'after',
      `
Exit codes:
  0  complete; no row was rejected, or no more than --max-rejected
  1  complete, but rows were rejected; the others are saved
  2  nothing was saved: the options, the file or the mapping is not usable, or --max-rejected is exceeded
  3  stopped on the way; products before that are saved, and the import can be run again

Examples:
  npm run import -- products_export.csv --from shopify --currency EUR
  npm run import -- feed.xml --from google --dry-run
  curl -s https://shop.example/feed.tsv | npm run import -- - --from google --max-rejected 2%
  npm run import -- erp.csv --map mapping.json --url http://localhost:4000 --key SERVER_KEY`,
    )
    .showHelpAfterError('See --help for the options.')
    .action(run);
}

/** Throws an InvalidArgumentError that names the value and what is allowed. */
export function limit(text: string): Limit {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const number = Number(match?.[1]);
  if (!match || (match[2] === '%' ? number > 100 : !Number.isInteger(number)))
    throw new InvalidArgumentError('It must be a number of rows, such as 20, or a share, such as 5%.');
  const isShare = match[2] === '%';
  return { text, isExceeded: (count, all) => count > (isShare ? (all * number) / 100 : number) };
}

function currency(text: string): string {
  const code = text.toUpperCase();
  if (isCurrency(code)) return code;
  throw new InvalidArgumentError('It must be an ISO 4217 currency code, such as EUR.');
}
