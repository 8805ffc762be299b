/** A QR code of an address, so that it can be opened on another device. ISO/IEC 18004: bytes, error correction level M, versions 1 to 10,
 *  which hold up to 213 bytes. Only what a newsroom's address needs, and drawn by nobody but this page. */

/** For each version: codewords in all, those of error correction in a block, blocks, and where alignment patterns stand. */
const VERSIONS: readonly (readonly [total: number, check: number, blocks: number, ...alignment: number[]])[] = [
  [26, 10, 1],
  [44, 16, 1, 6, 18],
  [70, 26, 1, 6, 22],
  [100, 18, 2, 6, 26],
  [134, 24, 2, 6, 30],
  [172, 16, 4, 6, 34],
  [196, 18, 4, 6, 22, 38],
  [242, 22, 4, 6, 24, 42],
  [292, 22, 5, 6, 26, 46],
  [346, 26, 5, 6, 28, 50],
]
const LEVEL_M = 0b00

/** Rows of modules; `true` is dark. */
export type Code = readonly (readonly boolean[])[]

/** @returns the code without its quiet zone, or `undefined` when the text is longer than 213 bytes */
export function qrCode(text: string): Code | undefined {
  const bytes = new TextEncoder().encode(text)
  const index = VERSIONS.findIndex(([total, check, blocks], at) => {
    const lengthBits = at + 1 < 10 ? 8 : 16
    return 4 + lengthBits + bytes.length * 8 <= (total - check * blocks) * 8
  })
  const found = VERSIONS[index]
  if (found === undefined) return undefined
  const [total, check, blocks, ...alignment] = found
  const words = interleave(codewords(bytes, index + 1, total - check * blocks), check, blocks)
  const grid = makeGrid(index + 1, alignment)
  const free = freeOf(grid)
  place(grid, free, words)
  const masked = Array.from({ length: 8 }, (_, mask) => applyMask(grid, free, mask))
  const penalties = masked.map(penalty)
  return masked[penalties.indexOf(Math.min(...penalties))]
}

/** Mode, length, the bytes, an end, and filling up to the version's room. */
function codewords(bytes: Uint8Array, version: number, room: number): Uint8Array {
  const bits: number[] = []
  const put = (value: number, count: number) => {
    for (let at = count - 1; at >= 0; at--) bits.push((value >> at) & 1)
  }
  put(0b0100, 4)
  put(bytes.length, version < 10 ? 8 : 16)
  for (const byte of bytes) put(byte, 8)
  put(0, Math.min(4, room * 8 - bits.length))
  put(0, -bits.length & 7)
  const words = new Uint8Array(room)
  for (let at = 0; at < room; at++)
    words[at] =
      at * 8 < bits.length ? Number.parseInt(bits.slice(at * 8, at * 8 + 8).join(""), 2) : (at - bits.length / 8) % 2 === 0 ? 0xec : 0x11
  return words
}

/** Blocks with their error correction, a codeword of each in turn. */
function interleave(words: Uint8Array, check: number, count: number): Uint8Array {
  const short = Math.floor(words.length / count)
  const longer = words.length % count
  const blocks = Array.from({ length: count }, (_, at) => {
    const from = at * short + Math.max(0, at - (count - longer))
    return words.subarray(from, from + short + (at >= count - longer ? 1 : 0))
  })
  const checks = blocks.map((block) => errorCorrection(block, check))
  const inTurn = (parts: readonly Uint8Array[], length: number) =>
    Array.from({ length }, (_, at) => parts.flatMap((part) => part[at] ?? [])).flat()
  return Uint8Array.from([...inTurn(blocks, short + 1), ...inTurn(checks, check)])
}

/** Multiplication in the field of 256 elements, modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a: number, b: number): number {
  let product = 0
  for (let at = 7; at >= 0; at--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    if ((b >> at) & 1) product ^= a
  }
  return product
}

/** The remainder of the block after division by the generator of that degree: Reed and Solomon's code. */
function errorCorrection(block: Uint8Array, degree: number): Uint8Array {
  let generator = [1]
  for (let at = 0, root = 1; at < degree; at++, root = times(root, 2))
    generator = [...generator, 0].map((factor, index) => factor ^ times(generator[index - 1] ?? 0, root))
  const rest = new Uint8Array(degree)
  for (const byte of block) {
    const factor = byte ^ (rest[0] ?? 0)
    rest.copyWithin(0, 1)
    rest[degree - 1] = 0
    for (let at = 0; at < degree; at++) rest[at] = (rest[at] ?? 0) ^ times(generator[at + 1] ?? 0, factor)
  }
  return rest
}

