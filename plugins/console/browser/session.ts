import { signal } from '@preact/signals';

/** The key is kept for this tab only: closing the tab signs out. */
const item = 'rapport-console-key';

export const key = signal(sessionStorage.getItem(item) ?? '');
/** The reason why the user must sign in again. */
export const signInFault = signal('');

export function signIn(value: string): void {
  signInFault.value = '';
  sessionStorage.setItem(item, value);
  key.value = value;
}

export function signOut(fault = ''): void {
  sessionStorage.removeItem(item);
  signInFault.value = fault;
  key.value = '';
}
