/**
 * Which drivers a contract runs over. The embedded one always; the others when `DRIVERS=` names them
 * (`DRIVERS=mongodb,bull,meilisearch`), each with the variable that says where its server is.
 */
export interface DriverChoice {
  readonly name: string;
  /** The variable that holds its server's URL; null for the embedded one. */
  readonly url: string | null;
}

const known: readonly DriverChoice[] = [
  { name: 'embedded', url: null },
  { name: 'mongodb', url: 'MONGODB_URL' },
  { name: 'bull', url: 'REDIS_URL' },
  { name: 'meilisearch', url: 'MEILISEARCH_URL' },
];

const asked = new Set(
  (process.env.DRIVERS ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
);

for (const name of asked) {
  if (!known.some((driver) => driver.name === name)) {
    throw new Error(`DRIVERS names "${name}"; there are ${known.map((driver) => driver.name).join(', ')}`);
  }
}

/**
 * Describes a contract once for each driver: asked for, it runs, and fails where its server is not reached; not
 * asked for, it is pending, with the command that would run it in its title.
 */
export function describeDrivers(
  contract: string,
  drivers: readonly string[],
  suite: (driver: string, url: string | null) => void,
): void {
  for (const name of drivers) {
    const driver = known.find((candidate) => candidate.name === name);
    if (!driver) throw new Error(`no driver is called ${name}`);
    if (driver.url === null) {
      describe(`${contract} on the embedded driver`, () => suite(name, null));
      continue;
    }
    const url = process.env[driver.url];
    const title = `${contract} on ${name}`;
    if (!asked.has(name)) {
      it(`${title}: DRIVERS=${name} ${driver.url}=… npx mocha -f "${contract} on ${name}"`);
    } else if (!url) {
      it(title, () => {
        throw new Error(`DRIVERS asks for ${name}; ${driver.url} must say where its server is`);
      });
    } else describe(title, () => suite(name, url));
  }
}
