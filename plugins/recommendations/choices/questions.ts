import type { Clock } from '../../../src/plugin.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import type { Family } from '../fusion-weights.js';
import type { Placement } from '../placements.js';
import type { Watched } from './watched-shoppers.js';

/** One question at a time, beside serving: at most some sixteen a second. */
const questionEveryMs = 60;
const waitingMax = 64;

/** What would be recommended now? Answered unless the person has done something else meanwhile. */
export interface Question {
  readonly placement: Placement;
  readonly family: Family;
  /** null: on behalf of the next newcomer. */
  readonly of: Watched | null;
  readonly after: ShopEvent;
}

/** The questions that wait, and are answered one by one. */
export interface Questions {
  /** While too many wait, the question is not asked. */
  ask(question: Question): void;
  /** Forgets all that wait. */
  stop(): void;
}

export function createQuestions(clock: Clock, answer: (question: Question) => void): Questions {
  const waiting: Question[] = [];
  let cancel: (() => void) | null = null;

  /** Of those that wait, the first that is still of use. */
  function answerNext(): void {
    cancel = null;
    let question = waiting.shift();
    while (question !== undefined && isStale(question)) question = waiting.shift();
    if (question) answer(question);
    if (waiting.length > 0) cancel = clock.after(questionEveryMs, answerNext);
  }

  return {
    ask(question) {
      if (waiting.length >= waitingMax) return;
      waiting.push(question);
      cancel ??= clock.after(questionEveryMs, answerNext);
    },
    stop() {
      cancel?.();
      cancel = null;
      waiting.length = 0;
    },
  };
}

/** The person has done something else since, or has been shown something else. */
function isStale({ of, after }: Question): boolean {
  return of !== null && of.events[0] !== after && of.shown !== after;
}
