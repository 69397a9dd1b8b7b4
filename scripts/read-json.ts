import { readFile } from 'node:fs/promises';

/** What a file of JSON holds. Throws an error that names the file where it is missing or no JSON. */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(`there is no file ${path}`);
    throw error;
  }
  return parseJson(text, path);
}

/** Throws an error that names where the text is from. */
export function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`${from} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
