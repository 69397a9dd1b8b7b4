import type { TargetedSubmitEvent } from 'preact';
import { useEffect } from 'preact/hooks';
import { confirmThen } from './confirmation.js';
import { shownMoment } from './context.js';
import { send } from './gateway.js';
import type { Publication, Replay, Revision, RuleChange } from './operations.js';
import * as operations from './operations.js';
import { Fault, focusTitle, Text, Title, valuesOf } from './parts.js';
import { hrefOf } from './route.js';
import { describeAction, describeCondition, type Rule } from './rule.js';
import { announce, checkUserErrors, createTask } from './task.js';

const load = createTask(() => send(operations.draft, {}));
const replay = createTask(async () => {
  const { replayDraft } = await send(operations.replay, {});
  announce(
    replayDraft?.queries ? `${replayDraft.queries} queries are replayed.` : 'No searches are logged yet.',
  );
  return replayDraft;
});

async function published(payload: Publication | null, sentence: string): Promise<void> {
  checkUserErrors(payload?.userErrors ?? []);
  if (payload?.revision) announce(`${sentence} Revision ${payload.revision.number} holds now.`);
  replay.reset();
  await load.run();
  focusTitle();
}

/** The note of a publication that was refused; it may be forced. */
interface Refused {
  readonly note: string;
  readonly message: string;
}

const publish = createTask(async (note: string, force: boolean): Promise<Refused | null> => {
  const { publishDraft } = await send(operations.publish, { note, force });
  if (publishDraft?.refused) return { note, message: publishDraft.refused.message };
  await published(publishDraft, 'The draft is published.');
  return null;
});

const rollBack = createTask(async (revision: number) => {
  const { rollbackTo } = await send(operations.rollBack, { revision });
  await published(rollbackTo, `The rules of revision ${revision} are restored.`);
});

const discard = createTask(async () => {
  const { discardDraft } = await send(operations.discard, {});
  checkUserErrors(discardDraft?.userErrors ?? []);
  announce(`The changes of ${discardDraft?.discarded} rules are discarded.`);
  replay.reset();
  await load.run();
  focusTitle();
});

export function PublishView() {
  useEffect(() => {
    publish.reset();
    replay.reset();
    void load.run();
  }, []);
  const changes = load.data.value?.merchandisingDraft?.changes;
  return (
    <>
      <Title>Publish</Title>
      <Fault of={load} />
      <Fault of={discard} />
      <Fault of={rollBack} />
      <h2>Changes of the draft</h2>
      {changes?.length === 0 ? <p>The draft has no changes.</p> : null}
      {changes && changes.length > 0 ? (
        <>
          <Changes changes={changes} />
          <ReplayPart />
          <PublishForm />
        </>
      ) : null}
      <Revisions revisions={load.data.value?.revisions ?? []} />
    </>
  );
}

const describeRule = (rule: Rule | null): string =>
  rule
    ? `${rule.name}: ${describeCondition(rule.when)} → ${rule.then.map(describeAction).join('; ')}; priority ${rule.priority}${rule.enabled ? '' : '; disabled'}`
    : 'no rule';

