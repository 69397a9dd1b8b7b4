import { signal } from '@preact/signals';

/** A view of the console with its arguments: `#preview?query=tea`. */
export interface Route {
  readonly view: string;
  readonly parameters: URLSearchParams;
}

function read(): Route {
  const [view = '', search = ''] = location.hash.slice(1).split('?');
  return { view: view || 'preview', parameters: new URLSearchParams(search) };
}

export const route = signal(read());
addEventListener('hashchange', () => {
  const focused = document.activeElement?.id;
  route.value = read();
  // A form with the arguments of a view is made anew with them; its control keeps the focus.
  requestAnimationFrame(() => {
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
  });
});

export function hrefOf(view: string, parameters: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(parameters).toString();
  return `#${view}${search && `?${search}`}`;
}

export function go(view: string, parameters: Readonly<Record<string, string>> = {}): void {
  location.hash = hrefOf(view, parameters);
}
