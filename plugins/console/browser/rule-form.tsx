import { signal } from '@preact/signals';
import type { TargetedSubmitEvent } from 'preact';
import { useEffect } from 'preact/hooks';
import { send } from './gateway.js';
import { saveRule } from './operations.js';
import { Choice, Fault, focusTitle, Text, type TextProps } from './parts.js';
import { type Action, describeAction, inputOf, type Rule } from './rule.js';
import {
  type ActionDraft,
  type ActionKind,
  actionDraftOf,
  actionKinds,
  emptyAction,
  newRule,
  type RuleDraft,
  ruleDraftOf,
  ruleInputOf,
} from './rule-draft.js';
import { announce, checkUserErrors, createTask } from './task.js';

/** The rule that is being written. It stays while the user moves between views. */
export const edited = signal<RuleDraft | null>(null);

const focusName = () => document.getElementById('rule-name')?.focus();

export function editRule(rule: Rule | null): void {
  edited.value = rule ? ruleDraftOf(rule) : newRule('');
  save.reset();
  requestAnimationFrame(focusName);
}

/** Adds an action for a search to the rule that is being written, or begins a rule with it. */
export function addAction(query: string, action: Action | null): void {
  const rule = edited.value ?? newRule(query);
  if (!action) {
    edited.value = rule;
    requestAnimationFrame(focusName);
    return;
  }
  const pins = rule.actions.filter(({ kind }) => kind === 'pin').length;
  const placed = action.pin ? { pin: { ...action.pin, position: pins + 1 } } : action;
  edited.value = { ...rule, actions: [...rule.actions, actionDraftOf(placed)] };
  announce(`Added to the rule: ${describeAction(placed)}. Save the rule when it is complete.`);
}

const save = createTask(async (draft: RuleDraft) => {
  const { saveMerchandisingRule: saved } = await send(saveRule, { rule: inputOf(ruleInputOf(draft)) });
  checkUserErrors(saved?.userErrors ?? []);
  const warnings = (saved?.warnings ?? []).map((warning) => ` Note: ${warning}.`).join('');
  edited.value = null;
  return `The rule is saved in the draft. Publish the draft to show it to shoppers.${warnings}`;
});

function change(part: Partial<RuleDraft>): void {
  if (edited.value) edited.value = { ...edited.value, ...part };
}

function changeAction(index: number, part: Partial<ActionDraft>): void {
  const { actions } = edited.value!;
  change({ actions: actions.map((action, i) => (i === index ? { ...action, ...part } : action)) });
}

const matches = [
  ['', 'Any list: searches, listings, recommendations'],
  ['EXACT', 'Searches for exactly this text'],
  ['CONTAINS', 'Searches that contain this text'],
  ['ANY', 'All searches'],
] as const;

