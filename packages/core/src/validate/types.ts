/**
 * Says whether the bytes of a candidate can be what a rule takes them for. Pure, total (never throws, whatever the bytes) and
 * bounded: validators refuse what is longer than the format they know.
 *
 * @param secret the capture group that the rule names
 * @param match the whole match around it
 */
export type Validator = (secret: Uint8Array, match: Uint8Array) => boolean;

/** Validators by the names that rules call them by. */
export type ValidatorSet = ReadonlyMap<string, Validator>;
