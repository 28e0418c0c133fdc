/**
 * The Huffman code of HPACK (RFC 7541, 5.2 and appendix B).
 *
 * The code is canonical: codes of one length are consecutive numbers in the order of their symbols, and the first of a length
 * follows the last of the length before. So the lengths say it all.
 */

/** Bits of each byte's code, 32 bytes a line; the end-of-string symbol has 30. */
const LENGTHS = [
  '13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28',
  '6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10',
  '13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6',
  '15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28',
  '20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24',
  '22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23',
  '26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27',
  '20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26',
  '30',
].flatMap((line) => line.split(' ').map(Number));

const END_OF_STRING = 256;

/** Node `n` has its children at `2n` and `2n + 1`: a node, or -1 - symbol. */
const TREE = new Int16Array(2 * END_OF_STRING + 2);

function grow(): void {
  let nodes = 1;
  let code = 0;
  const order = Array.from(LENGTHS.keys()).sort((a, b) => LENGTHS[a]! - LENGTHS[b]! || a - b);
  for (const [rank, symbol] of order.entries()) {
    const bits = LENGTHS[symbol]!;
    let node = 0;
    for (let bit = bits - 1; bit > 0; bit--) {
      const child = 2 * node + ((code >>> bit) & 1);
      if (TREE[child] === 0) TREE[child] = nodes++;
      node = TREE[child]!;
    }
    TREE[2 * node + (code & 1)] = -1 - symbol;
    const next = order[rank + 1];
    if (next !== undefined) code = (code + 1) << (LENGTHS[next]! - bits);
  }
}
grow();

/**
 * Decodes `bytes[from, to)` to `bytes[at, …)`, at most 8/5 as many bytes.
 *
 * @returns the place behind the last byte, or -1 if the code is broken
 */
export function huffmanDecode(bytes: Uint8Array, from: number, to: number, at: number): number {
  let node = 0;
  let depth = 0;
  let allOnes = true;
  for (let place = from; place < to; place++) {
    const byte = bytes[place]!;
    for (let bit = 7; bit >= 0; bit--) {
      const one = (byte >>> bit) & 1;
      const next = TREE[2 * node + one]!;
      depth += 1;
      allOnes = allOnes && one === 1;
      if (next >= 0) node = next;
      else {
        if (next === -1 - END_OF_STRING) return -1;
        bytes[at++] = -1 - next;
        node = depth = 0;
        allOnes = true;
      }
    }
  }
  // What remains is padding: the first bits of the end of the string, less than a byte of them.
  return depth < 8 && allOnes ? at : -1;
}
