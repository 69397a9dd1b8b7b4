import { signal } from '@preact/signals';
import type { TargetedSubmitEvent } from 'preact';
import { useEffect } from 'preact/hooks';
import { confirmThen } from './confirmation.js';
import { listOf } from './context.js';
import { send } from './gateway.js';
import type { Synonym, SynonymFormat, SynonymKind } from './operations.js';
import * as operations from './operations.js';
import { Choice, Fault, Field, focusTitle, Text, Title, valuesOf } from './parts.js';
import { hrefOf, route } from './route.js';
import { announce, checkUserErrors, createTask } from './task.js';

/** Rows of the table; a filter finds the others. */
const rowsMax = 200;

const kinds = [
  ['MULTI_WAY', 'Each term finds the others'],
  ['ONE_WAY', 'The input finds the terms'],
  ['REPLACE', 'The term is searched for instead of the input'],
  ['NEVER', 'No term stands for another'],
] as const;
const kindLabels = new Map<string, string>(kinds);

const formats = [
  ['CSV', 'CSV (keeps everything)'],
  ['SOLR', 'Solr'],
  ['ELASTICSEARCH', 'Elasticsearch'],
  ['ALGOLIA', 'Algolia (JSON)'],
] as const;

const needsInput = (kind: string): boolean => kind === 'ONE_WAY' || kind === 'REPLACE';

const load = createTask(() => send(operations.synonyms, {}));
const filter = signal('');
const kind = signal<string>('MULTI_WAY');

const save = createTask(async (values: Readonly<Record<string, string>>) => {
  const { saveSynonym } = await send(operations.saveSynonym, {
    synonym: {
      locale: values.locale || '*',
      kind: values.kind as SynonymKind,
      input: needsInput(values.kind ?? '') ? (values.input ?? '') : null,
      terms: listOf(values.terms),
    },
  });
  checkUserErrors(saveSynonym?.userErrors ?? []);
  announce(`The synonym ${values.terms} is saved. It holds from the next search on.`);
  await load.run();
  return true;
});

const remove = createTask(async ({ id, terms }: Synonym) => {
  const { removeSynonym } = await send(operations.removeSynonym, { id });
  checkUserErrors(removeSynonym?.userErrors ?? []);
  announce(`The synonym ${terms.join(', ')} is deleted.`);
  await load.run();
  focusTitle();
});

const read = createTask(async (values: Readonly<Record<string, string>>) => {
  const { importSynonyms } = await send(operations.importSynonyms, {
    format: values.format as SynonymFormat,
    text: values.text ?? '',
    locale: values.locale || '*',
  });
  checkUserErrors(importSynonyms?.userErrors ?? []);
  announce(`${importSynonyms?.saved} synonyms are saved, ${importSynonyms?.unchanged} were there already.`);
  await load.run();
  return importSynonyms;
});

const write = createTask(async (format: SynonymFormat) => {
  const { exportSynonyms } = await send(operations.exportSynonyms, { format });
  announce('The file is ready.');
  return exportSynonyms;
});

function confirmRemoval(synonym: Synonym): void {
  confirmThen({
    title: 'Delete the synonym?',
    text: `${synonym.terms.join(', ')}: it ends with the next search.`,
    action: 'Yes, delete',
    run: () => void remove.run(synonym),
  });
}

export function SynonymsView() {
  useEffect(() => void load.run(), []);
  return (
    <>
      <Title>Synonyms</Title>
      <p>
        A synonym holds from the next search on, in every channel; it is not part of the draft.{' '}
        <a href={hrefOf('preview')}>Preview</a> shows its effect.
      </p>
      <AddForm />
      <Fault of={load} />
      <Fault of={remove} />
      <List />
      <ImportForm />
      <ExportForm />
    </>
  );
}

