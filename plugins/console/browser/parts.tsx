import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { announcement, type Task } from './task.js';

/** The heading of a view. It takes the focus when the view opens, so that a keyboard and a screen reader begin there. */
export function Title({ children }: { readonly children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // With the view itself, so that a key pressed at once does not lose the focus again.
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** The fault of a request, spoken at once. */
export function Fault({ of }: { readonly of: Task<never, unknown> }) {
  const text = of.fault.value;
  return text ? (
    <p class="fault" role="alert">
      {text}
    </p>
  ) : null;
}

/** The result of the last action, for eyes and screen readers. */
export function Announcement() {
  return (
    <p class="announcement" role="status">
      {announcement.value}
    </p>
  );
}

/** A label over its control. */
export function Field(props: {
  readonly label: string;
  readonly name: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="field">
      <label for={props.name}>{props.label}</label>
      {props.children}
      {props.hint ? (
        <small class="hint" id={`${props.name}-hint`}>
          {props.hint}
        </small>
      ) : null}
    </div>
  );
}

export interface TextProps {
  readonly label: string;
  readonly name: string;
  readonly value?: string;
  readonly hint?: string;
  readonly type?: 'text' | 'search' | 'password' | 'number' | 'datetime-local' | 'date';
  readonly required?: boolean;
  readonly min?: string;
  readonly max?: string;
  readonly step?: string;
  readonly placeholder?: string;
  readonly onInput?: (value: string) => void;
}

export function Text({ label, name, hint, value = '', type = 'text', onInput, ...more }: TextProps) {
  // The types of Preact tell the kinds of input apart, and each takes these attributes.
  const attributes = { type, value, ...more } as InputHTMLAttributes<HTMLInputElement>;
  return (
    <Field label={label} name={name} {...(hint ? { hint } : {})}>
      <input
        id={name}
        name={name}
        autocomplete="off"
        spellcheck={false}
        {...(hint ? { 'aria-describedby': `${name}-hint` } : {})}
        {...(onInput ? { onInput: (event) => onInput(event.currentTarget.value) } : {})}
        {...attributes}
      />
    </Field>
  );
}

export function Choice(props: {
  readonly label: string;
  readonly name: string;
  readonly value?: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly onChange?: (value: string) => void;
}) {
  const { label, name, value, options, onChange } = props;
  return (
    <Field label={label} name={name}>
      <select
        id={name}
        name={name}
        value={value}
        {...(onChange ? { onChange: (event) => onChange(event.currentTarget.value) } : {})}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each} selected={each === value}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** The controls of a form by name. */
export function valuesOf(form: HTMLFormElement): Readonly<Record<string, string>> {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}

const channels = ['WEB', 'APP', 'KIOSK', 'VOICE', 'EMAIL', 'SMS'].map(
  (channel) => [channel, channel] as const,
);

/** Moves the focus to the heading of the view, after the control that had it is gone. */
export const focusTitle = (): void => document.querySelector('h1')?.focus();

/** The controls of a `Place`. */
export function PlaceFields({ values }: { readonly values: Readonly<Record<string, string>> }) {
  return (
    <>
      <Choice label="Channel" name="channel" value={values.channel ?? 'WEB'} options={channels} />
      <Text label="Language" name="locale" value={values.locale ?? ''} placeholder="en" />
      <Text label="Store" name="storeId" value={values.storeId ?? ''} />
      <Text label="Currency" name="currency" value={values.currency ?? ''} placeholder="EUR" />
    </>
  );
}
