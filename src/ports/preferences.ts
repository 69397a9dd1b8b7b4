import type { Channel } from '../context.js';
import type { UserError } from '../errors.js';
import type { ConsentActor } from './consent.js';
import type { Shopper } from './customers.js';

/** Hours of the day in which nobody is contacted. They end on the next day if `to` is before `from`. */
export interface QuietHours {
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
  /** IANA, for example `Europe/Vienna`. */
  readonly timeZone: string;
}

/** A change of one preference. */
export interface PreferenceChange {
  /** The preference: `topic:<name>`, `channel:<CHANNEL>`, `frequency:<CHANNEL>`, `quietHours`, `notForMe:<product id>` or `personalizationPaused`. */
  readonly name: string;
  /** The new value; null: it was removed. */
  readonly value: unknown;
  /** The channel that it was changed through. */
  readonly channel: string;
  /** The name of the key that it came through. */
  readonly source: string;
  readonly claimedBy: ConsentActor;
  readonly atMs: number;
}

/** The preferences that hold for a shopper. */
export interface PreferenceState {
  readonly topics: readonly { readonly topic: string; readonly liked: boolean }[];
  /** The channels that the shopper named. `priority`: 1 is the channel they prefer; null: they named none. */
  readonly channels: readonly {
    readonly channel: Channel;
    readonly allowed: boolean;
    readonly priority: number | null;
  }[];
  readonly frequency: readonly { readonly channel: Channel; readonly maxPerWeek: number }[];
  readonly quietHours: readonly QuietHours[];
}

/** Interests of shoppers, and how they want to be contacted. */
export interface Preferences {
  /**
   * The preferences of a proven customer: theirs, and where they set none those that were set without proof in their sessions. Those of the
   * session for an anonymous shopper. A merged person has the least permissive value of the members, unless one was set after the merge.
   * Throws `unavailable` with the store.
   */
  of(shopper: Shopper): Promise<PreferenceState>;
  /**
   * Changes what a `PreferencesInput` of the schema names, all or nothing per element; it holds when the promise resolves. A value that is
   * there already changes nothing and publishes nothing. Throws `unavailable` with the store.
   */
  set(shopper: Shopper, input: unknown): Promise<{ readonly userErrors: readonly UserError[] }>;
  /** The newest 1,000 changes that the shopper may read, newest first. Throws `unavailable` with the store. */
  history(shopper: Shopper): Promise<readonly PreferenceChange[]>;
}
