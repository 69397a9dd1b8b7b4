import { useEffect } from 'preact/hooks';
import { send } from './gateway.js';
import { removeRule, rules } from './operations.js';
import { Fault, focusTitle, Title } from './parts.js';
import { hrefOf } from './route.js';
import { describeAction, describeCondition, type Rule } from './rule.js';
import { edited, editRule, RuleForm } from './rule-form.js';
import { announce, checkUserErrors, createTask } from './task.js';

const load = createTask(() => send(rules, {}));

const remove = createTask(async ({ id, name }: Rule) => {
  const { removeMerchandisingRule: removed } = await send(removeRule, { id });
  checkUserErrors(removed?.userErrors ?? []);
  announce(`“${name}” is removed in the draft. It holds for shoppers until the draft is published.`);
  await load.run();
  focusTitle();
});

/** The state of a rule of the draft, compared with what is published. */
function stateOf(rule: Rule, published: readonly Rule[]): string {
  const before = published.find(({ id }) => id === rule.id);
  if (!before) return 'new in the draft';
  return JSON.stringify(before) === JSON.stringify(rule) ? 'published' : 'changed in the draft';
}

export function RulesView() {
  useEffect(() => void load.run(), []);
  const loaded = load.data.value;
  const published = loaded?.published ?? [];
  const draft = loaded?.draft ?? [];
  const removed = published.filter(({ id }) => !draft.some((rule) => rule.id === id));
  return (
    <>
      <Title>Rules</Title>
      <p>
        Changes are saved in the draft. <a href={hrefOf('preview')}>Preview</a> shows their effect, and{' '}
        <a href={hrefOf('publish')}>Publish</a> shows them to shoppers.
      </p>
      <p>
        <button type="button" class="strong" onClick={() => editRule(null)}>
          New rule
        </button>
      </p>
      {edited.value ? <RuleForm onDone={() => void load.run()} /> : null}
      <Fault of={load} />
      <Fault of={remove} />
      {loaded && draft.length === 0 ? <p>There are no rules yet.</p> : null}
      {draft.length > 0 ? (
        <div class="scroll">
          <table>
            <caption>Rules with the changes of the draft, by priority</caption>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">When</th>
                <th scope="col">Then</th>
                <th scope="col">Priority</th>
                <th scope="col">State</th>
                <th scope="col">Change</th>
              </tr>
            </thead>
            <tbody>
              {draft.map((rule) => (
                <tr key={rule.id}>
                  <th scope="row">{rule.name}</th>
                  <td>{describeCondition(rule.when)}</td>
                  <td>{rule.then.map(describeAction).join('; ')}</td>
                  <td class="number">{rule.priority}</td>
                  <td>
                    {stateOf(rule, published)}
                    {rule.enabled ? '' : ', disabled'}
                  </td>
                  <td class="buttons">
                    <button type="button" onClick={() => editRule(rule)}>
                      Edit<span class="unseen"> {rule.name}</span>
                    </button>
                    <button type="button" onClick={() => void remove.run(rule)}>
                      Delete<span class="unseen"> {rule.name}</span>
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {removed.length > 0 ? <p>Removed in the draft: {removed.map(({ name }) => name).join(', ')}.</p> : null}
    </>
  );
}
