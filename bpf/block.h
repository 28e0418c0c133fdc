/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done about a write that holds a block literal.
 *
 *   walk ─ no literal ─▶ capture ─▶ the connection's state moves on
 *     │
 *     └─ literal ─▶ room for the verdict in the ring ─▶ capture ─▶ act ─▶ verdict filled in
 *
 * The verdict lies in the ring before the write's data, so that whoever reads the data knows what became of it; the data are
 * captured before anything is masked.
 *
 * Only what config.mode needs is ever verified: the rest is dead code to the verifier, which knows config as constant. So an
 * object whose mode the kernel refuses can be loaded again in a gentler one.
 */
#ifndef SPECTRAL_BLOCK_H
#define SPECTRAL_BLOCK_H

#define EFAULT 14
#define SIGKILL 9

struct process_name {
	char text[16];
};

/* Prefixes of names of processes that are never touched, padded with zeros. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SPECTRAL_EXEMPT_NAMES);
	__type(key, struct process_name);
	__type(value, __u32);
} exempt_names SEC(".maps");

/* Processes that are never touched, until they end. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SPECTRAL_EXEMPT_PROCESSES);
	__type(key, __u32);
	__type(value, __u32);
} exempt_processes SEC(".maps");

static __always_inline int is_exempt(const struct write_state *w)
{
	struct process_name name;

	if (w->pid == 1 || bpf_map_lookup_elem(&exempt_processes, &w->pid))
		return 1;
	__builtin_memcpy(name.text, w->comm, sizeof(name.text));
#pragma unroll
	for (int length = 15; length > 0; length--) {
		name.text[length] = 0;
		if (bpf_map_lookup_elem(&exempt_names, &name))
			return 1;
	}
	return 0;
}

/* Kills earned by time (GCRA, ITU-T I.371): the time up to which they are spent. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} kills_spent SEC(".maps");

#ifdef SPECTRAL_UNROLLED
/* No compare-and-swap before 5.12: who adds the element holds the lock. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} kill_lock SEC(".maps");

static __always_inline int swap_spent(__u64 *spent, __u64 seen, __u64 next)
{
	__u32 zero = 0;
	if (bpf_map_update_elem(&kill_lock, &zero, &zero, BPF_NOEXIST))
		return 0;
	int unchanged = *(volatile __u64 *)spent == seen;
	if (unchanged)
		*(volatile __u64 *)spent = next;
	bpf_map_delete_elem(&kill_lock, &zero);
	return unchanged;
}
#else
static __always_inline int swap_spent(__u64 *spent, __u64 seen, __u64 next)
{
	return __sync_val_compare_and_swap(spent, seen, next) == seen;
}
#endif

static __always_inline int may_kill(void)
{
	__u32 zero = 0;
	__u64 now = bpf_ktime_get_boot_ns(), *spent = bpf_map_lookup_elem(&kills_spent, &zero);

	if (!config.kill_interval_ns)
		return 1;
	for (int attempt = 0; spent && attempt < 16; attempt++) {
		__u64 seen = *(volatile __u64 *)spent, from = seen > now ? seen : now;
		if (from - now > config.kill_burst_ns)
			return 0;
		if (swap_spent(spent, seen, from + config.kill_interval_ns))
			return 1;
	}
	return 0;
}

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
	__u64 at;
	__u64 length;
	__u64 block; /* what mask_block takes, without its sums */
	__u64 masked;
	__u64 left;
	__u64 matches;
	__u64 failed;
	__u32 epoch;
};

static __noinline long mask_next(__u32 index, struct masking *m)
{
	__u64 at = (__u64)index * MASK_BLOCK;

	if (at >= m->length)
		return 1;
	__u64 result = mask_block(m->at + at, m->block, m->epoch, m->length - at, m->write);
	m->block = FIELD(result, 0, 29);
	m->masked += FIELD(result, 29, 13);
	m->left = greater(FIELD(result, 42, 13), m->left);
	m->matches += FIELD(result, 55, 8);
	m->failed |= result >> 63;
	return 0;
}

/* Masks `length` bytes at `at` of a write. Takes the state there; returns
 *
 *   bit  0 state   16 left   29 failed   30 matches   40 masked */
