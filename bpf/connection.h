/* SPDX-License-Identifier: GPL-2.0-only */
/* What is remembered of each connection, and how one is told from another. */
#ifndef SPECTRAL_CONNECTION_H
#define SPECTRAL_CONNECTION_H

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

#endif
