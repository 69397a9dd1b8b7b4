import type { Channel, Context, Request } from '../context.js';
import { RapportError } from '../errors.js';
import type { NodeType } from '../plugin.js';
import type { NodeIds } from './node-ids.js';

type View = NodeType['view'];

/** The parts of a context that an object depends on. Those of a person come after those of the place. */
type Place = readonly [
  currency: string,
  locale: string,
  storeId: string | null,
  customerGroup: string | null,
  preview: number | string | null,
];
type Person = readonly [
  ...Place,
  channel: Channel,
  /** null for a merchandiser, who sees a new anonymous visitor each time. */
  sessionId: string | null,
  customerId: string | null,
  deviceId: string | null,
];

const placeParts = 5;
const customerGroupAt = 3;

/** Contexts as node ids have them: sealed once for each context, since a list has many objects of one. */
export interface NodeViews {
  seal(context: Context, view: View): string;
  /** The context that a caller gets for a sealed one, by the checks of `Request.context`. Throws `denied` if they may not have it. */
  open(
    sealed: string,
    request: Request,
  ): { readonly context: Context; readonly customerGroup: string | null };
}

export function createNodeViews(ids: Pick<NodeIds, 'seal' | 'unseal'>): NodeViews {
  const sealed: Readonly<Record<View, WeakMap<Context, string>>> = {
    place: new WeakMap(),
    person: new WeakMap(),
  };

  return {
    seal(context, view) {
      const known = sealed[view].get(context);
      if (known !== undefined) return known;
      const made = ids.seal(view === 'place' ? placeOf(context) : personOf(context));
      sealed[view].set(context, made);
      return made;
    },
    open(text, request) {
      const parts = ids.unseal(text) as Place | Person;
      const [currency, locale, storeId, group, preview, channel, sessionId, customerId, deviceId] =
        parts as Person;
      const isPerson = parts.length > placeParts;
      const namesPeople = request.caller.role === 'SERVER' || request.caller.role === 'ADMIN';
      const context = request.context({
        channel: isPerson ? channel : 'WEB',
        currency,
        locale,
        storeId,
        ...previewed(preview),
        customerGroup: namesPeople ? group : null,
        ...(isPerson && { sessionId, deviceId, customerId: namesPeople ? customerId : null }),
      });
      if (isPerson && !isSame(context, parts as Person)) throw ofAnother();
      return { context, customerGroup: group };
    },
  };
}

function placeOf({ currency, locale, storeId, customerGroup, previewAtMs = null, draft }: Context): Place {
  return [
    currency,
    locale,
    storeId,
    customerGroup ?? null,
    draft ? `draft ${previewAtMs ?? ''}` : previewAtMs,
  ];
}

function previewed(preview: Place[4]): { readonly at: Date | null; readonly draft: boolean } {
  const draft = typeof preview === 'string';
  const at = draft ? preview.slice('draft '.length) : (preview ?? '');
  return { at: at === '' ? null : new Date(Number(at)), draft };
}

function personOf(context: Context): Person {
  const { caller, channel, sessionId, customerId, deviceId } = context;
  const session = caller.role === 'MERCHANDISER' ? null : sessionId;
  return [...placeOf(context), channel, session, customerId, deviceId];
}

/** The group of a customer is looked up again, so a context of the customer need not name it. */
function isSame(context: Context, person: Person): boolean {
  const isCustomer = context.customerId !== null;
  return personOf(context).every((part, at) => part === person[at] || (at === customerGroupAt && isCustomer));
}

function ofAnother(): RapportError {
  return new RapportError(
    'denied',
    'NODE_DENIED',
    "nodeId is of another shopper's view; fetch it with the customer's token or the API key that it was returned for, or ask `shopper` again",
    { path: ['nodeId'] },
  );
}