__noinline __u64 mask_rest(__u64 at, __u64 length, __u64 state, __u32 epoch, __u64 write)
{
	IF_REDACTING
	/* Sums begin with a number that the verifier knows nothing about. */
	__u64 zero = bpf_ktime_get_boot_ns();
	struct masking m = { .write = write, .at = at, .length = length, .block = (state & WALK_STATE) | MASK_CLEAR << 16,
			     .masked = zero, .matches = zero, .epoch = epoch };
#ifdef SPECTRAL_UNROLLED
	for (__u32 i = 0; i < SPECTRAL_WRITE_CAP_UNROLLED / MASK_BLOCK; i++)
		if (mask_next(i, &m))
			break;
#else
	bpf_loop(SPECTRAL_WRITE_CAP / MASK_BLOCK, mask_next, &m, 0);
#endif
	return (m.block & WALK_STATE) | (m.left & 0x1fff) << 16 | (m.failed & 1) << 29 | ((m.matches - zero) & 0x3ff) << 30 |
	       (m.masked - zero) << 40;
}

/* Leaves the function that is being entered, with an error: -1 from SSL_write, 0 from those that return 1 for success. */
static __always_inline long leave(struct pt_regs *regs, enum write_function function)
{
	__s64 answer = function == FN_WRITE ? -1 : 0;
#if defined(__TARGET_ARCH_x86)
	unsigned long back;
	long error = bpf_probe_read_user(&back, sizeof(back), (void *)regs->rsp);
	if (error)
		return error;
	regs->rax = answer;
	regs->rip = back;
	regs->rsp += sizeof(back);
#else
	struct user_pt_regs *r = (struct user_pt_regs *)regs;
	r->regs[0] = answer;
	r->pc = r->regs[30];
#endif
	return 0;
}

/* What a connection remembers from write to write. OpenSSL may have refused a write, which the program then repeats, or have
 * taken only the front of it: a write with the end of the one before may be that, or new text. Both readings are followed:
 * `state` takes all writes for text, `other` takes such a repetition for one. They nearly always agree again a few bytes on. */
static __always_inline __u64 remember(__u32 epoch, __u64 state, __u64 other)
{
	return (__u64)epoch << 32 | other << 16 | state;
}

/* The last bytes of a write, 8 at most, the very last in the uppermost byte. */
static __always_inline __u64 last_bytes(const struct write_state *w)
{
	__u64 word = 0, n = w->length;

	if (n >= 8)
		return bpf_probe_read_user(&word, 8, (void *)(w->buffer + n - 8)) ? 0 : word;
	barrier_var(n);
	if (n == 0 || n > 7 || bpf_probe_read_user(&word, n, (void *)w->buffer))
		return 0;
	return word << (64 - 8 * n);
}

/* The least that OpenSSL takes of a write if not all (SSL_CTX_set_max_send_fragment(3)). */
#define LEAST_FRAGMENT 512

static __always_inline int may_repeat(const struct connection *c, __u64 length, __u64 tail)
{
	__u64 differ = c->tail ^ tail;
	if (length < 8)
		differ >>= 64 - 8 * length;
	return !differ && (c->walked == length || c->walked >= length + LEAST_FRAGMENT);
}

#define NOT_APART (~0ull)

struct verdict_record {
	struct spectral_header header;
	struct spectral_verdict verdict;
};

/* Where the first literal of a write ends. */
struct hit {
	__u64 block; /* bytes in front of the block that it ends in */
	__u64 state; /* of the walk in front of that block; behind the write once it has been masked */
	__u32 epoch;
};

/* Masks the literals of a write. Returns 0, or why the kernel did not let us. */
static __always_inline int mask(const struct write_state *w, struct hit *hit, struct spectral_verdict *v)
{
	__u64 result = mask_rest(w->buffer + hit->block, w->length - hit->block, hit->state, hit->epoch, w->buffer);

	if (FIELD(result, 29, 1) || !(result >> 40))
		return EFAULT;
	hit->state = result & WALK_STATE;
	v->bytes_left = FIELD(result, 16, 13);
	v->matches = FIELD(result, 30, 10);
	v->bytes_stopped = result >> 40;
	return 0;
}

/* Does about a write what is wanted and allowed, and says in `v` what came of it. */
static __always_inline void act(struct pt_regs *ctx, const struct write_state *w, struct hit *hit, struct spectral_verdict *v,
				enum write_function function)
{
	__u64 end = v->match_end - w->offset; /* in this write */
	int kill = config.mode == SPECTRAL_KILL;

