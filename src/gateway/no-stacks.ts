import type { ServerResponse } from 'node:http';

/**
 * Runs `answer`, an adapter that answers its own failures with their stacks as text, and rejects with what it would have told instead, so that
 * nothing of it is sent.
 */
export async function withoutStacks(response: ServerResponse, answer: () => Promise<unknown>): Promise<void> {
  const { writeHead, write, end } = response;
  let told: string | null = null;
  response.writeHead = new Proxy(writeHead, {
    apply(head, self, args) {
      if (Number(args[0]) < 500 || contentTypeOf(response, args).startsWith('application/'))
        return Reflect.apply(head, self, args);
      told = '';
      response.write = (text: unknown) => {
        told += String(text);
        return true;
      };
      response.end = () => response;
      return response;
    },
  });
  await answer();
  Object.assign(response, { writeHead, write, end });
  if (told !== null) throw new Error(`an adapter failed: ${told}`);
}

/** The content type of a response: as it was set before, or as it is given to `writeHead` with these arguments. */
function contentTypeOf(response: ServerResponse, args: readonly unknown[]): string {
  const given = args.find((arg) => typeof arg === 'object' && arg !== null) ?? {};
  const own = Object.entries(given).find(([name]) => name.toLowerCase() === 'content-type');
  return String(own?.[1] ?? response.getHeader('content-type'));
}
