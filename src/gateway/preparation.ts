import type { Documents } from './documents.js';
import type { Admittance } from './execute.js';
import type { Prepared, Sender } from './prepare.js';
import { seesSchema, type TrackedRequest } from './request-context.js';
import type { Slot } from './work-queue.js';

/**
 * Prepares the document of a request. What was not seen before is charged, and what is large waits with the expensive operations and
 * runs in turns. Requests that bring one text at the same time, as after a release of a storefront, wait for one preparation.
 * Throws `limited` or `unavailable`.
 */
export type Preparation = (text: string, request: TrackedRequest) => Promise<Prepared>;

/** Stands for the document of every preparation when its work is measured. */
const preparing = {};

export function createPreparation(documents: Documents, { charge, enter, turns }: Admittance): Preparation {
  const onTheirWay = new Map<string, Promise<Prepared>>();
  const turn = () => new Promise<void>((resolve) => turns.run(resolve));

  async function inTurn(entered: Slot | Promise<Slot>, text: string, sender: Sender): Promise<Prepared> {
    const slot = await entered;
    try {
      if (!slot.isLarge) return documents.prepare(text, sender);
      return await documents.prepareInSteps(text, sender, turn);
    } finally {
      slot.end();
    }
  }

  return async (text, request) => {
    const sender = senderOf(request);
    const key = `${sender.isKnown} ${sender.seesSchema} ${text}`;
    const other = onTheirWay.get(key);
    if (other) return other;
    const units = documents.unitsOf(text, sender);
    charge(units, request);
    const entered = enter(units, request, preparing);
    if (!entered) return documents.prepare(text, sender);
    const made = inTurn(entered, text, sender).finally(() => onTheirWay.delete(key));
    onTheirWay.set(key, made);
    return made;
  };
}

export function senderOf(request: TrackedRequest): Sender {
  return { isKnown: !request.anonymous, seesSchema: seesSchema(request) };
}
