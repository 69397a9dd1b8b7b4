import { readFile } from 'node:fs/promises';
import { unreadable } from './unreadable.js';

/** The content of a JSON file. Rejects with an error that names the file if it is missing or no JSON. */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
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
