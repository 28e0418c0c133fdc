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
#define ADD(counter, n) __sync_fetch_and_add(&(counter), (__u64)(n))
#define COUNT(field, n)                                         \
	do {                                                    \
		struct spectral_counters *c_ = counters_here(); \
		if (c_)                                         \
			ADD(c_->field, n);                      \
	} while (0)

#include "connection.h"
#include "emit.h"

static __always_inline void describe(struct write_state *w, struct task_struct *leader, __u32 tgid)
{
	w->time = bpf_ktime_get_boot_ns();
	w->pid = tgid;
	bpf_probe_read_kernel(w->comm, sizeof(w->comm), &leader->comm);
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
	/* The verifier must not know the number: of one that is no multiple of a piece, it believes things that cannot be. */
	__u64 beyond = length > config.write_cap ? length - config.write_cap : 0;
	barrier_var(beyond);
	w.length = length - beyond;
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
	if (config.mode && config.fail_closed)
		stop_unread(ctx, &w, length);
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
