import type { Context } from '../../src/context.js';
import { isRapportError, type UserError, userError } from '../../src/errors.js';
import type { Consent, ConsentState } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Effect } from '../../src/ports/events.js';
import type { SaidConsents } from './categories.js';
import type { Taken } from './people.js';

const evidence = 'context.consent of a tracking message';

/** Enters what messages say about consent: every message repeats it, so only changes are entered. */
export interface Consents {
  /** For each message, its effect with the change of consent that it says, after what it does beside that. */
  withConsents(
    taken: readonly Taken[],
    effects: readonly (Effect | null)[],
  ): Promise<readonly (Effect | null)[]>;
}

export function createConsents(
  { customers, consent }: { readonly customers: Customers; readonly consent: Consent },
  warn: (warning: UserError) => void,
): Consents {
  /** A browser sends the signal with each message, so a grant here was not made in spite of it. */
  const withoutSignal = (context: Context): Context => ({
    ...context,
    caller: { ...context.caller, globalPrivacyControl: false },
  });

  async function statesOf(context: Context): Promise<readonly ConsentState[]> {
    return consent.states(await customers.recognise(withoutSignal(context)));
  }

  async function changesAny(context: Context, said: SaidConsents): Promise<boolean> {
    return (await statesOf(context)).some((state) => {
      const isGranted = said.of.get(state.purpose);
      return isGranted !== undefined && changes(state, isGranted, said);
    });
  }

  async function enter(place: number, said: SaidConsents, context: Context, atMs: number): Promise<void> {
    try {
      const shopper = await customers.recognise(withoutSignal(context));
      const decisions = (await consent.states(shopper)).flatMap((state) => {
        const isGranted = said.of.get(state.purpose);
        const isOutdated = state.decidedAtMs !== null && atMs < state.decidedAtMs;
        if (isGranted === undefined || isOutdated || !changes(state, isGranted, said)) return [];
        const refusal = state.status === 'GRANTED' ? 'WITHDRAWN' : 'DENIED';
        return [{ purpose: state.purpose, status: isGranted ? 'GRANTED' : refusal, evidence }];
      });
      if (decisions.length > 0) await consent.decide(shopper, decisions, { saidAtMs: atMs });
    } catch (error) {
      // A shop whose consents are managed elsewhere.
      if (!isRapportError(error, 'denied')) throw error;
      warn(userError(error.code, error.message, [place, 'context', 'consent']));
    }
  }

  return {
    async withConsents(taken, effects) {
      if (taken.every(({ message }) => message.consents === null)) return effects;
      /** By context: the newest decisions in the batch. */
      const latest = new Map<Context, SaidConsents>();
      const all: (Effect | null)[] = [];
      for (const [place, { message, context }] of taken.entries()) {
        const before = effects[place] ?? null;
        const said = message.consents;
        const last = latest.get(context);
        const isRepeated =
          said === null ||
          (before === null && (last === undefined ? !(await changesAny(context, said)) : isSame(last, said)));
        if (said !== null) latest.set(context, said);
        all.push(isRepeated ? before : { people: before?.people ?? [], run: runOf(place, said, before) });
      }
      return all;
    },
  };

  function runOf(place: number, said: SaidConsents, before: Effect | null): Effect['run'] {
    return async (context, atMs, linkAtMs) => {
      const errors = (await before?.run(context, atMs, linkAtMs)) ?? [];
      if (errors.length === 0) await enter(place, said, { ...context }, atMs);
      return errors;
    };
  }
}

/**
 * True if what is said is a decision that is not known yet. Every message repeats what the consent platform knows, so a grant in one does not
 * take back a refusal that was made here; the event of a decision in the platform does.
 */
function changes({ status, imported }: ConsentState, isGranted: boolean, said: SaidConsents): boolean {
  if (status === 'UNSET') return true;
  if (status === 'GRANTED') return !isGranted;
  return isGranted && (imported === true || said.isDecision);
}

function isSame(a: SaidConsents, b: SaidConsents): boolean {
  return (
    a.isDecision === b.isDecision &&
    a.of.size === b.of.size &&
    [...a.of].every(([purpose, isGranted]) => b.of.get(purpose) === isGranted)
  );
}