/** `undefined` where data goes. */
type Grid = (boolean | undefined)[][]

function makeGrid(version: number, alignment: readonly number[]): Grid {
  const size = 17 + 4 * version
  const grid: Grid = Array.from({ length: size }, () => Array.from({ length: size }, () => undefined))
  const set = (x: number, y: number, dark: boolean) => {
    const row = grid[y]
    if (row !== undefined && x >= 0 && x < size) row[x] = dark
  }
  /** Squares within squares around a centre, by distance. */
  const rings = (x: number, y: number, reach: number, isDark: (distance: number) => boolean) => {
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) set(x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))))
  }
  for (let at = 8; at < size - 8; at++) {
    set(at, 6, at % 2 === 0)
    set(6, at, at % 2 === 0)
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    rings(x, y, 4, (distance) => distance !== 2 && distance !== 4)
  const last = alignment.at(-1)
  for (const x of alignment)
    for (const y of alignment)
      if (!(x === 6 && y === 6) && !(x === 6 && y === last) && !(x === last && y === 6)) rings(x, y, 2, (distance) => distance !== 1)
  // Kept free of data; what stands there depends on the mask.
  putFormat(grid, 0)
  if (version >= 7) {
    const bits = (version << 12) | remainder(version, 12, 0x1f25)
    for (let at = 0; at < 18; at++) {
      const [far, near] = [size - 11 + (at % 3), Math.floor(at / 3)]
      set(far, near, ((bits >> at) & 1) === 1)
      set(near, far, ((bits >> at) & 1) === 1)
    }
  }
  return grid
}

/** Of value times 2^degree, divided by a polynomial of that degree over two elements. */
function remainder(value: number, degree: number, polynomial: number): number {
  let rest = value
  for (let at = 0; at < degree; at++) rest = (rest << 1) ^ ((rest >> (degree - 1)) * polynomial)
  return rest
}

/** Level and mask, twice, so that a code can be read although a corner is covered. */
function putFormat(grid: Grid, mask: number): void {
  const data = (LEVEL_M << 3) | mask
  const bits = ((data << 10) | remainder(data, 10, 0x537)) ^ 0x5412
  const size = grid.length
  const set = (x: number, y: number, at: number) => {
    const row = grid[y]
    if (row !== undefined) row[x] = ((bits >> at) & 1) === 1
  }
  for (let at = 0; at < 15; at++) {
    // Around the first finder, past the timing patterns; then along the other two.
    if (at < 8) set(8, at < 6 ? at : at + 1, at)
    else set(at === 8 ? 7 : 14 - at, 8, at)
    if (at < 8) set(size - 1 - at, 8, at)
    else set(8, size - 15 + at, at)
  }
  const row = grid[size - 8]
  if (row !== undefined) row[8] = true
}

/** Which modules are left for data. */
type Free = (x: number, y: number) => boolean

function freeOf(grid: Grid): Free {
  const free = grid.map((row) => row.map((module) => module === undefined))
  return (x, y) => free[y]?.[x] === true
}

/** Up and down in columns of two, from the right, past the timing pattern. */
function place(grid: Grid, free: Free, words: Uint8Array): void {
  const size = grid.length
  let bit = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step++)
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - step : step
        const row = grid[y]
        if (row === undefined || !free(x, y)) continue
        row[x] = (((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
        bit++
      }
  }
}

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

function applyMask(grid: Grid, free: Free, mask: number): boolean[][] {
  const copy: Grid = grid.map((row, y) => row.map((module, x) => (free(x, y) ? module !== MASKS[mask]?.(x, y) : module)))
  putFormat(copy, mask)
  return copy.map((row) => row.map((module) => module === true))
}

/** How hard it would be to read: runs, blocks, what looks like a finder, and an uneven share of dark. */
function penalty(code: Code): number {
  const size = code.length
  const columns = code.map((_, x) => code.map((row) => row[x] === true))
  let sum = 0
  for (const line of [...code, ...columns].map((modules) => modules.map(Number).join(""))) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2
    sum += 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length
  }
  for (let y = 1; y < size; y++)
    for (let x = 1; x < size; x++) {
      const here = code[y]?.[x]
      if (here === code[y]?.[x - 1] && here === code[y - 1]?.[x] && here === code[y - 1]?.[x - 1]) sum += 3
    }
  const dark = code.flat().filter(Boolean).length / size ** 2
  return sum + 10 * Math.floor(Math.abs(dark * 20 - 10))
}
