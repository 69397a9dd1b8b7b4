import type { Contributions, ExtensionPoint } from './capabilities.js';
import type { Contributed } from './contributed.js';
import { createReport, isThenable } from './isolation.js';
import type { Host, Instance } from './plugin.js';

/** The number of times that a plugin's contributions to an extension point were left out of a response. */
export interface LeftOut {
  readonly plugin: string;
  readonly point: string;
  readonly times: number;
}

/** The contributions of all plugins, in the order of plugins. */
export interface ContributionRegistry {
  /** Adds the contributions of a plugin. */
  add(plugin: string, contributes: Instance<unknown>['contributes']): void;
  /** Call it when all are added: before, `of` throws. */
  complete(): void;
  of<K extends ExtensionPoint>(point: K): readonly Contributed<Contributions[K]>[];
  /** Contributions to extension points that no plugin has read. */
  unread(): readonly { readonly plugin: string; readonly point: string }[];
  leftOut(): readonly LeftOut[];
}

export function createContributions(host: Pick<Host, 'clock' | 'log'>): ContributionRegistry {
  const added = new Map<string, NonNullable<Instance<unknown>['contributes']>>();
  const readPoints = new Set<string>();
  const counts: { readonly plugin: string; readonly point: string; times: number }[] = [];
  let isComplete = false;

  /** Counts and logs each contribution that is left out, and returns null in its place. */
  function leavingOut(plugin: string, point: string): (error: unknown) => null {
    const report = createReport('a contribution was left out', { plugin, point }, host);
    let count = counts.find((other) => other.plugin === plugin && other.point === point);
    if (!count) {
      count = { plugin, point, times: 0 };
      counts.push(count);
    }
    const counted = count;
    return (error) => {
      counted.times++;
      report(error);
      return null;
    };
  }

  function inTime<R>(
    work: PromiseLike<R>,
    deadlineMs: number,
    leaveOut: (error: unknown) => null,
  ): Promise<R | null> {
    return new Promise((resolve) => {
      let isLate = false;
      const cancel = host.clock.after(deadlineMs, () => {
        isLate = true;
        resolve(leaveOut(new Error(`took longer than ${deadlineMs} ms`)));
      });
      work.then(
        (result) => {
          cancel();
          resolve(result);
        },
        (error: unknown) => {
          cancel();
          if (!isLate) resolve(leaveOut(error));
        },
      );
    });
  }

  function contributed<T>(plugin: string, point: string, contribution: T): Contributed<T> {
    const leaveOut = leavingOut(plugin, point);
    return Object.freeze({
      plugin,
      contribution,
      call<R>(deadlineMs: number, run: (contribution: T) => R | Promise<R>) {
        try {
          const result = run(contribution);
          return isThenable(result) ? inTime(result, deadlineMs, leaveOut) : result;
        } catch (error) {
          return leaveOut(error);
        }
      },
      attempt<R>(run: (contribution: T) => R) {
        try {
          return run(contribution);
        } catch (error) {
          return leaveOut(error);
        }
      },
    });
  }

  return {
    add: (plugin, contributes = {}) => void added.set(plugin, contributes),
    complete() {
      isComplete = true;
    },
    of(point) {
      if (!isComplete)
        throw new Error(
          `contributions to ${point} can be read from the start on, when all plugins are created`,
        );
      readPoints.add(point);
      return Object.freeze(
        [...added].flatMap(([plugin, contributes]) =>
          (contributes[point] ?? []).map((contribution) => contributed(plugin, point, contribution)),
        ),
      );
    },
    unread: () =>
      [...added].flatMap(([plugin, contributes]) =>
        Object.keys(contributes)
          .filter((point) => !readPoints.has(point))
          .map((point) => ({ plugin, point })),
      ),
    leftOut: () => counts,
  };
}
