import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

interface Question {
  readonly title: string;
  readonly text: string;
  /** The label of the button that does it. */
  readonly action: string;
  readonly run: () => void;
}

const question = signal<Question | null>(null);

/** Asks the user before something that shoppers see at once. */
export function confirmThen(next: Question): void {
  question.value = next;
}

/** The dialog of `confirmThen`. The browser keeps the focus in it and returns the focus afterwards; Escape closes it. */
export function Confirmation() {
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = question.value;
  useEffect(() => {
    if (shown && !dialog.current?.open) dialog.current?.showModal();
  }, [shown]);
  function close(): void {
    dialog.current?.close();
  }
  function confirm(): void {
    close();
    shown?.run();
  }
  return (
    <dialog
      ref={dialog}
      aria-labelledby="confirmation-title"
      onClose={() => {
        question.value = null;
      }}
    >
      {shown ? (
        <>
          <h2 id="confirmation-title">{shown.title}</h2>
          <p>{shown.text}</p>
          <div class="buttons">
            <button type="button" class="strong" onClick={confirm}>
              {shown.action}
            </button>
            <button type="button" onClick={close}>
              Cancel
            </button>
          </div>
        </>
      ) : null}
    </dialog>
  );
}
