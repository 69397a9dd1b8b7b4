import type { Context, ContextInput } from '../../src/context.js';
import { type UserError, userError } from '../../src/errors.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Message } from './message.js';

const traitsMax = 100;
const traitTextLengthMax = 1_000;
const traitName = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_ :-]{0,63}$/u;
const profileFields: ReadonlyMap<string, string> = new Map([
  ['email', 'email'],
  ['firstName', 'firstName'],
  ['first_name', 'firstName'],
  ['lastName', 'lastName'],
  ['last_name', 'lastName'],
]);

/**
 * Does what `identify` and `alias` ask for: links the session to the customer and saves their profile. Answers what was
 * wrong with it. Idempotent, so that it may come again with the rest of a batch.
 */
export async function introduce(
  customers: Customers,
  message: Message,
  context: Context,
  contextOf: (input: ContextInput) => Context,
): Promise<readonly UserError[]> {
  const id = message.customerId;
  if (id === null) return [];
  if (message.kind === 'identify') {
    return (await customers.identify(context, { id, ...profileOf(message.traits) })).userErrors;
  }
  const previous = message.previousId!;
  const earlier = contextOf({ channel: message.channel, sessionId: previous });
  const owner = (await customers.recognise(earlier)).customerId;
  if (owner === id) return [];
  if (owner !== null || (await customers.get(previous)) !== null) {
    return [
      userError(
        'TRACKING_ALIAS_TAKEN',
        'previousId must be the anonymous id of a session that is nobody’s yet',
        ['previousId'],
      ),
    ];
  }
  return (await customers.identify(earlier, { id })).userErrors;
}

/** Traits as a profile has them: flat. An address or a list is left out, and so is what no profile can hold. */
function profileOf(traits: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const others = new Map<string, unknown>();
  for (const [name, value] of Object.entries(traits)) {
    const field = profileFields.get(name);
    if (field !== undefined) {
      if (value !== undefined && value !== '') fields[field] = value;
    } else if (others.size < traitsMax && traitName.test(name) && isTrait(value)) {
      others.set(name, value);
    }
  }
  // fromEntries defines what it is given and sets no prototype.
  return others.size === 0 ? fields : { ...fields, traits: Object.fromEntries(others) };
}

function isTrait(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= traitTextLengthMax;
  return (
    value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}
