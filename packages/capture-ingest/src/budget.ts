/** Somebody's share, or place in line. */
export interface Place {
  readonly bytes: number;
  state: 'waiting' | 'served' | 'left';
  readonly go: () => void;
}

/**
 * Bytes of memory that all requests share. Who finds too little waits in line, and is not read from meanwhile: the senders'
 * sockets fill up and hold them back. The line is as long as there are connections, at most.
 */
export class Budget {
  used = 0;
  readonly #line: Place[] = [];

  constructor(readonly bytes: number) {}

  get waiting(): number {
    return this.#line.length;
  }

  /** Calls `go` once there are `bytes` (of more than there ever are: all), perhaps at once. `leave` must follow. */
  take(bytes: number, go: () => void): Place {
    const place: Place = { bytes: Math.min(bytes, this.bytes), state: 'waiting', go };
    this.#line.push(place);
    this.#serve();
    return place;
  }

  /** Gives the bytes back, or gives up waiting. Idempotent. */
  leave(place: Place): void {
    if (place.state === 'left') return;
    if (place.state === 'served') this.used -= place.bytes;
    else this.#line.splice(this.#line.indexOf(place), 1);
    place.state = 'left';
    this.#serve();
  }

  /** First come, first served: a large request is not overtaken for ever. */
  #serve(): void {
    while (this.#line.length > 0 && this.used + this.#line[0]!.bytes <= this.bytes) {
      const place = this.#line.shift()!;
      this.used += place.bytes;
      place.state = 'served';
      place.go();
    }
  }
}
