import { byId, element } from './dom.js';

/** The characters of a response that are coloured: more is slow and nobody reads it. */
const colouredMax = 60_000;

/**
 * Shows the requests behind the page, to read and to copy.
 *
 * @param {() => string} keyOf
 */
export function createInspector(keyOf) {
  /** @type {Map<string, import('./types.d.ts').Exchange>} */
  const latest = new Map();
  const panel = /** @type {HTMLDetailsElement} */ (byId('inspector'));
  let chosen = '';
  panel.addEventListener('toggle', show);
  for (const button of panel.querySelectorAll('button[data-copy]')) {
    button.addEventListener('click', () => void copy(/** @type {HTMLButtonElement} */ (button)));
  }

  /** @param {string | undefined} what */
  function textOf(what) {
    const exchange = latest.get(chosen);
    if (!exchange) return '';
    const { query, variables, answer } = exchange;
    if (what === 'query') return query;
    if (what === 'variables') return JSON.stringify(variables, null, 2);
    if (what === 'answer') return JSON.stringify(answer, null, 2);
    const body = JSON.stringify({ query, variables }).replaceAll("'", "'\\''");
    return `curl -s '${location.origin}/graphql' -H 'content-type: application/json' -H 'x-api-key: ${keyOf()}' -d '${body}'`;
  }

  /** @param {HTMLButtonElement} button */
  async function copy(button) {
    const word = button.textContent ?? '';
    const done = await navigator.clipboard?.writeText(textOf(button.dataset.copy)).then(
      () => true,
      () => false,
    );
    button.textContent = done ? 'Copied' : 'Select it and press Ctrl C';
    setTimeout(() => {
      button.textContent = word;
    }, 1_600);
  }

  function show() {
    const exchange = latest.get(chosen);
    if (!panel.open || !exchange) return;
    byId('tabs').replaceChildren(
      ...[...latest.keys()].map((name) =>
        element(
          'button',
          {
            type: 'button',
            role: 'tab',
            'aria-selected': String(name === chosen),
            'aria-controls': 'panes',
            onclick: () => {
              chosen = name;
              show();
            },
          },
          name,
        ),
      ),
    );
    colour(byId('sent-query'), textOf('query'), graphqlWords);
    colour(byId('sent-variables'), textOf('variables'), jsonWords);
    const answer = textOf('answer');
    colour(byId('answer'), answer, jsonWords);
    byId('answer-size').textContent =
      `${(answer.length / 1024).toFixed(1)} KiB, ${exchange.milliseconds.toFixed(1)} ms`;
  }

  return {
    /** @param {import('./types.d.ts').Exchange} exchange */
    add(exchange) {
      latest.set(exchange.name, exchange);
      chosen ||= exchange.name;
      show();
    },
  };
}

const jsonWords =
  /(?<name>"(?:[^"\\]|\\.)*")(?=\s*:)|(?<text>"(?:[^"\\]|\\.)*")|(?<value>-?\b\d[\d.eE+-]*|\btrue\b|\bfalse\b|\bnull\b)/g;
const graphqlWords =
  /(?<key>\b(?:query|mutation|fragment|on)\b)|(?<text>"(?:[^"\\]|\\.){0,2000}")|(?<value>\$\w+|\b\d+\b|\b[A-Z_]{2,}\b)|(?<name>\b\w{1,100}(?=\s{0,9}:))/g;

/**
 * @param {HTMLElement} code
 * @param {string} text
 * @param {RegExp} words
 */
function colour(code, text, words) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const found of text.slice(0, colouredMax).matchAll(words)) {
    parts.push(text.slice(end, found.index));
    const kind = Object.entries(found.groups ?? {}).find(([, value]) => value !== undefined)?.[0] ?? '';
    parts.push(element('span', { class: `code-${kind}` }, found[0]));
    end = found.index + found[0].length;
  }
  parts.push(text.slice(end));
  code.replaceChildren(...parts);
}
