/** A contribution of a plugin, as the plugin that reads the extension point gets it. */
export interface Contributed<T> {
  /** The name of the contributing plugin. */
  readonly plugin: string;
  readonly contribution: T;
  /**
   * Calls the contribution. Returns null if it throws or is not settled after `deadlineMs`: it is left out of this response, logged and
   * counted, and the plugin that reads it marks the response as degraded. Synchronous if `run` is.
   */
  call<R>(deadlineMs: number, run: (contribution: T) => R | Promise<R>): R | null | Promise<R | null>;
  /** Calls the contribution where nothing can be waited for. Returns null if it throws, as `call`. */
  attempt<R>(run: (contribution: T) => R): R | null;
}
