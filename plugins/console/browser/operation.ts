/** A GraphQL operation with the types of its result and its variables. */
export interface Operation<Data, Variables> {
  readonly text: string;
  /** Carries the types only. */
  readonly types?: (variables: Variables) => Data;
}

export const operation = <Data, Variables = Record<string, never>>(
  text: string,
): Operation<Data, Variables> => ({ text });