function Changes({ changes }: { readonly changes: readonly RuleChange[] }) {
  return (
    <div class="scroll">
      <table>
        <caption>What publishing changes</caption>
        <thead>
          <tr>
            <th scope="col">Change</th>
            <th scope="col">Now</th>
            <th scope="col">With the draft</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ ruleId, before, after }) => (
            <tr key={ruleId}>
              <th scope="row">{before ? (after ? 'changed' : 'removed') : 'new'}</th>
              <td>{describeRule(before)}</td>
              <td>{describeRule(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ReplayPart() {
  const report = replay.data.value;
  return (
    <>
      <h2>Replay</h2>
      <p>Searches the most frequent queries of the last 30 days as published and with the draft.</p>
      <button type="button" onClick={() => void replay.run()} aria-busy={replay.pending.value}>
        Replay frequent searches
      </button>
      <Fault of={replay} />
      {report ? <Figures report={report} /> : null}
    </>
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function Figures({ report }: { readonly report: Replay }) {
  const rows = [
    ['Searches without results', report.zeroResultsBefore, report.zeroResultsAfter],
    ['Searches that lose all results', '', report.zeroResultsNew],
    ['First ten products that stay', '', percent(report.overlapAt10)],
    ['Rank-biased overlap', '', percent(report.rbo)],
  ] as const;
  return (
    <>
      <table>
        <caption>
          {report.queries} queries, searched {report.searches} times
        </caption>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" class="number">
              Now
            </th>
            <th scope="col" class="number">
              With the draft
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, before, after]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{before}</td>
              <td class="number">{after}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {report.worst.length > 0 ? <h3>Queries that change most</h3> : null}
      {report.worst.map(({ query, searches, before, after }) => (
        <details key={query}>
          <summary>
            {query} ({searches} searches)
          </summary>
          <p>
            <a href={hrefOf('preview', { query })}>Preview {query}</a>
          </p>
          <div class="columns">
            {[['Now', before] as const, ['With the draft', after] as const].map(([title, products]) => (
              <section key={title} aria-label={`${query}, ${title}`}>
                <h4>{title}</h4>
                {products.length === 0 ? <p>Nothing.</p> : null}
                <ol>
                  {products.map(({ id, title: name }) => (
                    <li key={id}>{name}</li>
                  ))}
                </ol>
              </section>
            ))}
          </div>
        </details>
      ))}
    </>
  );
}

function PublishForm() {
  const refused = publish.data.value;
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    void publish.run(valuesOf(event.currentTarget).note ?? '', false);
  }
  function force({ note, message }: Refused): void {
    confirmThen({
      title: 'Publish all the same?',
      text: `${message}. Shoppers see the change at once.`,
      action: 'Yes, publish',
      run: () => void publish.run(note, true),
    });
  }
  function confirmDiscard(): void {
    confirmThen({
      title: 'Discard the draft?',
      text: 'All its changes are lost.',
      action: 'Yes, discard',
      run: () => void discard.run(),
    });
  }
  return (
    <form class="panel" onSubmit={submit} aria-label="Publish the draft">
      <h2>Publish the draft</h2>
      <Text label="Note" name="note" hint="What is changed and why." required />
      <div class="buttons">
        <button type="submit" class="strong" aria-busy={publish.pending.value}>
          Publish
        </button>
        <button type="button" onClick={confirmDiscard}>
          Discard the draft
        </button>
      </div>
      <Fault of={publish} />
      {refused ? (
        <div class="fault" role="alert">
          <p>Not published: {refused.message}.</p>
          <button type="button" onClick={() => force(refused)}>
            Publish all the same
          </button>
        </div>
      ) : null}
    </form>
  );
}

function Revisions({ revisions }: { readonly revisions: readonly Revision[] }) {
  function confirmRollBack(number: number): void {
    confirmThen({
      title: number === 0 ? 'Restore the shop without rules?' : `Restore the rules of revision ${number}?`,
      text: 'Shoppers see them at once. The draft stays as it is.',
      action: 'Yes, restore',
      run: () => void rollBack.run(number),
    });
  }
  const newest = revisions[0]?.number;
  const oldest = revisions.at(-1)?.number;
  return (
    <>
      <h2>Revisions</h2>
      {revisions.length === 0 ? <p>Nothing is published yet.</p> : null}
      {revisions.length > 0 ? (
        <div class="scroll">
          <table>
            <caption>Publications, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Revision</th>
                <th scope="col">Time</th>
                <th scope="col">Author (key)</th>
                <th scope="col">Note</th>
                <th scope="col">Rules changed</th>
                <th scope="col">Restore</th>
              </tr>
            </thead>
            <tbody>
              {revisions.map(({ number, at, author, note, rules }) => (
                <tr key={number}>
                  <th scope="row">{number}</th>
                  <td>
                    <time dateTime={at}>{shownMoment(at)}</time>
                  </td>
                  <td>{author}</td>
                  <td>{note}</td>
                  <td class="number">{rules}</td>
                  <td>
                    {number === newest ? (
                      'in use'
                    ) : (
                      <button type="button" onClick={() => confirmRollBack(number)}>
                        Roll back to {number}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {oldest === 1 ? (
        <button type="button" onClick={() => confirmRollBack(0)}>
          Roll back to no rules
        </button>
      ) : null}
    </>
  );
}
