/**
 * A few words of WebAssembly, so that inner loops can be written in TypeScript and assembled at the start: nothing to
 * compile or to ship beside the source. Code is bytes in nested lists.
 */
export type Code = readonly (number | Code)[];

export const i32 = 0x7f;
export const f32 = 0x7d;
export const v128 = 0x7b;
const pageBytes = 65_536;

export const get = (local: number): Code => [0x20, local];
export const set = (local: number, ...value: Code): Code => [...value, 0x21, local];
/** Sets and leaves the value on the stack. */
export const tee = (local: number, ...value: Code): Code => [...value, 0x22, local];
export const constant = (value: number): Code => [0x41, signed(value)];
export const sum = (a: Code, b: Code): Code => [a, b, 0x6a];
export const difference = (a: Code, b: Code): Code => [a, b, 0x6b];
export const either = (a: Code, b: Code): Code => [a, b, 0x72];
export const shifted = (a: Code, bits: Code): Code => [a, bits, 0x74];
export const isEqual = (a: Code, b: Code): Code => [a, b, 0x46];
export const isBelow = (a: Code, b: Code): Code => [a, b, 0x49];
export const isAbove = (a: Code, b: Code): Code => [a, b, 0x4b];
export const isNotAbove = (a: Code, b: Code): Code => [a, b, 0x4d];
export const add = (local: number, value: Code): Code => set(local, sum(get(local), value));
export const when = (condition: Code, body: Code): Code => [condition, [0x04, 0x40], body, 0x0b];
/** Runs the body, and again until `local` has reached `end`. */
export const loop = (body: Code, local: number, end: number): Code => [
  [0x03, 0x40],
  body,
  isBelow(get(local), get(end)),
  [0x0d, 0x00],
  0x0b,
];

/** A 32-bit integer at an address. */
export const load = (address: Code, offset = 0): Code => [address, [0x28, 0x02, unsigned(offset)]];
export const store = (address: Code, value: Code, offset = 0): Code => [
  address,
  value,
  [0x36, 0x02, unsigned(offset)],
];
/** 32-bit floats. */
export const loadFloat = (address: Code, offset = 0): Code => [address, [0x2a, 0x02, unsigned(offset)]];
export const storeFloat = (address: Code, value: Code, offset = 0): Code => [
  address,
  value,
  [0x38, 0x02, unsigned(offset)],
];
export const plus = (a: Code, b: Code): Code => [a, b, 0x92];
export const times = (a: Code, b: Code): Code => [a, b, 0x94];
export const larger = (a: Code, b: Code): Code => [a, b, 0x97];

/** Four floats at once; their addresses are multiples of 16. */
export const loadFour = (address: Code, offset = 0): Code => [address, [0xfd, 0x00, 0x04, unsigned(offset)]];
export const storeFour = (address: Code, value: Code, offset = 0): Code => [
  address,
  value,
  [0xfd, 0x0b, 0x04, unsigned(offset)],
];
export const four = (...values: readonly [number, number, number, number]): Code => [
  0xfd,
  0x0c,
  [...new Uint8Array(Float32Array.from(values).buffer)],
];
export const splat = (value: Code): Code => [value, [0xfd, 0x13]];
export const plusFour = (a: Code, b: Code): Code => [a, b, [0xfd, 0xe4, 0x01]];
export const timesFour = (a: Code, b: Code): Code => [a, b, [0xfd, 0xe6, 0x01]];
export const lane = (value: Code, at: number): Code => [value, [0xfd, 0x1f, at]];
export const withLane = (value: Code, at: number, one: Code): Code => [value, one, [0xfd, 0x20, at]];
export const lanesSum = (local: number): Code =>
  [1, 2, 3].reduce<Code>((left, at) => plus(left, lane(get(local), at)), lane(get(local), 0));

export interface Kernel {
  readonly name: string;
  /** All integers. */
  readonly parameters: number;
  /** The locals' numbers follow those of the parameters, in this order. */
  readonly integers?: number;
  readonly floats?: number;
  readonly fours?: number;
  /** Type of what is left on the stack at the end. Absent: nothing. */
  readonly result?: number;
  readonly code: Code;
}

/** Functions of integers, which are byte addresses in `memory` and the like. */
export function assemble<Names extends string>(
  memoryBytes: number,
  kernels: readonly (Kernel & { readonly name: Names })[],
): { readonly memory: ArrayBuffer } & Readonly<Record<Names, (...parameters: number[]) => number>> {
  const section = (id: number, ...parts: readonly Code[]): Code => [
    id,
    sized([...unsigned(parts.length), ...parts]),
  ];
  const text = (name: string): Code => [name.length, ...Buffer.from(name)];
  const type = ({ parameters, result }: Kernel): Code => [
    0x60,
    parameters,
    Array.from({ length: parameters }, () => i32),
    result === undefined ? 0 : [1, result],
  ];
  const body = ({ integers = 0, floats = 0, fours = 0, code }: Kernel): Code =>
    sized([3, [integers, i32], [floats, f32], [fours, v128], code, 0x0b]);
  const module = flat([
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, ...kernels.map(type)),
    section(3, ...kernels.map((_, at) => [at])),
    section(5, [0x00, unsigned(Math.ceil(memoryBytes / pageBytes))]),
    section(7, [text('memory'), 2, 0], ...kernels.map(({ name }, at) => [text(name), 0, at])),
    section(10, ...kernels.map(body)),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(module)));
  const { memory } = exports as unknown as { readonly memory: { readonly buffer: ArrayBuffer } };
  const functions = exports as unknown as Record<Names, (...parameters: number[]) => number>;
  return { ...functions, memory: memory.buffer };
}

function flat(code: Code): number[] {
  return code.flatMap((part) => (typeof part === 'number' ? [part] : flat(part)));
}

function sized(content: Code): Code {
  const bytes = flat(content);
  return [unsigned(bytes.length), bytes];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}
