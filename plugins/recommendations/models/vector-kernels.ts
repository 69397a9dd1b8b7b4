/**
 * The two inner loops of learning vectors, four numbers at a time: WebAssembly SIMD, several times as fast as the
 * same loops in JavaScript. Assembled here from the instructions below, so that there is nothing to compile or ship
 * beside the source.
 *
 * - `dots(query, rows, rowsEnd, rowBytes, out)`: `out[r] = query · row r`; rows in fours.
 * - `push(query, querySlope, rows, rowsEnd, slopes, shares, rowBytes)`: for each row r,
 *   `querySlope += shares[r] × row r` and `slope r += shares[r] × query`.
 *
 * All arguments are byte addresses in `memory`, multiples of 16, except `rowBytes`.
 */
export interface VectorKernels {
  readonly memory: ArrayBuffer;
  dots(query: number, rows: number, rowsEnd: number, rowBytes: number, out: number): void;
  push(
    query: number,
    querySlope: number,
    rows: number,
    rowsEnd: number,
    slopes: number,
    shares: number,
    rowBytes: number,
  ): void;
}

type Code = readonly (number | Code)[];

const i32 = 0x7f;
const v128 = 0x7b;
const pageBytes = 65_536;

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const add = (local: number, value: Code): Code => [get(local), value, 0x6a, set(local)];
const constant = (value: number): Code => [0x41, value];
const sum = (a: number, b: number): Code => [get(a), get(b), 0x6a];
/** Repeats the body until `local` has reached `end`. */
const loop = (body: Code, local: number, end: number): Code => [
  [0x03, 0x40],
  body,
  [get(local), get(end), 0x49],
  [0x0d, 0x00],
  0x0b,
];
const loadFour = (address: Code): Code => [address, [0xfd, 0x00, 0x02, 0x00]];
const storeFour = (address: Code, value: Code): Code => [address, value, [0xfd, 0x0b, 0x02, 0x00]];
const splat = (address: Code): Code => [address, [0xfd, 0x09, 0x02, 0x00]];
const zeros: Code = [0xfd, 0x0c, Array.from({ length: 16 }, () => 0)];
const plus: Code = [0xfd, 0xe4, 0x01];
const times: Code = [0xfd, 0xe6, 0x01];
const lane = (local: number, at: number): Code => [get(local), [0xfd, 0x1f, at]];
const lanesSum = (local: number): Code => [
  lane(local, 0),
  lane(local, 1),
  0x92,
  lane(local, 2),
  0x92,
  lane(local, 3),
  0x92,
];
const storeOne = (address: number, value: Code, offset: number): Code => [
  get(address),
  value,
  [0x38, 0x02, offset],
];

function dotsBody(): Code {
  const [query, row0, end, bytes, out, at, row1, row2, row3] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const sums = [9, 10, 11, 12];
  const four = 13;
  const rows = [row0, row1, row2, row3];
  const inner: Code = [
    [loadFour(sum(query, at)), set(four)],
    rows.map((row, one) => [
      get(sums[one]!),
      get(four),
      loadFour(sum(row, at)),
      times,
      plus,
      set(sums[one]!),
    ]),
    add(at, constant(16)),
  ];
  return loop(
    [
      [sum(row0, bytes), set(row1), sum(row1, bytes), set(row2), sum(row2, bytes), set(row3)],
      sums.map((one) => [zeros, set(one)]),
      [constant(0), set(at)],
      loop(inner, at, bytes),
      sums.map((one, place) => storeOne(out, lanesSum(one), 4 * place)),
      add(out, constant(16)),
      [sum(row3, bytes), set(row0)],
    ],
    row0,
    end,
  );
}

function pushBody(): Code {
  const [query, querySlope, row, end, slope, share, bytes, at, weight] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const addScaled = (to: number, from: number): Code =>
    storeFour(sum(to, at), [loadFour(sum(to, at)), get(weight), loadFour(sum(from, at)), times, plus]);
  return loop(
    [
      [splat(get(share)), set(weight)],
      [constant(0), set(at)],
      loop([addScaled(querySlope, row), addScaled(slope, query), add(at, constant(16))], at, bytes),
      add(row, get(bytes)),
      add(slope, get(bytes)),
      add(share, constant(4)),
    ],
    row,
    end,
  );
}

export function createVectorKernels(memoryBytes: number): VectorKernels {
  const pages = Math.ceil(memoryBytes / pageBytes);
  const text = (name: string): Code => [name.length, ...Buffer.from(name)];
  const section = (id: number, content: Code): Code => [id, sized(content)];
  const type = (parameters: number): Code => [
    0x60,
    parameters,
    Array.from({ length: parameters }, () => i32),
    0,
  ];
  // Locals beside the parameters: so many integers, then so many vectors.
  const body = (integers: number, vectors: number, code: Code): Code =>
    sized([2, [integers, i32], [vectors, v128], code, 0x0b]);
  const module = bytes([
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, [2, type(5), type(7)]),
    section(3, [2, 0, 1]),
    section(5, [1, 0x00, unsigned(pages)]),
    section(7, [3, text('memory'), 2, 0, text('dots'), 0, 0, text('push'), 0, 1]),
    section(10, [2, body(4, 5, dotsBody()), body(1, 1, pushBody())]),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(module)));
  const { memory, dots, push } = exports as unknown as Omit<VectorKernels, 'memory'> & {
    readonly memory: { readonly buffer: ArrayBuffer };
  };
  return { memory: memory.buffer, dots, push };
}

function bytes(code: Code): number[] {
  return code.flatMap((part) => (typeof part === 'number' ? [part] : bytes(part)));
}

function sized(content: Code): Code {
  const flat = bytes(content);
  return [unsigned(flat.length), flat];
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, unsigned(value >>> 7)];
}
