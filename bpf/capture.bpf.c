// SPDX-License-Identifier: GPL-2.0-only
/* Copies what a process hands to OpenSSL's write functions into the ring buffer.
 *
 *   SSL_write     ─┐                 ┌─ connection (tgid, start, exec, SSL*) → flow, offset
 *   SSL_write_ex  ─┼─ capture_write ─┤
 *   SSL_write_ex2 ─┘                 └─ records of ≤ 512 B, 4 KiB or 16 KiB → ring
 *
 * A flow's offset advances by the whole write before anything can fail, so each loss shows as a jump of the offset.
 * SSL_write_early_data is not probed: it hands its bytes to SSL_write_ex. Since OpenSSL 3.3 SSL_write_ex calls
 * SSL_write_ex2 with its own arguments: that second entry is recognised and skipped.
 *
 * Built twice: with SPECTRAL_UNROLLED for kernels that lack bpf_loop (before 5.17), without it for the rest.
 */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "spectral.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct spectral_config config SEC(".rodata.config") = { .write_cap = SPECTRAL_WRITE_CAP_UNROLLED };

enum write_function { FN_WRITE = 1, FN_WRITE_EX, FN_WRITE_EX2, FN_SENDFILE };

struct connection_key {
	__u64 ssl;
	__u64 process_start;
	__u32 tgid;
	__u32 exec; /* a new image reuses addresses */
};

struct connection {
	__u64 flow;
	__u64 offset;
	__u64 last_buffer;
	__u64 last_length;
	__u64 last_function;
	__u64 last_cookie;
	/* Of the last write that was walked: see remember() and may_repeat() in block.h. */
	__u64 walk;
	__u64 tail;
	__u64 walked;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SPECTRAL_CONNECTIONS);
	__type(key, struct connection_key);
	__type(value, struct connection);
} connections SEC(".maps");

/* Of the connections made and not ended, in no particular room for each: who finds its own here was forgotten, as the least
 * recently used makes room for others, and is made a second time. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << SPECTRAL_FINGERPRINT_BITS);
	__type(key, __u32);
	__type(value, __u32);
} fingerprints SEC(".maps");

/* Processes that made a connection: only their exits are worth a record. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SPECTRAL_PROCESSES);
	__type(key, __u32);
	__type(value, __u64);
} processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct spectral_counters);
} counters SEC(".maps");

static __always_inline struct spectral_counters *counters_here(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&counters, &zero);
}

/* Uprobe programs may be preempted on their CPU, hence atomic even on per-CPU memory. */
#define COUNT(field, n)                                               \
	do {                                                          \
		struct spectral_counters *c_ = counters_here();       \
		if (c_)                                               \
			__sync_fetch_and_add(&c_->field, (__u64)(n)); \
	} while (0)

#ifdef SPECTRAL_UNROLLED
/* No atomic fetch-and-add before 5.12: 53 random bits. */
static __always_inline __u64 new_flow(void)
{
	return ((__u64)(bpf_get_prandom_u32() & 0x1fffff) << 32) | bpf_get_prandom_u32();
}
#else
__u64 flows_made = 0;

static __always_inline __u64 new_flow(void)
{
	return __sync_fetch_and_add(&flows_made, 1) + 1;
}
#endif

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

/* The size of a reservation must be a constant, hence one function per size. */
#define EMIT_DATA(SIZE)                                                                         \
	static __always_inline void emit_data_##SIZE(const struct write_state *w, __u64 from,   \
						     __u64 length)                              \
	{                                                                                       \
		struct {                                                                        \
			struct spectral_header header;                                          \
			__u8 payload[SIZE];                                                     \
		} *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);                               \
		if (!r) {                                                                       \
			COUNT(reserve_drops, 1);                                                \
			COUNT(ring_full_bytes, length);                                         \
			return;                                                                 \
		}                                                                               \
		/* The verifier wants the bound where it is used, and the compiler to keep it. */ \
		barrier_var(length);                                                            \
		if (length > SIZE)                                                              \
			length = SIZE;                                                          \
		if (bpf_probe_read_user(r->payload, length, (void *)(w->buffer + from))) {      \
			fill_header(&r->header, w, SPECTRAL_LOST, SPECTRAL_LOST_FAULT, from,    \
				    length);                                                    \
			COUNT(fault_bytes, length);                                             \
		} else {                                                                        \
			fill_header(&r->header, w, SPECTRAL_DATA, 0, from, length);             \
			COUNT(bytes, length);                                                   \
		}                                                                               \
		bpf_ringbuf_submit(r, submit_flags());                                          \
		COUNT(records, 1);                                                              \
	}

