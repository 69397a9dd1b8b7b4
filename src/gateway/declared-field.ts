/** Names a field of the schema and the plugin that declares it, for errors and time limits. */
export interface DeclaredField {
  /** Such as `Shopper.weather`. */
  readonly coordinate: string;
  /** The plugin that declares the field. */
  readonly owner: string;
  /** True if the field was added to a type that another plugin declares. */
  readonly isAdded: boolean;
  /** True for a root field of mutations. It may take effect once begun, so it has the deadline of its operation. */
  readonly isWrite: boolean;
}
