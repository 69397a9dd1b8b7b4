import type { Operation } from './operation.js';
import { key, signOut } from './session.js';

/** The time after which a request fails. A replay takes up to ten seconds. */
const responseMsMax = 30_000;

interface Response<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string }[];
}

/** Sends one operation to `/graphql` of the same origin. Throws an `Error` with a sentence for the user. */
export async function send<Data, Variables>(
  { text }: Operation<Data, Variables>,
  variables: Variables,
  withKey = key.value,
): Promise<Data> {
  let status: number;
  let body: Response<Data>;
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-api-key': withKey,
      },
      body: JSON.stringify({ query: text, variables }),
      signal: AbortSignal.timeout(responseMsMax),
    });
    status = response.status;
    body = await response.json();
  } catch {
    throw new Error('The gateway does not respond. Try again.');
  }
  const message = body.errors?.map((error) => error.message).join(' ');
  if (status === 401 && withKey === key.value) signOut(message);
  if (message) throw new Error(message);
  if (!body.data) throw new Error(`The gateway responded with status ${status} and no data.`);
  return body.data;
}
