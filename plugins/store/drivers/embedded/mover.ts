import { describeError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import type { Environment } from './environment.js';
import type { Journal } from './journal.js';
import type { PendingWrite } from './overlay.js';
import { appliedKey } from './recovery.js';
import type { Turns } from './turns.js';
import type { Target } from './writer.js';

/** What one transaction takes: larger ones cost less a document, and hold up the event loop longer. */
const sliceMax = 2_500;
const moveAfterMs = 200;
const retryAfterMs = 1_000;
const moveAtCharacters = 8 * 1024 * 1024;
const pendingMax = 50_000;
const pendingCharactersMax = 128 * 1024 * 1024;

/** Takes pending writes from the journal to their trees: many at a time, because that is what a tree is good at. */
export interface Mover {
  add(target: Target, writes: number, characters: number): void;
  /** Resolves when there is room for another record; rejects when there is none because moving fails. */
  room(): Promise<void>;
  failing(): boolean;
  /** Rejects when moving fails again. */
  retry(): Promise<void>;
  /** Moves everything; nothing may be added meanwhile. */
  close(): Promise<void>;
}

interface Load {
  /** The last record that this is about. */
  readonly sequence: number;
  readonly parts: { readonly target: Target; readonly writes: readonly PendingWrite[] }[];
  readonly count: number;
  readonly characters: number;
}

/**
 * `turns`: between two records, when all that is in the journal is in the overlays too. `moveAt`: how many pending
 * writes are moved without waiting for more.
 */
export function createMover(
  environment: Environment,
  journal: Journal,
  turns: Turns,
  host: Host,
  moveAt: number,
): Mover {
  const targets = new Set<Target>();
  let count = 0;
  let characters = 0;
  /** What the released half of the journal holds until it has been moved; kept when moving fails. */
  let load: Load | null = null;
  let moving: Promise<void> | null = null;
  let failure: unknown = null;
  let cancel: (() => void) | null = null;

  function begin(): Load {
    journal.swap();
    const parts = [...targets].map((target) => ({ target, writes: [...target.overlay.values()] }));
    targets.clear();
    const begun = { sequence: journal.sequence(), parts, count, characters };
    count = 0;
    characters = 0;
    return begun;
  }

  async function moveOnce(): Promise<void> {
    load ??= await turns(begin);
    for (const { target, writes } of load.parts) {
      for (let at = 0; at < writes.length; at += sliceMax) {
        const slice = writes.slice(at, at + sliceMax);
        await environment.commit(() => slice.forEach(target.tree.write));
        target.overlay.drop(slice);
      }
    }
    const { sequence } = load;
    await environment.commit(() => void environment.meta.put(appliedKey, String(sequence)));
    load = null;
    // Nobody is writing much: leave no copies of documents behind.
    await journal.release(count === 0);
  }

  function move(): Promise<void> {
    cancel?.();
    cancel = null;
    moving ??= moveOnce()
      .then(
        () => {
          failure = null;
        },
        (error: unknown) => {
          failure = error;
          host.log.error('what was written cannot be moved from the journal to its place', {
            err: describeError(error),
          });
        },
      )
      .finally(() => {
        moving = null;
        if (failure !== null) moveAfter(retryAfterMs);
        else if (count > 0) plan();
      });
    return moving;
  }

  function moveAfter(delayMs: number): void {
    cancel ??= host.clock.after(delayMs, () => {
      cancel = null;
      void move();
    });
  }

  function plan(): void {
    if (failure === null && (count >= moveAt || characters >= moveAtCharacters)) void move();
    else moveAfter(moveAfterMs);
  }

  function full(): boolean {
    return (
      count + (load?.count ?? 0) >= pendingMax || characters + (load?.characters ?? 0) >= pendingCharactersMax
    );
  }

  return {
    add(target, writes, added) {
      targets.add(target);
      count += writes;
      characters += added;
      plan();
    },
    async room() {
      while (full()) {
        await move();
        if (failure !== null) throw failure;
      }
    },
    failing: () => failure !== null,
    async retry() {
      if (failure === null) return;
      await move();
      if (failure !== null) throw failure;
    },
    async close() {
      cancel?.();
      do await move();
      while (failure === null && count > 0);
      cancel?.();
      if (failure !== null) throw failure;
      await journal.release(true);
      journal.swap();
      await journal.release(true);
    },
  };
}