export function RuleForm({ onDone }: { readonly onDone: (sentence: string) => void }) {
  const draft = edited.value;
  useEffect(() => () => save.reset(), []);
  if (!draft) return null;

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const sentence = edited.value && (await save.run(edited.value));
    if (!sentence) return;
    announce(sentence);
    focusTitle();
    onDone(sentence);
  }
  function cancel(): void {
    edited.value = null;
    focusTitle();
  }
  const text = (name: keyof RuleDraft, label: string, more: Pick<TextProps, 'hint' | 'type'> = {}) => (
    <Text
      label={label}
      name={`rule-${name}`}
      value={String(draft[name])}
      onInput={(value) => change({ [name]: value })}
      {...more}
    />
  );

  return (
    <form class="panel" onSubmit={submit} aria-label="Rule">
      <h2>{draft.original ? `Edit “${draft.original.name}”` : 'New rule'}</h2>
      <div class="row">
        <Text
          label="Name"
          name="rule-name"
          value={draft.name}
          required
          onInput={(value) => change({ name: value })}
        />
        {text('priority', 'Priority', { type: 'number', hint: 'Higher priorities come first.' })}
        <label class="check" for="rule-enabled">
          <input
            id="rule-enabled"
            type="checkbox"
            checked={draft.enabled}
            onChange={(event) => change({ enabled: event.currentTarget.checked })}
          />
          Enabled
        </label>
      </div>
      <fieldset>
        <legend>When</legend>
        <div class="row">
          <Choice
            label="Lists"
            name="rule-match"
            value={draft.match}
            options={matches}
            onChange={(match) => change({ match })}
          />
          {draft.match === 'EXACT' || draft.match === 'CONTAINS' ? text('text', 'Text') : null}
        </div>
        <details>
          <summary>More conditions</summary>
          <div class="row">
            {text('categoryId', 'Category id')}
            {text('segmentId', 'Segment id')}
            {text('placements', 'Placements', { hint: 'Between commas.' })}
            {text('channels', 'Channels', { hint: 'For example WEB, APP.' })}
            {text('storeIds', 'Store ids', { hint: 'Between commas.' })}
            {text('locales', 'Languages', { hint: 'For example en, de-CH.' })}
            {text('from', 'From', { type: 'datetime-local' })}
            {text('until', 'Until', { type: 'datetime-local' })}
          </div>
        </details>
      </fieldset>
      <fieldset>
        <legend>Then</legend>
        {draft.actions.map((action, index) => (
          <ActionFields key={index} action={action} index={index} />
        ))}
        {draft.actions.length === 0 ? <p>Add an action here, or choose one beside a product.</p> : null}
        <button type="button" onClick={() => change({ actions: [...draft.actions, emptyAction] })}>
          Add an action
        </button>
      </fieldset>
      <Fault of={save} />
      <div class="buttons">
        <button type="submit" class="strong" aria-busy={save.pending.value}>
          Save to the draft
        </button>
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

const kindLabels: Readonly<Record<ActionKind, string>> = {
  pin: 'Pin a product',
  boost: 'Boost products',
  bury: 'Bury products',
  hide: 'Hide products',
  filter: 'Show only',
  redirect: 'Redirect to a page',
};

function ActionFields({ action, index }: { readonly action: ActionDraft; readonly index: number }) {
  const label = `Action ${index + 1}`;
  const text = (name: Exclude<keyof ActionDraft, 'kind'>, title: string, more: Partial<TextProps> = {}) => (
    <Text
      label={title}
      name={`action-${index}-${name}`}
      value={action[name]}
      onInput={(value) => changeAction(index, { [name]: value })}
      {...more}
    />
  );
  const hasFilter = action.kind !== 'pin' && action.kind !== 'redirect';
  const factors = action.kind === 'boost' ? { min: '1', max: '1000' } : { min: '0', max: '1' };
  function remove(): void {
    change({ actions: edited.value!.actions.filter((_, i) => i !== index) });
    announce(`${label} is removed.`);
    focusName();
  }
  return (
    <fieldset class="action row">
      <legend>{label}</legend>
      <Choice
        label="Action"
        name={`action-${index}-kind`}
        value={action.kind}
        options={actionKinds.map((kind) => [kind, kindLabels[kind]] as const)}
        onChange={(kind) =>
          changeAction(index, { kind: kind as ActionKind, factor: kind === 'bury' ? '0.5' : '2' })
        }
      />
      {action.kind === 'pin' ? (
        <>
          {text('productId', 'Product', { hint: 'An id, SKU or GTIN.', required: true })}
          {text('position', 'Position', { type: 'number', min: '1', max: '100', required: true })}
        </>
      ) : null}
      {hasFilter ? (
        <>
          {text('ids', 'Product ids', { hint: 'Between commas.' })}
          {text('brands', 'Brands', { hint: 'Between commas.' })}
          {text('categoryId', 'Category id')}
        </>
      ) : null}
      {action.kind === 'boost' || action.kind === 'bury'
        ? text('factor', 'Factor', { type: 'number', step: 'any', required: true, ...factors })
        : null}
      {action.kind === 'redirect'
        ? text('url', 'Address', { hint: 'A URL, or a path such as /sale.', required: true })
        : null}
      <button type="button" onClick={remove}>
        Remove<span class="unseen"> action {index + 1}</span>
      </button>
    </fieldset>
  );
}