EMIT_DATA(512)
EMIT_DATA(4096)
EMIT_DATA(16384)

/* Copies the index-th piece of the write; returns 1 when there is none. */
static __noinline long emit_piece(__u32 index, struct write_state *w)
{
	__u64 from = (__u64)index * SPECTRAL_LARGE;
	if (from >= w->length)
		return 1;
	__u64 length = w->length - from;
	if (length <= SPECTRAL_SMALL)
		emit_data_512(w, from, length);
	else if (length <= SPECTRAL_MEDIUM)
		emit_data_4096(w, from, length);
	else
		emit_data_16384(w, from, length);
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

static __always_inline struct task_struct *process_leader(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	return BPF_CORE_READ(task, group_leader);
}

static __always_inline void identify(struct connection_key *key, struct task_struct *leader, __u64 ssl)
{
	key->ssl = ssl;
	key->process_start = BPF_CORE_READ(leader, start_boottime);
	key->tgid = bpf_get_current_pid_tgid() >> 32;
	key->exec = BPF_CORE_READ(leader, self_exec_id);
}

static __always_inline void describe(struct write_state *w, struct task_struct *leader, __u32 tgid)
{
	w->time = bpf_ktime_get_boot_ns();
	w->pid = tgid;
	bpf_probe_read_kernel(w->comm, sizeof(w->comm), &leader->comm);
}

static __always_inline __u64 hash(const struct connection_key *key)
{
	__u64 h = key->ssl ^ key->process_start * 0x9e3779b97f4a7c15ull ^ ((__u64)key->exec << 32 | key->tgid);
	h = (h ^ h >> 31) * 0xbf58476d1ce4e5b9ull; /* as in splitmix64 */
	return (h ^ h >> 27) * 0x94d049bb133111ebull;
}

static __always_inline void note_made(const struct connection_key *key)
{
	__u64 h = hash(key);
	__u32 slot = h >> (64 - SPECTRAL_FINGERPRINT_BITS), *fingerprint = bpf_map_lookup_elem(&fingerprints, &slot);

	if (fingerprint && *fingerprint == (__u32)h)
		COUNT(forgotten_connections, 1);
	else if (fingerprint)
		*fingerprint = h;
}

static __always_inline void note_ended(const struct connection_key *key)
{
	__u64 h = hash(key);
	__u32 slot = h >> (64 - SPECTRAL_FINGERPRINT_BITS), *fingerprint = bpf_map_lookup_elem(&fingerprints, &slot);

	if (fingerprint && *fingerprint == (__u32)h)
		*fingerprint = 0;
}

static const struct connection blank = {};

static __always_inline struct connection *find_or_add(const struct connection_key *key)
{
	struct connection *connection = bpf_map_lookup_elem(&connections, key);
	if (connection)
		return connection;
	/* The stack is for the walk. */
	if (!bpf_map_update_elem(&connections, key, &blank, BPF_NOEXIST))
		note_made(key);
	bpf_map_update_elem(&processes, &key->tgid, &key->process_start, BPF_ANY);
	connection = bpf_map_lookup_elem(&connections, key);
	if (connection && !connection->flow)
		connection->flow = new_flow();
	return connection;
}

/* Which attachment called. Two overlay mounts may lead to one inode, which then carries our probe twice. */
static __always_inline __u64 attachment(void *ctx)
{
#ifdef SPECTRAL_UNROLLED
	return 0; /* not before 5.15 */
#else
	return bpf_get_attach_cookie(ctx);
#endif
}

/* Advances the connection by the length of the write and describes the write, of which buffer and length are known. Returns
 * NULL when there is nothing to do: no bytes, the sensor's own write, or one already seen through another attachment or
 * another function. A function of its own, as its memory on the stack is needed no longer once the write is walked. */
static __noinline struct connection *begin_write(void *ctx, struct write_state *w, __u64 ssl, enum write_function function)
{
	__u64 buffer = w->buffer, length = w->length;
	if (!length)
		return NULL;
	struct task_struct *leader = process_leader();
	struct connection_key key;
	__u64 cookie = attachment(ctx);

	identify(&key, leader, ssl);
	if (key.tgid == config.own_tgid)
		return NULL;
	struct connection *connection = find_or_add(&key);
	if (!connection) {
		COUNT(untracked_bytes, length);
		return NULL;
	}
	if (connection->last_buffer == buffer && connection->last_length == length) {
		if (connection->last_function == function && connection->last_cookie != cookie)
			return NULL;
		if (connection->last_function == FN_WRITE_EX && function == FN_WRITE_EX2) {
			connection->last_function = FN_WRITE_EX2;
			return NULL;
		}
	}
	connection->last_function = function;
	connection->last_cookie = cookie;
	connection->last_buffer = buffer;
	connection->last_length = length;
	w->flow = connection->flow;
	w->offset = connection->offset;
	connection->offset += length;
	describe(w, leader, key.tgid);
	return connection;
}

#include "walk.h"
#include "mask.h"
#include "block.h"

static __always_inline int capture_write(struct pt_regs *ctx, __u64 ssl, __u64 buffer, __u64 length, enum write_function function)
{
	struct write_state w = { .buffer = buffer, .length = length };
	struct connection *connection = begin_write(ctx, &w, ssl, function);

	if (!connection)
		return 0;
	w.length = length > config.write_cap ? config.write_cap : length;
	if (config.mode)
		capture_and_block(ctx, &w, connection, length, function);
	else
		emit_pieces(&w);
	if (length > w.length) {
		COUNT(truncated_bytes, length - w.length);
		emit_event(&w, SPECTRAL_LOST, SPECTRAL_LOST_TRUNCATED, w.length, length - w.length);
	}
	return 0;
}

/* int SSL_write(SSL *, const void *, int) */
SEC("uprobe")
int BPF_KPROBE(ssl_write, __u64 ssl, __u64 buffer, __u64 length)
{
	__s32 n = (__s32)length;
	return n > 0 ? capture_write(ctx, ssl, buffer, (__u32)n, FN_WRITE) : 0;
}

/* int SSL_write_ex(SSL *, const void *, size_t, size_t *) */
SEC("uprobe")
int BPF_KPROBE(ssl_write_ex, __u64 ssl, __u64 buffer, __u64 length)
{
	return capture_write(ctx, ssl, buffer, length, FN_WRITE_EX);
}

/* int SSL_write_ex2(SSL *, const void *, size_t, uint64_t, size_t *) */
SEC("uprobe")
int BPF_KPROBE(ssl_write_ex2, __u64 ssl, __u64 buffer, __u64 length)
{
	return capture_write(ctx, ssl, buffer, length, FN_WRITE_EX2);
}

/* ossl_ssize_t SSL_sendfile(SSL *, int, off_t, size_t, int): goes from the page cache to the socket. */
SEC("uprobe")
int BPF_KPROBE(ssl_sendfile, __u64 ssl, __u64 file, __u64 from, __u64 length)
{
	struct write_state w = { .buffer = file, .length = length };
	struct connection *connection = begin_write(ctx, &w, ssl, FN_SENDFILE);

	if (!connection)
		return 0;
	connection->walk = 0;
	COUNT(sendfile_bytes, length);
	emit_event(&w, SPECTRAL_LOST, SPECTRAL_LOST_SENDFILE, 0, length);
	return 0;
}

/* void SSL_free(SSL *), int SSL_clear(SSL *): next time the address may be another connection. */
SEC("uprobe")
int BPF_KPROBE(ssl_end, __u64 ssl)
{
	struct connection_key key;
	struct write_state w = {};
	struct task_struct *leader = process_leader();

	identify(&key, leader, ssl);
	note_ended(&key);
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);
	if (!connection)
		return 0;
	w.flow = connection->flow;
	w.offset = connection->offset;
	describe(&w, leader, key.tgid);
	bpf_map_delete_elem(&connections, &key);
	emit_event(&w, SPECTRAL_CLOSE, 0, 0, 0);
	return 0;
}

static __always_inline void end_process(struct task_struct *task)
{
	struct write_state w = {};
	__u32 tgid = BPF_CORE_READ(task, tgid);

	if (bpf_map_delete_elem(&processes, &tgid))
		return;
	describe(&w, task, tgid);
	emit_event(&w, SPECTRAL_EXIT, 0, 0, 0);
}

SEC("raw_tp/sched_process_exit")
int process_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];

	/* The count is taken down before the tracepoint: 0 means that the last thread leaves. */
	if (BPF_CORE_READ(task, signal, live.counter) == 0) {
		__u32 tgid = BPF_CORE_READ(task, tgid);
		bpf_map_delete_elem(&exempt_processes, &tgid);
		end_process(task);
	}
	return 0;
}

SEC("raw_tp/sched_process_exec")
int process_exec(struct bpf_raw_tracepoint_args *ctx)
{
	end_process((struct task_struct *)ctx->args[0]);
	return 0;
}
