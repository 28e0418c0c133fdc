import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parseAddress } from './address.js';
import { HookwireError } from './errors.js';
import { encodeHeader, FLAG_END, FLAG_INGRESS, FLOW_BYTES, MAX_PAYLOAD_BYTES } from './frame.js';

/** Some consecutive bytes of one stream. */
export interface HookChunk {
  readonly pid: number;
  readonly comm: string;
  readonly data: Uint8Array;
  /** Which stream of the process. Default: its only one. */
  readonly flow?: bigint | number | undefined;
  /** Default `egress`. */
  readonly direction?: 'egress' | 'ingress';
  /** The stream is over behind these bytes. */
  readonly end?: boolean;
}

/** Sends chunks to a hookwire feed. Frames are numbered, and data of any size is cut into frames. */
export class HookwireClient {
  readonly #socket: Socket;
  readonly #seqs = new Map<string, number>();
  #error: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => {
      this.#error = error;
    });
  }

  /**
   * @param address `unix:PATH` or `tcp:HOST:PORT`
   * @throws HookwireError `EADDRESS`; `ECLOSED` nobody listens there
   */
  static async connect(address: string): Promise<HookwireClient> {
    const to = parseAddress(address);
    const socket = to.kind === 'unix' ? connect({ path: to.path }) : connect({ host: to.host, port: to.port });
    try {
      await once(socket, 'connect');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new HookwireError('ECLOSED', `cannot connect to ${address} (${code}); is the sensor running?`, { cause });
    }
    socket.setNoDelay(true);
    return new HookwireClient(socket);
  }

  /**
   * Sends a chunk. `data` must not change until this resolves: when the operating system has taken it, so that a caller
   * who waits is held back by a sensor that cannot keep up.
   * @throws HookwireError `EFRAME` a field does not fit; `ECLOSED` the connection is gone
   */
  async send({ pid, comm, data, flow, direction = 'egress', end = false }: HookChunk): Promise<void> {
    const id = flow === undefined ? undefined : toBigInt(flow);
    const name = `${pid}/${id ?? ''}`;
    const most = MAX_PAYLOAD_BYTES - (id === undefined ? 0 : FLOW_BYTES);
    const ingress = direction === 'ingress' ? FLAG_INGRESS : 0;
    let seq = this.#seqs.get(name) ?? 1;
    const written: Promise<void>[] = [];
    this.#socket.cork();
    try {
      for (let at = 0; at === 0 || at < data.length; at += most) {
        const piece = data.subarray(at, at + most);
        const flags = ingress | (end && at + most >= data.length ? FLAG_END : 0);
        this.#socket.write(encodeHeader({ pid, comm, seq, flags, flow: id }, piece.length));
        written.push(this.#write(piece));
        seq = (seq + 1) >>> 0;
      }
    } finally {
      this.#socket.uncork();
    }
    if (end) this.#seqs.delete(name);
    else this.#seqs.set(name, seq);
    await Promise.all(written);
  }

  /** Sends what waits and closes the connection. */
  async close(): Promise<void> {
    if (this.#socket.closed) return;
    const closed = once(this.#socket, 'close').catch(() => {});
    this.#socket.end();
    this.#socket.resume();
    await closed;
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        const cause = error ?? this.#error;
        if (cause)
          reject(new HookwireError('ECLOSED', 'the connection to the sensor is closed; connect anew', { cause }));
        else resolve();
      });
    });
  }
}

function toBigInt(flow: bigint | number): bigint {
  if (typeof flow === 'number' && !Number.isSafeInteger(flow)) {
    throw new HookwireError('EFRAME', 'flow: must be a safe integer or a bigint');
  }
  return BigInt(flow);
}
