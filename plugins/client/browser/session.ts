import type { ClientOptions } from './api.js';
import type { Environment } from './environment.js';
import type { Store } from './store.js';

const sessionKey = 'session';
const secondsOfDay = 86_400;

/** The session id: in memory, or on the device if it may be remembered. */
export interface Session {
  /** It is read from the device each time, since another tab may have signed in or out. */
  readonly id: string;
  readonly isRemembered: boolean;
  /** Continues with another id, as after a sign-in. */
  replace(id: string): void;
  /** Stores the id from now on. */
  remember(): void;
  /** Removes it from the device. The id stays the same in memory. */
  forget(): void;
}

type SessionOptions = Pick<ClientOptions, 'remember' | 'session' | 'cookie' | 'sessionId'>;

export function createSession(options: SessionOptions, environment: Environment, store: Store): Session {
  const { remember = 'consent' } = options;
  const place = options.session === 'cookie' ? cookiePlace(options, environment) : storagePlace(store);
  let inMemory = options.sessionId ?? place.read() ?? environment.newId();
  // Whatever is stored was allowed to be, by an earlier grant.
  let isRemembered = remember === 'always' || (remember === 'consent' && place.read() !== null);
  if (isRemembered) place.write(inMemory);

  return {
    get id() {
      const stored = isRemembered ? place.read() : null;
      if (stored !== null) inMemory = stored;
      return inMemory;
    },
    get isRemembered() {
      return isRemembered;
    },
    replace(id) {
      inMemory = id;
      if (isRemembered) place.write(id);
    },
    remember() {
      if (remember === 'never') return;
      isRemembered = true;
      place.write(inMemory);
    },
    forget() {
      if (remember === 'always') return;
      isRemembered = false;
      place.remove();
    },
  };
}

interface Place {
  read(): string | null;
  write(id: string): void;
  remove(): void;
}

function storagePlace(store: Store): Place {
  return {
    read: () => store.get(sessionKey),
    write: (id) => void store.set(sessionKey, id),
    remove: () => store.remove(sessionKey),
  };
}

/** A first-party cookie, so that the server of the shop can render the page for the same session. */
function cookiePlace({ cookie = {} }: SessionOptions, { cookies, isSecure }: Environment): Place {
  const { name = 'rapport_session', domain, path = '/', maxAgeDays = 365 } = cookie;
  const attributes = [
    `path=${path}`,
    'samesite=lax',
    ...(domain ? [`domain=${domain}`] : []),
    ...(isSecure ? ['secure'] : []),
  ].join('; ');
  const write = (value: string, seconds: number): void => {
    if (cookies) cookies.cookie = `${name}=${value}; max-age=${seconds}; ${attributes}`;
  };
  return {
    read() {
      const found = cookies?.cookie.split('; ').find((entry) => entry.startsWith(`${name}=`));
      return found ? decodeURIComponent(found.slice(name.length + 1)) || null : null;
    },
    write: (id) => write(encodeURIComponent(id), maxAgeDays * secondsOfDay),
    remove: () => write('', 0),
  };
}
