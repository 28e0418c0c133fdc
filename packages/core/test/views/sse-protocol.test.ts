import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSupported, loadEngine, VARIANTS } from '../../src/engine/wasm.js';
import { EngineMemory } from '../../src/sensor/memory.js';
import { EventStream, MOST_LINE } from '../../src/views/sse.js';
import { bytesOf, decode, everywhere, places, RecordingHost, summary, withBytes } from './protocol-support.js';

const SECRET = 'made-up-secret-0123456789';
const run = (input: Uint8Array, cuts: readonly number[] = []) => decode(input, cuts, (host) => new EventStream(host));
const textsOf = (input: string | Uint8Array, cuts?: readonly number[]) =>
  run(typeof input === 'string' ? new Uint8Array(Buffer.from(input)) : input, cuts).map(({ text }) => text);

const pieces = (text: string, size = 3) => text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
const events = (documents: readonly unknown[]) => documents.map((d) => `data: ${JSON.stringify(d)}\n\n`).join('');
const lines = (documents: readonly unknown[]) => documents.map((d) => `${JSON.stringify(d)}\n`).join('');

/** How each service says that `piece` comes next in text number `n`. */
const SERVICES: Record<string, (piece: string, n: number) => unknown> = {
  'OpenAI chat': (content, index) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    choices: [{ index, delta: { content }, logprobs: null, finish_reason: null }],
  }),
  'OpenAI tool call': (piece, index) => ({
    choices: [{ index: 0, delta: { tool_calls: [{ index, function: { arguments: piece } }] } }],
  }),
  'OpenAI responses': (delta, n) => ({
    type: 'response.output_text.delta',
    sequence_number: 7,
    item_id: `msg_${n}`,
    output_index: n,
    content_index: 0,
    delta,
  }),
  'OpenAI function call': (delta, n) => ({
    type: 'response.function_call_arguments.delta',
    item_id: `fc_${n}`,
    output_index: n,
    delta,
  }),
  'Anthropic text': (text, index) => ({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } }),
  'Anthropic tool input': (piece, index) => ({
    type: 'content_block_delta',
    delta: { type: 'input_json_delta', partial_json: piece },
    index,
  }),
  'Anthropic thinking': (thinking, index) => ({
    type: 'content_block_delta',
    index,
    delta: { type: 'thinking_delta', thinking },
  }),
  Gemini: (text, index) => ({
    candidates: [{ content: { parts: [{ text }], role: 'model' }, index }],
    usageMetadata: { promptTokenCount: 1 },
  }),
  'Cohere v2': (text, index) => ({ type: 'content-delta', index, delta: { message: { content: { text } } } }),
};

