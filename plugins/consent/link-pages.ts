import type { ServerResponse } from 'node:http';
import type { Messages } from '../../src/kit/messages.js';
import type { Edge, Router } from '../../src/plugin.js';
import { type LinkMessage, linkMessages } from './link-messages.js';
import type { ConsentLink } from './links.js';

/** `List-Unsubscribe=One-Click` in a form, with room for what clients put around it. */
const bodyBytesMax = 10_000;

/** The result of following a link. */
export type Followed = 'done' | 'outdated';

/**
 * Mounts the pages of links. Scanners of mail follow every link, so GET shows a page with a button and changes nothing; POST acts. A mail client posts
 * `List-Unsubscribe=One-Click` by itself (RFC 8058), and gets no redirect.
 */
export function mountLinks(
  router: Router,
  links: {
    read(token: string): ConsentLink | null;
    follow(link: ConsentLink): Promise<Followed>;
  },
): void {
  for (const kind of ['unsubscribe', 'confirm'] as const) {
    const linkOf = (edge: Edge): ConsentLink | null => {
      const link = links.read(edge.params.token ?? '');
      return link?.kind === kind ? link : null;
    };
    router.route('GET', `/consent/${kind}/:token`, async (_, response, edge) => {
      edge.charge(1);
      const link = linkOf(edge);
      if (link === null) return sendInvalid(response);
      const messages = linkMessages(link.locale);
      const { purpose } = link;
      send(response, 200, messages, `${kind}.title`, [
        `<p>${escaped(messages.say(`${kind}.question`, { purpose }))}</p>`,
        '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">',
        `<button>${escaped(messages.say(`${kind}.button`))}</button></form>`,
      ]);
    });
    router.route('POST', `/consent/${kind}/:token`, async (_, response, edge) => {
      await edge.body(bodyBytesMax);
      const link = linkOf(edge);
      if (link === null) return sendInvalid(response);
      const messages = linkMessages(link.locale);
      const followed = await links.follow(link);
      const isDone = followed === 'done';
      send(response, isDone ? 200 : 410, messages, `${kind}.title`, [
        `<p>${escaped(messages.say(isDone ? `${kind}.done` : 'outdated'))}</p>`,
      ]);
    });
  }
}

function sendInvalid(response: ServerResponse): void {
  const messages = linkMessages('en');
  send(response, 404, messages, 'unsubscribe.title', [`<p>${escaped(messages.say('invalid'))}</p>`]);
}

function send(
  response: ServerResponse,
  status: number,
  messages: Messages<LinkMessage>,
  title: LinkMessage,
  body: readonly string[],
): void {
  const heading = escaped(messages.say(title));
  const page = [
    `<!doctype html><html lang="${messages.language}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">',
    `<title>${heading}</title></head><body><main><h1>${heading}</h1>`,
    ...body,
    '</main></body></html>\n',
  ].join('\n');
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(page),
    'cache-control': 'no-store',
    // The address is the right to act, so it goes to nobody else.
    'referrer-policy': 'no-referrer',
    'content-security-policy':
      "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  });
  response.end(page);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
