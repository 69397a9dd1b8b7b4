import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** A file of lines that is written from its beginning. */
export interface Output {
  writeLine(line: string): void;
  /** Rejects if the file could not be written as a whole. */
  close(): Promise<void>;
}

/** Opens a file in place of one that is there. Rejects if it cannot be written, for example because its directory is missing. */
export async function openOutput(path: string, options: { readonly mode?: number } = {}): Promise<Output> {
  const file = createWriteStream(path, options);
  let failure: Error | null = null;
  file.on('error', (error) => {
    failure ??= new Error(`${path} cannot be written: ${error.message}`, { cause: error });
  });
  await once(file, 'open').catch(() => {
    throw failure;
  });
  return {
    writeLine: (line) => void file.write(`${line}\n`),
    async close() {
      await new Promise<void>((resolve) => file.end(() => resolve()));
      if (failure !== null) throw failure;
    },
  };
}
