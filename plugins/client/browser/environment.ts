/** Keys and values on the device. Each method may throw, for example if the quota is exceeded. */
export interface DeviceStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** The parts of a browser, or of another runtime, that the client uses. */
export interface Environment {
  fetch(url: string, init: RequestInit): Promise<Response>;
  nowMs(): number;
  after(delayMs: number, run: () => void): () => void;
  newId(): string;
  /** Uniform in [0, 1). */
  random(): number;
  /** null: nothing can be stored. */
  readonly storage: DeviceStorage | null;
  /** `document.cookie`; null outside pages. */
  readonly cookies: { cookie: string } | null;
  /** The language of the page. */
  readonly language: string | null;
  /** True in a page: a preflight costs more there than a cache saves. */
  readonly isPage: boolean;
  /** True if the page was loaded by https. */
  readonly isSecure: boolean;
  readonly beacon: ((url: string, body: string) => boolean) | null;
  isOnline(): boolean;
  /** Calls back when the page is hidden or left, and when it is online or visible again. Returns the function that stops it. */
  watch(on: { leaving(): void; returning(): void }): () => void;
}

/** The globals of a page as far as they are used; all are missing in Node. */
interface PageGlobals {
  readonly document?: EventTarget & {
    readonly visibilityState: string;
    readonly documentElement: { readonly lang: string };
    cookie: string;
  };
  readonly localStorage?: DeviceStorage;
  readonly navigator?: { readonly onLine?: boolean; sendBeacon?(url: string, body: string): boolean };
  readonly location?: { readonly protocol: string };
  readonly addEventListener?: EventTarget['addEventListener'];
  readonly removeEventListener?: EventTarget['removeEventListener'];
}

/** The environment of the page or process that runs this. */
export function currentEnvironment(): Environment {
  const globals = globalThis as unknown as PageGlobals;
  const { document, navigator } = globals;
  return {
    fetch: (url, init) => fetch(url, init),
    nowMs: () => Date.now(),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    newId: () => newId(),
    random: () => Math.random(),
    storage: storageOf(globals),
    cookies: document ?? null,
    language: document?.documentElement.lang || null,
    isPage: document !== undefined,
    isSecure: globals.location?.protocol === 'https:',
    beacon: navigator?.sendBeacon ? (url, body) => navigator.sendBeacon!(url, body) : null,
    isOnline: () => navigator?.onLine !== false,
    watch({ leaving, returning }) {
      if (!document || !globals.addEventListener) return () => undefined;
      const changed = () => (document.visibilityState === 'hidden' ? leaving() : returning());
      document.addEventListener('visibilitychange', changed);
      globals.addEventListener('pagehide', leaving);
      globals.addEventListener('online', returning);
      return () => {
        document.removeEventListener('visibilitychange', changed);
        globals.removeEventListener?.('pagehide', leaving);
        globals.removeEventListener?.('online', returning);
      };
    },
  };
}

/** Reading the property throws where a browser's settings forbid storage. */
function storageOf(globals: PageGlobals): DeviceStorage | null {
  try {
    return globals.document ? (globals.localStorage ?? null) : null;
  } catch {
    return null;
  }
}

/** `randomUUID` exists in secure contexts only; a shop under development may be plain http. */
function newId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
