import { Command, InvalidArgumentError, Option } from 'commander';
import { isCurrency } from '../../src/money.js';
import { type Limit, limit } from './limit.js';
import type { PruneKind } from './listing.js';
import { systems } from './mappings/index.js';
import { type UpdateField, updateFields } from './product-patch.js';

export interface Options {
  readonly from?: string;
  readonly map?: string;
  readonly currency?: string;
  readonly encoding?: string;
  readonly imageBase?: string;
  readonly dryRun?: boolean;
  readonly maxRejected?: Limit;
  readonly update?: ReadonlySet<UpdateField>;
  readonly prune?: PruneKind;
  readonly pruneMax: Limit;
  readonly state?: string;
  readonly rejects?: string;
  readonly warnings?: string;
  readonly url?: string;
  readonly key?: string;
}

/** The exit codes; scheduled jobs rely on them. */
export const exitCodes = {
  complete: 0,
  rejected: 1,
  nothingSaved: 2,
  stopped: 3,
  pruneRefused: 4,
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
    .option(
      '--update <fields>',
      `change only these fields, of products that are in the catalog: ${Object.keys(updateFields).join(',')}`,
      fields,
    )
    .addOption(
      new Option(
        '--prune <how>',
        'archive or remove products that this source listed before and lists no more',
      ).choices(['archive', 'remove']),
    )
    .option('--state <file>', 'the file that keeps the products of this source for --prune')
    .addOption(
      new Option('--prune-max <n>', 'prune nothing if it would be more than this number or share')
        .argParser(limit)
        .default(limit('10%'), '10%'),
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
  1  complete, but rows were rejected; the others are saved, and nothing was pruned
  2  nothing was saved: the options, the file or the mapping is not usable, or --max-rejected is exceeded
  3  stopped on the way; products before that are saved, and the import can be run again
  4  complete, but nothing was pruned: it would have been more than --prune-max, or rows could not be identified

Examples:
  npm run import -- products_export.csv --from shopify --currency EUR
  npm run import -- feed.xml --from google --dry-run
  curl -s https://shop.example/feed.tsv | npm run import -- - --from google --max-rejected 2%
  npm run import -- erp.csv --map mapping.json --url http://localhost:4000 --key SERVER_KEY
  npm run import -- prices.csv --map prices.json --update prices
  npm run import -- feed.tsv --from google --prune archive --state feed.state --prune-max 5%`,
    )
    .showHelpAfterError('See --help for the options.')
    .action(run);
}

function fields(text: string): ReadonlySet<UpdateField> {
  const known = Object.keys(updateFields);
  const named = text.split(',').map((field) => field.trim());
  const unknown = named.find((field) => !Object.hasOwn(updateFields, field));
  if (unknown === undefined) return new Set(named.filter((field) => isUpdateField(field)));
  throw new InvalidArgumentError(`There is no field "${unknown}"; there are ${known.join(', ')}.`);
}

function isUpdateField(field: string): field is UpdateField {
  return Object.hasOwn(updateFields, field);
}

function currency(text: string): string {
  const code = text.toUpperCase();
  if (isCurrency(code)) return code;
  throw new InvalidArgumentError('It must be an ISO 4217 currency code, such as EUR.');
}
