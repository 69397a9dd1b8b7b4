import { open } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serve } from './servers.js';

/** The anchor: the least that may call itself durable ingestion. Parses, appends, and flushes once for all who wait. */
const file = await open(join(process.env.BENCH_DIRECTORY!, 'theirs'), 'a');
let waiting: { readonly line: Buffer; readonly response: ServerResponse; readonly events: number }[] = [];
let writing = false;

async function drain(): Promise<void> {
  writing = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await file.appendFile(Buffer.concat(group.map(({ line }) => line)));
    await file.datasync();
    for (const { response, events } of group) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"success":true,"accepted":${events}}`);
    }
  }
  writing = false;
}

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const line = Buffer.concat(parts);
    const body = JSON.parse(line.toString()) as { readonly batch?: readonly unknown[] };
    waiting.push({ line, response, events: body.batch?.length ?? 1 });
    if (!writing) void drain();
  });
});
server.listen(0, '127.0.0.1', () => {
  serve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
