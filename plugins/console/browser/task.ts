import { type Signal, signal } from '@preact/signals';
import type { UserError } from './operations.js';

/** A request of the page: its latest result, or why it failed. A result that is older than the latest request is dropped. */
export interface Task<Arguments extends readonly unknown[], Data> {
  readonly pending: Signal<boolean>;
  readonly data: Signal<Data | null>;
  readonly fault: Signal<string>;
  run(...values: Arguments): Promise<Data | null>;
  reset(): void;
}

export function createTask<Arguments extends readonly unknown[], Data>(
  work: (...values: Arguments) => Promise<Data>,
): Task<Arguments, Data> {
  const pending = signal(false);
  const data = signal<Data | null>(null);
  const fault = signal('');
  let latest = 0;
  return {
    pending,
    data,
    fault,
    async run(...values) {
      const own = ++latest;
      pending.value = true;
      fault.value = '';
      try {
        const result = await work(...values);
        if (own === latest) data.value = result;
        return result;
      } catch (error) {
        if (own === latest) fault.value = error instanceof Error ? error.message : String(error);
        return null;
      } finally {
        if (own === latest) pending.value = false;
      }
    },
    reset() {
      latest++;
      pending.value = false;
      data.value = null;
      fault.value = '';
    },
  };
}

/** A sentence that screen readers speak: the result of the last action. */
export const announcement = signal('');
export function announce(sentence: string): void {
  // The same text again would change nothing, so a screen reader would not speak it.
  announcement.value = announcement.value === sentence ? `${sentence}\u00a0` : sentence;
}

/** Throws the faults that a mutation reports for its user. */
export function checkUserErrors(errors: readonly UserError[]): void {
  if (errors.length === 0) return;
  throw new Error(errors.map(({ path, message }) => [path.join(' '), message].join(': ')).join('; '));
}
