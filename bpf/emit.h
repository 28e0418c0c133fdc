/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies a write into the ring, in records of the smallest size that fits. */
#ifndef SPECTRAL_EMIT_H
#define SPECTRAL_EMIT_H

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} ring SEC(".maps");

/* One write. Constant once filled in: pieces are found by their index, so that the verifier sees the same state in
 * every turn of the loop. */
struct write_state {
	__u64 flow;
	__u64 offset; /* of the flow, at the first byte of the write */
	__u64 buffer;
	__u64 length; /* up to the cap */
	__u64 time;
	__u32 pid;
	char comm[16];
};

static __always_inline void fill_header(struct spectral_header *h, const struct write_state *w, __u32 kind, __u32 detail,
					__u64 from, __u64 length)
{
	h->kind = kind;
	h->detail = detail;
	h->flow = w->flow;
	h->offset = w->offset + from;
	h->length = length;
	h->time = w->time;
	h->pid = w->pid;
	h->reserved = 0;
	__builtin_memcpy(h->comm, w->comm, sizeof(h->comm));
}

static __always_inline __u64 submit_flags(void)
{
	if (!config.wake_bytes)
		return 0;
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= config.wake_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

static __always_inline void emit_event(const struct write_state *w, __u32 kind, __u32 detail, __u64 from,
				       __u64 length)
{
	struct spectral_header *h = bpf_ringbuf_reserve(&ring, sizeof(*h), 0);
	if (!h) {
		COUNT(reserve_drops, 1);
		return;
	}
	fill_header(h, w, kind, detail, from, length);
	bpf_ringbuf_submit(h, submit_flags());
	COUNT(records, 1);
}

/* Brings the pages of at most SPECTRAL_LARGE bytes in. Returns 0 where that is not possible, or the programs may not sleep.
 * Nothing is reserved in the ring meanwhile: a page may take as long as it likes, and the reader must not wait for it. */
__noinline int bring_in(__u64 address, __u64 length)
{
#ifndef SPECTRAL_UNROLLED
	__u8 byte;

	if (!config.may_sleep)
		return 0;
	for (__u32 i = 0; i <= SPECTRAL_LARGE / LEAST_PAGE; i++) {
		__u64 at = (__u64)i * LEAST_PAGE;
		if (at >= length)
			return !bpf_copy_from_user(&byte, 1, (void *)(address + length - 1));
		if (bpf_copy_from_user(&byte, 1, (void *)(address + at)))
			return 0;
	}
#endif
	return 0;
}

/* The size of a reservation must be a constant, hence one function per size. Counters are looked up once, for the verifier
 * follows each look at them both ways. Returns 1, and emits nothing, if a page is missing and the caller may `retry`. */
#define EMIT_DATA(SIZE)                                                                         \
	static __always_inline int emit_data_##SIZE(const struct write_state *w, __u64 from,    \
						    __u64 length, struct spectral_counters *c,  \
						    int retry)                                  \
	{                                                                                       \
		struct {                                                                        \
			struct spectral_header header;                                          \
			__u8 payload[SIZE];                                                     \
		} *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);                               \
		if (!r) {                                                                       \
			ADD(c->reserve_drops, 1);                                               \
			ADD(c->ring_full_bytes, length);                                        \
			return 0;                                                               \
		}                                                                               \
		/* The verifier wants the bound where it is used, and the compiler to keep it. */ \
		barrier_var(length);                                                            \
		if (length > SIZE)                                                              \
			length = SIZE;                                                          \
		if (bpf_probe_read_user(r->payload, length, (void *)(w->buffer + from))) {      \
			if (retry) {                                                            \
				bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);                       \
				return 1;                                                       \
			}                                                                       \
			fill_header(&r->header, w, SPECTRAL_LOST, SPECTRAL_LOST_FAULT, from,    \
				    length);                                                    \
			ADD(c->fault_bytes, length);                                            \
		} else {                                                                        \
			fill_header(&r->header, w, SPECTRAL_DATA, 0, from, length);             \
			ADD(c->bytes, length);                                                  \
		}                                                                               \
		bpf_ringbuf_submit(r, submit_flags());                                          \
		ADD(c->records, 1);                                                             \
		return 0;                                                                       \
	}

EMIT_DATA(512)
EMIT_DATA(4096)
EMIT_DATA(16384)

static __always_inline int emit_data(const struct write_state *w, __u64 from, __u64 length, struct spectral_counters *c,
				     int retry)
{
	if (length <= SPECTRAL_SMALL)
		return emit_data_512(w, from, length, c, retry);
	if (length <= SPECTRAL_MEDIUM)
		return emit_data_4096(w, from, length, c, retry);
	return emit_data_16384(w, from, length, c, retry);
}

/* Copies the index-th piece of the write; returns 1 when there is none. */
static __noinline long emit_piece(__u32 index, struct write_state *w)
{
	struct spectral_counters *c = counters_here();
	__u64 from = (__u64)index * SPECTRAL_LARGE;
	if (from >= w->length || !c)
		return 1;
	__u64 length = w->length - from;
	if (emit_data(w, from, length, c, config.may_sleep)) {
		bring_in(w->buffer + from, length > SPECTRAL_LARGE ? SPECTRAL_LARGE : length);
		emit_data(w, from, length, c, 0);
	}
	return 0;
}

static __always_inline void emit_pieces(struct write_state *w)
{
#ifdef SPECTRAL_UNROLLED
	for (int i = 0; i < SPECTRAL_WRITE_CAP_UNROLLED / SPECTRAL_LARGE; i++)
		if (emit_piece(i, w))
			break;
#else
	bpf_loop(SPECTRAL_WRITE_CAP / SPECTRAL_LARGE, emit_piece, w, 0);
#endif
}

#endif
