import type { FlowTable } from './flows.js';
import type { RowSource, Scanner } from './scanner.js';

/**
 * Rows `[from, to)` of the batch area wait to be scanned together. They wait until the area is full, the call ends, or
 * something must happen in order with them: a gap, the end of a flow, a flow that makes room for another.
 */
export class Queue {
  from = 0;
  to = 0;

  constructor(
    readonly flows: FlowTable,
    readonly scanner: Scanner,
    readonly source: RowSource,
  ) {}

  /** Scans the rows that wait. */
  flush(): void {
    if (this.from === this.to) return;
    const { from, to } = this;
    this.from = to;
    this.scanner.scan(from, to, this.source);
    this.flows.generation += 1;
  }

  /** Leaves out row `to`: it was dealt with otherwise. Nothing may wait. */
  skip(): void {
    this.to += 1;
    this.from = this.to;
  }

  clear(): void {
    this.from = 0;
    this.to = 0;
  }
}
