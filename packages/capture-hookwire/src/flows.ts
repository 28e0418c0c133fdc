/** A connection remembers this many flows; the least recently begun makes room, and its state in the sensor with it. */
export const MAX_FLOWS_PER_CONNECTION = 1024;

const WRAP = 2 ** 32;

/** One stream of a connection. */
export class Flow {
  /** Number of the last frame, counted on past 2^32; -1: no numbered frame yet. */
  #last = -1;

  constructor(
    /** Unique among the flows of all feeds. */
    readonly key: string,
    /** Unique on the connection. */
    readonly name: string,
    readonly pid: number,
  ) {}

  /** The frame's number without the wrap at 2^32; `undefined` for a frame that is not numbered. */
  number(seq: number): number | undefined {
    const wrapped = this.#last >= 0 && this.#last % WRAP === WRAP - 1;
    if (seq === 0 && !wrapped) return undefined;
    const on = this.#last < 0 ? seq : this.#last + ((seq - this.#last) >>> 0);
    // Far beyond any real sender: numbers that keep jumping back.
    this.#last = Number.isSafeInteger(on) ? on : seq;
    return this.#last;
  }
}

/** The flows of one connection. */
export class FlowNames {
  readonly #flows = new Map<string, Flow>();

  constructor(
    readonly connection: number,
    /** A flow had to make room. */
    readonly dropped: (flow: Flow) => void,
  ) {}

  /** @param id which of the process's flows; `undefined`: it has only one */
  get(pid: number, id: bigint | undefined): Flow {
    const name = id === undefined ? `${pid}` : `${pid}/${id}`;
    let flow = this.#flows.get(name);
    if (flow === undefined) {
      if (this.#flows.size >= MAX_FLOWS_PER_CONNECTION) {
        const [oldest, evicted] = this.#flows.entries().next().value!;
        this.#flows.delete(oldest);
        this.dropped(evicted);
      }
      flow = new Flow(`hookwire/${this.connection}/${name}`, name, pid);
      this.#flows.set(name, flow);
    }
    return flow;
  }

  end(flow: Flow): void {
    this.#flows.delete(flow.name);
  }

  all(): Iterable<Flow> {
    return this.#flows.values();
  }
}
