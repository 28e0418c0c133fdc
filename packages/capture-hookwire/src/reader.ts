import { Socket } from 'node:net';

/** Largest read. */
const READ_BYTES = 256 * 1024;

/**
 * Every connection reads into this: what was read is dealt with before the next read. A server's sockets would otherwise
 * allocate 64 KiB for each read, which costs more than all else that is done with the bytes.
 */
let shared: Buffer | undefined;

/** Windows fills buffers while JavaScript runs, so there they cannot be shared. */
const CAN_SHARE = process.platform !== 'win32';

/**
 * Calls `take` with everything that an accepted, paused socket receives; the bytes are only valid during the call.
 * @returns the socket to go on with: `accepted` itself, or another one that has taken over its connection
 */
export function readInto(accepted: Socket, take: (bytes: Buffer) => void): Socket {
  const socket = CAN_SHARE ? withSharedBuffer(accepted, take) : undefined;
  if (socket !== undefined) return socket;
  accepted.on('data', take);
  return accepted;
}

/**
 * Node lets a socket read into a buffer of ours (`onread`) only when it is made by us, not by a server. So the connection is
 * handed over to one that is. Both ends of that are internals of Node: without them, `undefined`, and nothing has changed.
 */
function withSharedBuffer(accepted: Socket, take: (bytes: Buffer) => void): Socket | undefined {
  const donor = accepted as unknown as { _handle?: { useUserBuffer?: unknown } | null };
  const handle = donor._handle;
  if (typeof handle?.useUserBuffer !== 'function') return undefined;
  shared ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const buffer = shared;
  const callback = (length: number): boolean => {
    take(buffer.subarray(0, length));
    return true;
  };
  donor._handle = null;
  const options = { handle, onread: { buffer, callback } };
  const socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]);
  // The empty shell: the server no longer counts it.
  accepted.destroy();
  socket.resume();
  return socket;
}
