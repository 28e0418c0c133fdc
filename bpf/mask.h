/* SPDX-License-Identifier: GPL-2.0-only */
/* Overwrites the literals of a write in the program's own buffer, from the block on in which the first of them ends.
 *
 *   write  ├── as it is ──┼─ mask_block() ─┼─ mask_block() ─┼─ … ─┤
 *                         └─ mask_rest() ──────────────────────────▶ state behind the write, sums for the verdict
 */
#ifndef SPECTRAL_MASK_H
#define SPECTRAL_MASK_H

static const char stars[SPECTRAL_LONGEST_LITERAL] = { [0 ... SPECTRAL_LONGEST_LITERAL - 1] = '*' };

/* Bytes masked in a call. The verifier follows each of them, or each call. */
#ifdef SPECTRAL_UNROLLED
#define MASK_BLOCK 128
#else
#define MASK_BLOCK 16
#endif

/* Masks the literals that end in at most MASK_BLOCK bytes at `address`, as far as they lie behind `write`. Takes and returns
 *
 *   bit  0 state   16 clear   29 masked   42 left   55 matches   63 failed
 *
 * clear: bytes since the last masked one; masked: bytes masked in this block; left: most bytes of a match that lie in front
 * of the write; matches: modulo 256. What changes in the loop is kept such that no turn of it looks new to the verifier. */
#define FIELD(word, at, bits) ((word) >> (at) & ((1ull << (bits)) - 1))
#define MASK_CLEAR 0x1fffull

/* The greater of two numbers below 2^63. */
static __always_inline __u64 greater(__u64 a, __u64 b)
{
	__s64 more = a - b;
	return b + (more & ~(more >> 63));
}

/* As IF_WALKING. The helper that writes user memory must not even be seen in other modes. */
#define IF_REDACTING                       \
	if (config.mode != SPECTRAL_REDACT) \
		return 0;

__noinline __u64 mask_block(__u64 address, __u64 from, __u32 epoch, __u32 length, __u64 write)
{
	IF_REDACTING
	__u64 masked_to = address - FIELD(from, 16, 13), masked = FIELD(from, 29, 13), left = FIELD(from, 42, 13);
	__u64 matches = FIELD(from, 55, 8), failed = from >> 63, end = address;
	WALK_BEGIN
	for (__u32 i = 0; i < MASK_BLOCK; i++) {
		__u8 byte;
		if (i >= length)
			break;
		end = address + i + 1;
		if (bpf_probe_read_user(&byte, 1, (void *)(end - 1))) {
			state = 0;
			failed |= config.fail_closed;
			continue;
		}
		marks = 0;
		STEP(byte);
		if (!(marks & SPECTRAL_ENDS))
			continue;
		__u64 index = (state & WALK_STATE) - a->first;
		if (index >= SPECTRAL_LITERALS)
			continue;
		__u64 size = a->ends[index].length & MASK_CLEAR;
		__u64 from_write = end - write, clear = end - masked_to;
		left = greater(size, from_write + left) - from_write;
		if (size > from_write)
			size = from_write;
		if (size > clear)
			size = clear;
		/* Older verifiers learn nothing from "not 0". */
		size--;
		barrier_var(size);
		if (size > SPECTRAL_LONGEST_LITERAL - 1)
			continue;
		if (bpf_probe_write_user((void *)(end - size - 1), stars, size + 1)) {
			failed = 1;
			continue;
		}
		masked = (masked + size + 1) & 0x1fff;
		matches = (matches + 1) & 0xff;
		masked_to = end;
	}
	__u64 clear = end - masked_to;
	if (clear > MASK_CLEAR)
		clear = MASK_CLEAR;
	return (state & WALK_STATE) | clear << 16 | masked << 29 | (left & 0x1fff) << 42 | matches << 55 | failed << 63;
}

/* The masking of what is left of a write from the block on in which its first literal ends. */
struct masking {
	__u64 write;
	__u64 block; /* what mask_block takes, without its sums */
	__u32 from;  /* bytes of the write in front of that block */
	__u32 length;
	__u32 masked;
	__u32 matches;
	__u32 left;
	__u32 failed;
	__u32 epoch;
};

#ifdef SPECTRAL_UNROLLED
static __always_inline
#else
static __noinline
#endif
long mask_next(__u32 index, struct masking *m)
{
	__u32 at = index * MASK_BLOCK;

	if (at >= m->length)
		return 1;
	__u64 result = mask_block(m->write + m->from + at, m->block, m->epoch, m->length - at, m->write);
	m->block = FIELD(result, 0, 29);
	m->masked += FIELD(result, 29, 13);
	m->left = greater(FIELD(result, 42, 13), m->left);
	m->matches += FIELD(result, 55, 8);
	m->failed |= result >> 63;
	return 0;
}

/* Masks the literals of a write of `length` bytes from its byte `from` on. Takes the state there; returns
 *
 *   bit  0 state   16 left   29 failed   30 matches   40 masked */
__noinline __u64 mask_rest(__u64 write, __u32 length, __u32 from, __u64 state, __u32 epoch)
{
	IF_REDACTING
	/* Sums begin with a number that the verifier knows nothing about. */
	__u32 zero = bpf_ktime_get_boot_ns();
	struct masking m = { .write = write, .block = (state & WALK_STATE) | MASK_CLEAR << 16, .from = from,
			     .length = length - from, .masked = zero, .matches = zero, .epoch = epoch };
#ifdef SPECTRAL_UNROLLED
	for (__u32 i = 0; i < SPECTRAL_WRITE_CAP_UNROLLED / MASK_BLOCK; i++)
		if (mask_next(i, &m))
			break;
#else
	bpf_loop(SPECTRAL_WRITE_CAP / MASK_BLOCK, mask_next, &m, 0);
#endif
	return (m.block & WALK_STATE) | (__u64)(m.left & 0x1fff) << 16 | (__u64)(m.failed & 1) << 29 |
	       (__u64)((m.matches - zero) & 0x3ff) << 30 | (__u64)(m.masked - zero) << 40;
}

#endif
