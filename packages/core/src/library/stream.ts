import { InputError } from '../errors.js';
import type { Workbench } from './bench.js';
import { Redactor } from './redactor.js';
import type { StreamOptions } from './types.js';

/** A stream that redacts what flows through it. It holds nothing that must be freed: it may be dropped at any point. */
export function redactingStream(bench: Workbench, options: StreamOptions): TransformStream<Uint8Array, Uint8Array> {
  let redactor: Redactor;
  return new TransformStream<Uint8Array, Uint8Array>({
    start(controller) {
      redactor = new Redactor(
        bench,
        (bytes) => controller.enqueue(bytes),
        ({ findings, omitted }) => options.onFindings?.(findings, omitted),
      );
    },
    transform(chunk) {
      if (!(chunk instanceof Uint8Array)) {
        throw new InputError('stream(): chunks must be Uint8Arrays; put a TextEncoderStream before it for strings');
      }
      redactor.push(chunk);
    },
    flush() {
      redactor.end();
    },
  });
}
