import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** What helmet sets: it is asked once, as nothing of it depends on a request. */
const headers = headersOf(
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  }),
);

/** Sets the headers of every response. Pages that need another policy set their own. */
export function secure(response: ServerResponse): void {
  for (const [name, value] of headers) response.setHeader(name, value);
}

function headersOf(set: ReturnType<typeof helmet>): readonly (readonly [name: string, value: string])[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  set(request, response, (error) => {
    if (error) throw error;
  });
  return response.getHeaderNames().map((name) => [name, String(response.getHeader(name))]);
}
