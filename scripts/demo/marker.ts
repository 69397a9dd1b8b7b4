import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Its presence says that a data directory holds the demo shop. */
const fileName = 'DEMO-SHOP';

const text = `This data directory holds Rapport's demo shop.
Its shoppers have consented under session ids that everybody knows, so Rapport does not start on it outside development mode.
Delete this file to use the directory nevertheless.
`;

/** Marks an embedded data directory before the demo shop is seeded into it, so that a seed that stops half-way leaves the mark. */
export function markDemoShop(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, fileName), text);
}

/** Marks what was copied from a marked directory: a backup, or what is restored from it. */
export function copyDemoMark(from: string, to: string): void {
  const file = join(from, fileName);
  if (existsSync(file)) copyFileSync(file, join(to, fileName));
}

/** Throws an Error that names the directory and what to do, if it holds the demo shop. */
export function refuseDemoShop(dataDir: string): void {
  const file = join(dataDir, fileName);
  if (!existsSync(file)) return;
  throw new Error(
    `the data directory "${dataDir}" holds the demo shop, whose shoppers consented under session ids that everybody knows; ` +
      `set RAPPORT_DATA_DIR to another directory, or start in development mode (npm start). To use it nevertheless, delete the file ${file}`,
  );
}
