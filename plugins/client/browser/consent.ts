import type {
  ClientOptions,
  Consent,
  ConsentNotice,
  ConsentPurpose,
  ConsentState,
  ConsentStatus,
} from './api.js';
import type { Environment } from './environment.js';
import type { EventQueue } from './event-queue.js';
import { Failure } from './failure.js';
import type { Session } from './session.js';
import type { Store } from './store.js';
import type { Transport, Variables } from './transport.js';

const decisionsKey = 'consent';
const unsentKey = 'consent-unsent';

const setConsent = /* GraphQL */ `mutation SetConsent($context: ShopperContext!, $decisions: [ConsentInput!]!, $messageId: ID) {
  setConsent(context: $context, decisions: $decisions, messageId: $messageId) { consents { purpose status } userErrors { code message path } }
}`;
const readConsents = /* GraphQL */ `query Consents($context: ShopperContext!) { shopper(context: $context) { consents { purpose status } } }`;

interface ConsentParts {
  readonly options: Pick<ClientOptions, 'onError'>;
  readonly environment: Environment;
  readonly store: Store;
  readonly session: Session;
  readonly queue: EventQueue;
  readonly transport: Transport;
  context(): Variables;
}

interface SetConsent {
  readonly setConsent: {
    readonly consents: readonly ConsentState[];
    readonly userErrors: readonly { readonly code: string; readonly message: string }[];
  } | null;
}

type Decisions = Partial<Record<ConsentPurpose, ConsentStatus>>;

interface ConsentHelper extends Consent {
  /** Takes over the state of the ledger, as after a sign-in. */
  adopt(states: readonly ConsentState[]): void;
  close(): void;
}

export function createConsent(parts: ConsentParts): ConsentHelper {
  const { options, environment, store, session, queue, transport, context } = parts;
  const listeners = new Set<() => void>();
  /** Purposes whose grant is being sent and that were not refused since. */
  const granting = new Set<ConsentPurpose>();
  let turn: Promise<unknown> = Promise.resolve();
  let decisions = read<Decisions>(decisionsKey) ?? {};

  function read<T>(key: string): T | null {
    try {
      return JSON.parse(store.get(key) ?? 'null') as T | null;
    } catch {
      return null;
    }
  }

  /** The decisions are stored whatever they are, so that a notice is shown once and not on each page. */
  function keep(now: Decisions): void {
    decisions = now;
    store.set(decisionsKey, JSON.stringify(decisions));
    if (decisions.PERSONALIZATION === 'GRANTED') {
      session.remember();
      queue.persist();
    } else session.forget();
    for (const listener of listeners) listener();
  }

  async function enter(variables: Variables): Promise<readonly ConsentState[]> {
    const { data, failure } = await transport.send<SetConsent>(setConsent, variables);
    if (!data.setConsent) throw failure;
    const [fault] = data.setConsent.userErrors;
    if (fault) throw new Failure(fault.message, { code: fault.code, kind: 'invalid' });
    return data.setConsent.consents;
  }

  function variablesOf(
    purposes: readonly ConsentPurpose[],
    statusOf: (purpose: ConsentPurpose) => ConsentStatus,
    notice: ConsentNotice,
  ): Variables {
    return {
      context: context(),
      messageId: environment.newId(),
      decisions: purposes.map((purpose) => ({ ...notice, purpose, status: statusOf(purpose) })),
    };
  }

  /** Requests are sent one after the other, so that the last decision is also the last that the gateway enters. */
  function inTurn(send: () => Promise<unknown>): Promise<void> {
    const sent = turn.then(send).then(() => undefined);
    turn = sent.catch(() => undefined);
    return sent;
  }

  /** Refusals that the gateway does not have yet, oldest first. */
  const unsent = (): readonly Variables[] => read<Variables[]>(unsentKey) ?? [];

  /** Rejects if a refusal has to be sent again later. */
  async function sendUnsent(): Promise<void> {
    for (let [variables] = unsent(); variables; [variables] = unsent()) {
      const { messageId } = variables;
      await enter(variables).catch((failure: Failure) => {
        if (failure.kind !== 'invalid') throw failure;
        options.onError?.(failure);
      });
      const rest = unsent().filter((other) => other.messageId !== messageId);
      if (rest.length > 0) store.set(unsentKey, JSON.stringify(rest));
      else store.remove(unsentKey);
    }
  }

  /** A refusal that cannot be sent now is sent with the next page. */
  const trySendUnsent = (): Promise<void> => inTurn(() => sendUnsent().catch(() => undefined));

  void trySendUnsent();
  const unwatch = environment.watch({ leaving: () => undefined, returning: () => void trySendUnsent() });

  return {
    get decisions() {
      return decisions;
    },
    mustAsk: (purpose = 'PERSONALIZATION') => decisions[purpose] === undefined,
    async grant(purposes, notice = {}) {
      for (const purpose of purposes) granting.add(purpose);
      await inTurn(async () => {
        // A refusal that arrived after the grant would revoke it.
        await sendUnsent();
        await enter(variablesOf(purposes, () => 'GRANTED', notice));
      });
      const granted = purposes.filter((purpose) => granting.delete(purpose));
      keep({ ...decisions, ...Object.fromEntries(granted.map((purpose) => [purpose, 'GRANTED'])) });
    },
    async refuse(purposes, notice = {}) {
      const statusOf = (purpose: ConsentPurpose) =>
        decisions[purpose] === 'GRANTED' ? 'WITHDRAWN' : 'DENIED';
      for (const purpose of purposes) granting.delete(purpose);
      const changes = Object.fromEntries(purposes.map((purpose) => [purpose, statusOf(purpose)]));
      const { expiresAt: _, ...withoutExpiry } = notice;
      const variables = variablesOf(purposes, statusOf, withoutExpiry);
      const isStored = store.set(unsentKey, JSON.stringify([...unsent(), variables]));
      if (changes.PERSONALIZATION) {
        queue.drop();
        session.replace(environment.newId());
      }
      keep({ ...decisions, ...changes });
      if (isStored) await trySendUnsent();
      else await inTurn(() => enter(variables));
    },
    async read() {
      type Read = { readonly shopper: { readonly consents: readonly ConsentState[] | null } | null };
      const { data, failure } = await transport.send<Read>(readConsents, { context: context() });
      if (!data.shopper?.consents) throw failure;
      return data.shopper.consents;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    adopt(states) {
      const known = states.flatMap(({ purpose, status }) => (status ? [[purpose, status]] : []));
      keep(Object.fromEntries(known));
    },
    close: unwatch,
  };
}
