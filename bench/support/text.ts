/** Request bodies as chat clients send them, from a seeded generator; nothing in them matches the default policy. */
export function harmlessText(bytes: number): Uint8Array {
  const words =
    'the quick model reads every word and answers with care because a user asked how to write tests for their code today'.split(
      ' ',
    );
  let seed = 1;
  const next = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return words[(seed >>> 16) % words.length]!;
  };
  let out = '';
  while (out.length < bytes) {
    const content = Array.from({ length: 40 }, next).join(' ');
    out += `{"model":"demo-4","messages":[{"role":"user","content":"${content}\\n"}],"temperature":0.7}\r\n`;
  }
  return new TextEncoder().encode(out.slice(0, bytes));
}
