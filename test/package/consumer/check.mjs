/** What a program does with the library; the same in every runtime and the browser. Returns what it saw. */
export async function check({ createScanner, DEFAULT_POLICY, SpectralError }) {
  const scanner = await createScanner();
  const text = 'Authorization: Bearer sk-proj-MADEUP0123456789\nProject Ethos, café.';
  const findings = scanner.scan(text).findings.map(({ ruleId, start, end }) => `${ruleId} ${start}-${end}`);
  const redacted = scanner.redact(text);
  const bytes = new TextEncoder().encode(text);
  const source = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const streamed = await new Response(source.pipeThrough(scanner.stream())).text();
  let code = '';
  try {
    await createScanner({ rules: [] });
  } catch (error) {
    code = error instanceof SpectralError ? error.code : String(error);
  }
  scanner.close();
  return { findings, redacted, streamed, code, rules: DEFAULT_POLICY.rules.length };
}
