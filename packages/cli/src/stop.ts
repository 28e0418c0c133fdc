import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';

export interface Stop {
  /** For the summary line: `SIGTERM`, `stdout closed`, … */
  readonly reason: string;
  readonly exitCode: number;
}

/** The wish to stop: it comes from a signal, from the caller or from within; the first one counts. */
export class StopRequest {
  /** Aborted as soon as somebody wants to stop. */
  readonly signal: AbortSignal;
  readonly requested: Promise<Stop>;
  /** A second signal: nobody wants to wait any more. Resolves to the exit code of a process ended by that signal. */
  readonly forced: Promise<number>;
  private readonly controller = new AbortController();
  private resolve!: (stop: Stop) => void;
  private force!: (exitCode: number) => void;

  constructor(
    private readonly signals: Pick<EventEmitter, 'on' | 'off'>,
    private readonly caller: AbortSignal | undefined,
  ) {
    this.signal = this.controller.signal;
    this.requested = new Promise((resolve) => {
      this.resolve = resolve;
    });
    this.forced = new Promise((resolve) => {
      this.force = resolve;
    });
    signals.on('SIGTERM', this.onSignal);
    signals.on('SIGINT', this.onSignal);
    caller?.addEventListener('abort', this.onCaller);
    if (caller?.aborted) this.onCaller();
  }

  request(reason: string, exitCode: number): void {
    if (this.signal.aborted) return;
    this.resolve({ reason, exitCode });
    this.controller.abort();
  }

  dispose(): void {
    this.signals.off('SIGTERM', this.onSignal);
    this.signals.off('SIGINT', this.onSignal);
    this.caller?.removeEventListener('abort', this.onCaller);
  }

  private readonly onSignal = (name: 'SIGTERM' | 'SIGINT'): void => {
    if (this.signal.aborted) this.force(128 + constants.signals[name]);
    else this.request(name, 0);
  };

  private readonly onCaller = (): void => this.request('caller', 0);
}