	v->bytes_left = v->match_length;
	if (config.dry_run)
		v->restraint = SPECTRAL_DRY_RUN;
	else if (is_exempt(w))
		v->restraint = SPECTRAL_EXEMPT;
	if (v->restraint)
		return;
	if (config.mode == SPECTRAL_REDACT) {
		v->error = mask(w, hit, v);
		if (!v->error) {
			v->achieved = SPECTRAL_REDACT;
			return;
		}
		kill = config.or_kill;
	}
	if (config.mode == SPECTRAL_DENY) {
		v->error = -leave(ctx, function);
		v->achieved = v->error ? SPECTRAL_OBSERVE : SPECTRAL_DENY;
	}
	if (kill && !may_kill()) {
		v->restraint = SPECTRAL_KILL_LIMIT;
		return;
	}
	if (kill) {
		v->error = -bpf_send_signal(SIGKILL);
		v->achieved = v->error ? SPECTRAL_OBSERVE : SPECTRAL_KILL;
	}
	if (!v->achieved) {
		v->restraint = SPECTRAL_FAILED;
		return;
	}
	v->bytes_left = v->match_length > end ? v->match_length - end : 0;
	v->bytes_stopped = v->write_length;
}

static __always_inline void count(const struct spectral_verdict *v)
{
	if (v->achieved == SPECTRAL_REDACT)
		COUNT(redacted_writes, 1);
	else if (v->achieved == SPECTRAL_DENY)
		COUNT(denied_writes, 1);
	else if (v->achieved == SPECTRAL_KILL)
		COUNT(killed_writes, 1);
	else if (!v->matches)
		COUNT(unread_writes, 1);
	else if (v->restraint == SPECTRAL_FAILED)
		COUNT(failed_writes, 1);
	else
		COUNT(restrained_writes, 1);
}

/* Captures a write, having walked it, and acts on it if it holds a block literal. */
static __always_inline void capture_and_block(struct pt_regs *ctx, struct write_state *w, struct connection *c, __u64 length,
					      enum write_function function)
{
	struct hit hit = { .epoch = current_epoch() };
	const struct spectral_automaton *a = automaton_of(hit.epoch);
	__u64 state = 0, other = 0, behind, result;

	if (!a) {
		emit_pieces(w);
		return;
	}
	if (c->walk >> 32 == hit.epoch) {
		state = c->walk & WALK_STATE;
		other = (c->walk >> 16) & WALK_STATE;
	}
	__u64 tail = last_bytes(w);
	__u64 longest = a->longest;

	/* Where the other reading stands behind this write. Once as many bytes have passed as the longest literal has, both
	 * readings stand where the text alone leads. */
	behind = NOT_APART;
	if (other != state) {
		result = walk_write(w->buffer, w->length < longest ? w->length : longest, other, hit.epoch);
		if (result & WALK_END)
			state = other;
		else if (w->length < longest)
			behind = result & WALK_STATE;
	}
	if (may_repeat(c, w->length, tail))
		behind = other;
	result = walk_write(w->buffer, w->length, state, hit.epoch);
	hit.state = result & WALK_STATE;
	if (!(result & (WALK_END | WALK_FAULT))) {
		emit_pieces(w);
	} else {
		struct spectral_verdict v = { .wanted = config.mode, .set = hit.epoch, .write_offset = w->offset,
					      .write_length = length };
		struct verdict_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
		emit_pieces(w);
		if (result & WALK_END) {
			hit.block = (result >> WALK_BLOCK_SHIFT) * BLOCK;
			__u64 rest = w->length - hit.block;
			__u64 found = find_end(w->buffer + hit.block, hit.state, hit.epoch, rest > BLOCK ? BLOCK : rest);
			__u64 literal = literal_at(found, hit.epoch);
			v.literal = literal >> 32;
			v.match_length = literal;
			v.match_end = w->offset + hit.block + (found >> 16);
			v.matches = 1;
			act(ctx, w, &hit, &v, function);
			if (!v.achieved) {
				result = walk_write(w->buffer + hit.block, rest, hit.state | WALK_ONWARD, hit.epoch);
				hit.state = result & WALK_STATE;
			}
		} else {
			v.restraint = SPECTRAL_FAILED;
			v.error = EFAULT;
		}
		count(&v);
		if (record) {
			fill_header(&record->header, w, SPECTRAL_BLOCK, 0, 0, sizeof(record->verdict));
			record->verdict = v;
			bpf_ringbuf_submit(record, submit_flags());
			COUNT(records, 1);
		} else {
			COUNT(verdicts_lost, 1);
		}
		if (v.achieved)
			tail = last_bytes(w);
		if (v.achieved > SPECTRAL_REDACT) {
			/* Nothing left: the connection stands where it stood. A repetition is no nested call. */
			if (c->flow == w->flow)
				c->last_function = 0;
			return;
		}
	}
	/* The element may by now be another connection's. */
	if (c->flow != w->flow)
		return;
	if (length > w->length)
		hit.state = behind = 0; /* the rest is not walked */
	c->walk = remember(hit.epoch, hit.state, behind == NOT_APART ? hit.state : behind);
	c->tail = tail;
	c->walked = w->length;
}

#endif
