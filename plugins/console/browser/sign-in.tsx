import type { TargetedSubmitEvent } from 'preact';
import { send } from './gateway.js';
import { checkKey } from './operations.js';
import { Fault, Text, Title, valuesOf } from './parts.js';
import { signIn, signInFault } from './session.js';
import { createTask } from './task.js';

const check = createTask(async (value: string) => {
  await send(checkKey, {}, value);
  signIn(value);
});

export function SignIn() {
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    void check.run(valuesOf(event.currentTarget).key ?? '');
  }
  return (
    <main class="sign-in">
      <Title>Sign in to the Rapport console</Title>
      <p>
        The console sends GraphQL operations with a <strong>MERCHANDISER</strong> key. The key stays in this
        tab, and closing the tab signs you out.
      </p>
      {signInFault.value ? (
        <p class="fault" role="alert">
          {signInFault.value}
        </p>
      ) : null}
      <form onSubmit={submit}>
        <Text label="Merchandiser key" name="key" type="password" required />
        <button type="submit" class="strong" aria-busy={check.pending.value}>
          Sign in
        </button>
      </form>
      <Fault of={check} />
    </main>
  );
}
