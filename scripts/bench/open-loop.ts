import { connect, type Socket } from 'node:net';

/** What one phase saw; times in milliseconds, `atMs` from its start, `tookMs` from the request on the socket to the last byte of its answer. */
export interface Phase {
  readonly good: Seen[];
  readonly refused: Seen[];
  /** Connections that broke while an answer was awaited, and answers that were neither. */
  lost: number;
  /** Were due while all connections were waiting: what the generator could not ask. */
  unsent: number;
  readonly forMs: number;
}

interface Seen {
  readonly atMs: number;
  readonly tookMs: number;
}

interface Line {
  socket: Socket;
  /** When the request that is under way was sent; null: none is. */
  sentMs: number | null;
  status: number;
  /** Bytes of the answer still to come; null: its head is. */
  left: number | null;
}

export interface Load {
  /** Sends by the clock, whether or not what was sent before has been answered. */
  atRate(perSecond: number, forMs: number): Promise<Phase>;
  /** So many at a time, each as soon as the one before was answered. */
  inTurns(clients: number, forMs: number): Promise<Phase>;
  close(): void;
}

const tickMs = 2;
const drainMs = 3_000;
const headEnd = Buffer.from('\r\n\r\n');

/**
 * Requests made ready as bytes on plain sockets, and of the answers only status and length are read: a generator that
 * costs a fraction of what it measures, since it shares the machine.
 */
export async function openLoad(url: string, requests: readonly Buffer[], connections: number): Promise<Load> {
  const { hostname, port } = new URL(url);
  const idle: Line[] = [];
  const lines = new Set<Line>();
  let phase: Phase = phaseOf(0);
  let beganMs = 0;
  let next = 0;
  let afterAnswer: (() => void) | null = null;
  let closed = false;

  function open(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const line: Line = { socket, sentMs: null, status: 0, left: null };
      lines.add(line);
      socket.on('connect', () => {
        idle.push(line);
        resolve();
      });
      socket.on('data', (chunk) => take(line, chunk));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        lines.delete(line);
        const at = idle.indexOf(line);
        if (at >= 0) idle.splice(at, 1);
        if (line.sentMs !== null) phase.lost++;
        if (closed) resolve();
        else setTimeout(() => void open().then(resolve), tickMs);
      });
    });
  }

  function take(line: Line, chunk: Buffer): void {
    if (line.left === null) {
      const end = chunk.indexOf(headEnd);
      // A head comes whole: it is written at once and is short.
      const head = chunk.toString('latin1', 0, end);
      line.status = Number(head.slice(9, 12));
      line.left = Number(/content-length: (\d+)/i.exec(head)?.[1]) - (chunk.length - end - headEnd.length);
    } else line.left -= chunk.length;
    if (line.left > 0) return;
    const seen = { atMs: line.sentMs! - beganMs, tookMs: performance.now() - line.sentMs! };
    if (line.status === 200) phase.good.push(seen);
    else if (line.status === 503) phase.refused.push(seen);
    else phase.lost++;
    line.sentMs = null;
    line.left = null;
    idle.push(line);
    afterAnswer?.();
  }

  function send(): void {
    const line = idle.pop();
    if (!line) {
      phase.unsent++;
      return;
    }
    line.sentMs = performance.now();
    line.socket.write(requests[next++ % requests.length]!);
  }

  async function drained(): Promise<Phase> {
    const untilMs = performance.now() + drainMs;
    while (idle.length < lines.size && performance.now() < untilMs) await pause(tickMs);
    return phase;
  }

  function begin(forMs: number): void {
    phase = phaseOf(forMs);
    beganMs = performance.now();
  }

  await Promise.all(Array.from({ length: connections }, open));
  return {
    async atRate(perSecond, forMs) {
      begin(forMs);
      let asked = 0;
      for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - beganMs) {
        for (const due = Math.floor((elapsedMs * perSecond) / 1_000); asked < due; asked++) send();
        await pause(tickMs);
      }
      return drained();
    },
    async inTurns(clients, forMs) {
      begin(forMs);
      afterAnswer = () => {
        if (performance.now() - beganMs < forMs) send();
      };
      for (let client = 0; client < clients; client++) send();
      await pause(forMs);
      afterAnswer = null;
      return drained();
    },
    close() {
      closed = true;
      for (const { socket } of lines) socket.destroy();
    },
  };
}

function phaseOf(forMs: number): Phase {
  return { good: [], refused: [], lost: 0, unsent: 0, forMs };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