function AddForm() {
  const term = route.value.parameters.get('term') ?? '';
  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    if (await save.run(valuesOf(form))) form.reset();
  }
  return (
    <form class="panel" onSubmit={submit} aria-label="New synonym" key={term}>
      <h2>New synonym</h2>
      <div class="row">
        <Choice
          label="Kind"
          name="kind"
          value={kind.value}
          options={kinds}
          onChange={(value) => {
            kind.value = value;
          }}
        />
        {needsInput(kind.value) ? <Text label="Input" name="input" value={term} required /> : null}
        <Text
          label="Terms"
          name="terms"
          value={needsInput(kind.value) || !term ? '' : `${term}, `}
          hint="Between commas."
          required
        />
        <Text label="Language" name="locale" hint="For example en. If empty, all." />
        <button type="submit" class="strong" aria-busy={save.pending.value}>
          Save synonym
        </button>
      </div>
      <Fault of={save} />
    </form>
  );
}

function List() {
  const all = load.data.value?.synonyms;
  if (!all) return null;
  const text = filter.value.toLowerCase();
  const found = all.filter(({ terms, input }) =>
    [...terms, input ?? ''].some((term) => term.toLowerCase().includes(text)),
  );
  return (
    <>
      <Text
        label="Filter"
        name="filter"
        type="search"
        value={filter.value}
        onInput={(value) => {
          filter.value = value;
        }}
      />
      <div class="scroll">
        <table>
          <caption>
            {found.length} of {all.length} synonyms
            {found.length > rowsMax ? `; the first ${rowsMax} are shown` : ''}
          </caption>
          <thead>
            <tr>
              <th scope="col">Terms</th>
              <th scope="col">Kind</th>
              <th scope="col">Language</th>
              <th scope="col">Notes</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, rowsMax).map((synonym) => (
              <tr key={synonym.id}>
                <th scope="row">
                  {synonym.input ? `${synonym.input} → ` : ''}
                  {synonym.terms.join(', ')}
                </th>
                <td>{kindLabels.get(synonym.kind)}</td>
                <td>{synonym.locale === '*' ? 'all' : synonym.locale}</td>
                <td>{(synonym.warnings ?? []).join('; ')}</td>
                <td>
                  <button type="button" onClick={() => confirmRemoval(synonym)}>
                    Delete<span class="unseen"> {synonym.terms.join(', ')}</span>
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function ImportForm() {
  const result = read.data.value;
  async function take(event: Event): Promise<void> {
    const input = event.currentTarget as HTMLInputElement;
    const text = input.form?.elements.namedItem('text');
    const file = input.files?.[0];
    if (file && text instanceof HTMLTextAreaElement) text.value = await file.text();
  }
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const { file: _, ...values } = valuesOf(event.currentTarget);
    void read.run(values);
  }
  return (
    <form class="panel" onSubmit={submit} aria-label="Import synonyms">
      <h2>Import</h2>
      <div class="row">
        <Choice label="Form of the file" name="format" options={formats} />
        <Text label="Language of its synonyms" name="locale" hint="If empty, all." />
        <Field label="File" name="file">
          <input id="file" name="file" type="file" onChange={(event) => void take(event)} />
        </Field>
      </div>
      <Field label="Text of the file" name="text">
        <textarea id="text" name="text" rows={4} required spellcheck={false} />
      </Field>
      <button type="submit" aria-busy={read.pending.value}>
        Import synonyms
      </button>
      <Fault of={read} />
      {result ? <Losses losses={result.losses} /> : null}
    </form>
  );
}

function ExportForm() {
  const file = write.data.value;
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    void write.run(valuesOf(event.currentTarget).exported as SynonymFormat);
  }
  return (
    <form class="panel" onSubmit={submit} aria-label="Export synonyms">
      <h2>Export</h2>
      <div class="row">
        <Choice label="Form of the exported file" name="exported" options={formats} />
        <button type="submit" aria-busy={write.pending.value}>
          Export synonyms
        </button>
      </div>
      <Fault of={write} />
      {file ? (
        <>
          <Field label="Exported text" name="exported-text">
            <textarea id="exported-text" rows={4} readOnly value={file.text} />
          </Field>
          <Losses losses={file.losses} />
        </>
      ) : null}
    </form>
  );
}

/** Lines that a form cannot say. */
function Losses({
  losses,
}: {
  readonly losses: readonly { readonly line: number; readonly message: string }[];
}) {
  if (losses.length === 0) return null;
  return (
    <ul aria-label="Lines that were not taken over in full">
      {losses.map(({ line, message }) => (
        <li key={`${line} ${message}`}>
          Line {line}: {message}
        </li>
      ))}
    </ul>
  );
}