describe('streamed answers', () => {
  it.each(Object.entries(SERVICES))('of %s are joined, each text by itself', (_, document) => {
    const texts = [`first ${SECRET}`, `second ${SECRET} "quoted" \\ \u{1f600}\n`];
    const [first, second] = texts.map((text, n) => pieces(text).map((piece) => document(piece, n)));
    const mixed = second!.flatMap((event, i) => (first![i] === undefined ? [event] : [first![i], event]));
    const input = new Uint8Array(Buffer.from(`: comment\nevent: x\n${events(mixed)}data: [DONE]\n\n`));
    const expected = texts.map((text) =>
      pieces(text)
        .map((piece) => JSON.stringify(piece).slice(1, -1))
        .join(''),
    );
    const whole = run(input);
    expect(whole.map(({ text }) => text)).toEqual(expected);
    for (const { bytes, from } of whole) expect(from.map((at) => input[at])).toEqual(bytes);
    expect(summary(run(input, everywhere(input)))).toEqual(summary(whole));
    fc.assert(
      fc.property(places, (cuts) => {
        expect(summary(run(input, cuts))).toEqual(summary(whole));
      }),
      { numRuns: 20 },
    );
  });

  it('come as lines of JSON, too', () => {
    const chat = pieces(SECRET).map((content) => ({
      model: 'm',
      message: { role: 'assistant', content },
      done: false,
    }));
    expect(textsOf(lines(chat))).toEqual([SECRET]);
    const generate = pieces(SECRET).map((response) => ({ model: 'm', response, done: false }));
    expect(textsOf(lines(generate), everywhere(bytesOf(lines(generate))))).toEqual([SECRET]);
  });

  it('may leave an index away where it is 0', () => {
    const documents = [
      { choices: [{ index: 0, delta: { role: 'assistant', content: 'made' } }] },
      { choices: [{ delta: { content: '-up' } }] },
      { choices: [{ index: 1, delta: { content: 'other' } }] },
    ];
    expect(textsOf(events(documents))).toEqual(['made-up', 'other']);
  });

  it('end their lines in any way, begin with a mark, and may break off', () => {
    const a = '{"delta":{"text":"made"}}';
    const b = '{"delta":{"text":"-up"}}';
    expect(textsOf(`\u{feff}data:${a}\r\n\r\nid: 1\r\ndata:   ${b}`)).toEqual(['made-up']);
    expect(textsOf(`data: ${a}\n\ndata: {"delta":{"text":"-up"},"x":["cut`)).toEqual(['made-up']);
  });

  it('do not lose their way in strings', () => {
    const odd = { 'a"{[:,': ['}]', { text: 'x' }], note: '"delta":"no"\\', delta: { text: 'found "yes" \\' } };
    expect(textsOf(events([odd, odd]))).toEqual(['xx', 'found \\"yes\\" \\\\found \\"yes\\" \\\\']);
  });

  it('pass over what is no document, and go on behind it', () => {
    const good = '{"delta":{"text":"made"}}';
    for (const bad of ['', 'data:', 'data: [DONE]', 'data: {"text":', '}}}', '[[', '{"a":"b', '"text"', 'data: 12']) {
      expect(textsOf(`${bad}\n${good}\n`)).toEqual(['made']);
    }
    expect(textsOf(`${'['.repeat(1000)}{"text":"deep"}\n${good}\n`)).toEqual(['made']);
  });

  it('pass over lines that are too long, the same whether they come in one piece', () => {
    const good = '{"delta":{"text":"made"}}';
    const filled = (bytes: number) => `{"delta":{"text":"long"},"x":"${'x'.repeat(bytes - 32)}"}`;
    const fits = `${filled(MOST_LINE)}\n${good}\n`;
    const tooLong = `${filled(MOST_LINE + 1)}\n${good}\n`;
    for (const cuts of [[], [5], [MOST_LINE], [MOST_LINE + 1], [MOST_LINE + 2], [100, 5000, 200_000]]) {
      expect(textsOf(fits, cuts)).toEqual(['longmade']);
      expect(textsOf(tooLong, cuts)).toEqual(['made']);
    }
  });

  it('keep a bounded number of texts, and of values of one line', () => {
    const documents = Array.from({ length: 200 }, (_, index) => ({ index, delta: { text: `t${index}` } }));
    const streams = run(bytesOf(events(documents)));
    expect(streams.map(({ text }) => text)).toEqual(documents.map(({ delta }) => delta.text));
    expect(streams[0]!.host.mostOpen).toBe(64);
    const many = { choices: Array.from({ length: 100 }, (_, n) => ({ text: `t${n}` })) };
    expect(textsOf(events([many])).length).toBe(64);
    const long = pieces('x'.repeat(9000), 1).map((text) => ({ delta: { text } }));
    expect(textsOf(events(long))).toEqual(['x'.repeat(9000)]);
  });

  it('take anything, and do the same with it wherever it is cut', () => {
    const fragment = fc.constantFrom(
      ...[
        'data:',
        ' ',
        '\n',
        '\r\n',
        '{',
        '}',
        '[',
        ']',
        '"',
        '\\',
        ':',
        ',',
        '"text":',
        '"delta":',
        '"index":',
        '0',
        '12',
      ],
      ...['"abc"', '{"text":"a"}', '{"delta":{"text":"b"},"index":1}', 'é', '\u{feff}', 'null', '"item_id":"x"'],
    );
    const input = fc.array(fragment, { maxLength: 40 }).map((parts) => new Uint8Array(Buffer.from(parts.join(''))));
    fc.assert(
      fc.property(input, places, (bytes, cuts) => {
        const whole = summary(run(bytes));
        expect(summary(run(bytes, cuts))).toEqual(whole);
        expect(summary(run(bytes, everywhere(bytes)))).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  it.each(VARIANTS.filter(isSupported))('are found by the %s build', async (variant) => {
    const engine = await loadEngine(variant);
    const memory = new EngineMemory(engine);
    const input = bytesOf(events(pieces(SECRET).map((text) => SERVICES.Gemini!(text, 1))));
    const pointer = engine.alloc(input.length);
    memory.bytes.set(input, pointer);
    expect(engine.eventValues(pointer, input.length, MOST_LINE, 0)).toBe(input.length);
    const at = engine.eventValuesPointer() >>> 2;
    const { words, bytes } = memory;
    const found = Array.from({ length: words[at]! }, (_, i) => words.subarray(at + 4 + 4 * i, at + 8 + 4 * i));
    const texts = found.map(([from, length]) => Buffer.from(bytes.subarray(from!, from! + length!)).toString());
    expect(texts.join('')).toBe(SECRET);
    expect(new Set(found.map(([, , low, high]) => `${low} ${high}`)).size).toBe(1);
  });

  it('hold back no more than the line under way', () => {
    const stream = new EventStream(new RecordingHost());
    const put = (text: string, at: number) => withBytes(bytesOf(text), (p) => stream.push(p, text.length, at));
    put('data: {"text":"a"}\ndata: {', 0);
    expect(stream.waiting).toBe(19);
    put('"text":"b"}\n', 26);
    expect(stream.waiting).toBe(38);
    stream.end();
    stream.free();
  });
});
