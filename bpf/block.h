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
 * A write that cannot be walked to its end is judged likewise, and let go unless config.fail_closed.
 *
 * Only what config.mode needs is ever verified: the rest is dead code to the verifier, which knows config as constant. So an
 * object whose mode the kernel refuses can be loaded again in a gentler one.
 */
#ifndef SPECTRAL_BLOCK_H
#define SPECTRAL_BLOCK_H

#define EFAULT 14
#define EFBIG 27
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

/* Whether this process is never touched. A global function, as may_kill: the verifier follows its branches once, and not on
 * each way that leads to it. */
__noinline int is_exempt(__u32 tgid)
{
	IF_WALKING
	struct process_name name;

	if (tgid == 1 || bpf_map_lookup_elem(&exempt_processes, &tgid))
		return 1;
	if (bpf_probe_read_kernel(name.text, sizeof(name.text), &process_leader()->comm))
		return 0;
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

__noinline int may_kill(void)
{
	IF_WALKING
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

/* Leaves the function that is being entered, with an error: 0 from those that return 1 for success, -1 from the others. */
static __always_inline long leave(struct pt_regs *regs, enum write_function function)
{
	__s64 answer = function == FN_WRITE || function == FN_SENDFILE ? -1 : 0;
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
 * `state` takes all writes for text, `other` takes such a repetition for one. They nearly always agree again a few bytes on.
 *
 *   bit  0 state   16 other   32 epoch */
static __always_inline __u64 remember(__u32 epoch, __u64 state, __u64 other)
{
	return (__u64)epoch << 32 | other << 16 | state;
}

#define OTHER(word) ((word) >> 16 & WALK_STATE)

/* Walks a write from where its connection stands, both readings. Returns as walk_write does, and in bits 16 to 30 where the
 * other reading stands behind the write, if WALK_APART. Of what it decides the verifier shall know nothing: before 5.15 it
 * follows ways apart that differ in a number for as long as a ring record is held. */
#define WALK_APART (1ull << 31)

__noinline __u64 walk_readings(__u64 buffer, __u64 length, __u64 readings, __u32 epoch, __u32 repeats)
{
	IF_WALKING
	const struct spectral_automaton *a = automaton_of(epoch);
	if (!a)
		return WALK_FAULT;
	__u64 state = readings & WALK_STATE, other = OTHER(readings), behind = 0, longest = a->longest;

	/* Once as many bytes have passed as the longest literal has, both readings stand where the text alone leads. */
	if (other != state) {
		__u64 result = walk_write(buffer, length < longest ? length : longest, other, epoch);
		if (result & WALK_END)
			state = other;
		else if (length < longest)
			behind = WALK_APART | (result & WALK_STATE) << 16;
	}
	if (repeats)
		behind = WALK_APART | other << 16;
	return walk_write(buffer, length, state, epoch) | behind;
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

struct verdict_record {
	struct spectral_header header;
	struct spectral_verdict verdict;
};

/* Takes the verdicts that the ring has no room for. Nobody reads it. */
static struct spectral_verdict unheard;

/* A walk that met a literal, or bytes that it could not read. */
struct hit {
	__u64 result; /* of walk_readings; with the state behind the write once it has been masked */
	__u64 length; /* of the write, as the program says */
	__u32 epoch;
	enum write_function function;
};

/* What was done, and why no more. */
struct deed {
	__u32 achieved;  /* enum spectral_mode */
	__u32 restraint; /* enum spectral_restraint */
};

static __always_inline __u64 with_state(__u64 result, __u64 state)
{
	return (result & ~WALK_STATE) | (state & WALK_STATE);
}

/* Masks the literals of a write from byte `from` on. Returns 0, or why the kernel did not let us. */
static __always_inline int mask(const struct write_state *w, struct hit *hit, __u32 from, struct spectral_verdict *v)
{
	__u64 result = mask_rest(w->buffer, w->length, from, hit->result & WALK_STATE, hit->epoch);

	if (FIELD(result, 29, 1) || !(result >> 40))
		return EFAULT;
	hit->result = with_state(hit->result, result);
	v->bytes_left = FIELD(result, 16, 13);
	v->matches = FIELD(result, 30, 10);
	v->bytes_stopped = result >> 40;
	return 0;
}

/* Does about a write what is wanted and allowed, and says in `v` what came of it.
 * @masks whether masking is enough
 * @from  bytes of the write in front of the block that the first literal ends in
 * @end   bytes of the write up to the end of the literal, whose length is `length` */
static __always_inline struct deed act(struct pt_regs *ctx, const struct write_state *w, struct hit *hit,
				       struct spectral_verdict *v, int masks, __u32 from, __u32 end, __u32 length)
{
	struct deed nothing = {};
	int kill = config.mode == SPECTRAL_KILL;

	v->bytes_left = length;
	if (config.dry_run)
		nothing.restraint = SPECTRAL_DRY_RUN;
	else if (is_exempt(w->pid))
		nothing.restraint = SPECTRAL_EXEMPT;
	if (nothing.restraint)
		return nothing;
	nothing.restraint = SPECTRAL_FAILED;
	struct deed done = { .achieved = config.mode };
	if (config.mode == SPECTRAL_REDACT) {
		if (masks) {
			int error = mask(w, hit, from, v);
			v->error = error;
			if (!error)
				return done;
		}
		kill = config.or_kill || config.fail_closed;
		if (!kill)
			return nothing;
		done.achieved = SPECTRAL_KILL;
	}
	if (config.mode == SPECTRAL_DENY) {
		int error = -leave(ctx, hit->function);
		if (error) {
			v->error = error;
			return nothing;
		}
	}
	if (kill) {
		if (!may_kill()) {
			nothing.restraint = SPECTRAL_KILL_LIMIT;
			return nothing;
		}
		int error = -bpf_send_signal(SIGKILL);
		if (error) {
			v->error = error;
			return nothing;
		}
	}
	v->bytes_left = length > end ? length - end : 0;
	v->bytes_stopped = hit->length;
	return done;
}

static __always_inline void count(struct deed deed, int met)
{
	if (deed.achieved == SPECTRAL_REDACT)
		COUNT(redacted_writes, 1);
	else if (deed.achieved == SPECTRAL_DENY)
		COUNT(denied_writes, 1);
	else if (deed.achieved == SPECTRAL_KILL)
		COUNT(killed_writes, 1);
	else if (!met)
		COUNT(unread_writes, 1);
	else if (deed.restraint == SPECTRAL_FAILED)
		COUNT(failed_writes, 1);
	else
		COUNT(restrained_writes, 1);
}

/* Captures a write that holds a block literal, or that could not be walked to its end, acts on it and reports it. Returns the
 * enum spectral_mode achieved. A function of its own, so that the walk does not have its memory on the stack as well. */
static __noinline int judge(struct pt_regs *ctx, struct write_state *w, struct hit *hit)
{
	struct verdict_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	struct spectral_verdict *v = &unheard;
	struct deed deed = { .restraint = SPECTRAL_FAILED };
	int met = !!(hit->result & WALK_END), unread = !!(hit->result & WALK_FAULT);
	__u32 from = 0, end = 0;
	__u64 literal = 0;
	__u64 heard = 0;

	/* Older verifiers do not know of a record, once they have seen that it is there, that it is not none; and of what has been
	 * on the stack they only know 64 bits. So this is the one time that it is looked at. */
	if (record) {
		v = &record->verdict;
		heard = 1;
		barrier_var(heard);
	}
	__builtin_memset(v, 0, sizeof(*v));
	v->wanted = config.mode;
	v->set = hit->epoch;
	v->write_offset = w->offset;
	v->write_length = hit->length;
	emit_pieces(w);
	if (met) {
		from = (hit->result >> WALK_BLOCK_SHIFT) * BLOCK;
		__u32 rest = w->length - from;
		__u64 found = find_end(w->buffer + from, hit->result, hit->epoch, rest > BLOCK ? BLOCK : rest);
		literal = literal_at(found, hit->epoch);
		end = from + (found >> 16);
		v->literal = literal >> 32;
		v->match_length = literal;
		v->match_end = w->offset + end;
		v->matches = 1;
	}
	if (unread)
		v->error = hit->length > w->length ? EFBIG : EFAULT;
	if (met || config.fail_closed)
		deed = act(ctx, w, hit, v, met && !(unread && config.fail_closed), from, end, literal);
	count(deed, met);
	v->achieved = deed.achieved;
	v->restraint = deed.restraint;
	if (heard) {
		fill_header(&record->header, w, SPECTRAL_BLOCK, 0, 0, sizeof(record->verdict));
		bpf_ringbuf_submit(record, submit_flags());
		COUNT(records, 1);
	} else {
		COUNT(verdicts_lost, 1);
	}
	return deed.achieved;
}

/* Captures a write, having walked it, and acts on it if it holds a block literal. */
static __always_inline void capture_and_block(struct pt_regs *ctx, struct write_state *w, struct connection *c, __u64 length,
					      enum write_function function)
{
	struct hit hit = { .length = length, .epoch = current_epoch(), .function = function };

	if (!automaton_of(hit.epoch)) {
		emit_pieces(w);
		return;
	}
	/* The element may by now be another connection's: then its flow is another. */
	__u64 walked = *(volatile __u64 *)&c->walk, tail = last_bytes(w);
	if (walked >> 32 != hit.epoch || *(volatile __u64 *)&c->flow != w->flow)
		walked = 0;
	hit.result = walk_readings(w->buffer, w->length, walked, hit.epoch, may_repeat(c, w->length, tail));
	if (config.fail_closed && length > w->length)
		hit.result |= WALK_FAULT;
	if (!(hit.result & (WALK_END | WALK_FAULT))) {
		emit_pieces(w);
	} else {
		int achieved = judge(ctx, w, &hit);
		if (achieved)
			tail = last_bytes(w);
		if (achieved > SPECTRAL_REDACT) {
			/* Nothing left: the connection stands where it stood. A repetition is no nested call. */
			if (c->flow == w->flow)
				c->last_function = 0;
			return;
		}
		if (!achieved && hit.result & WALK_END) {
			__u64 from = (hit.result >> WALK_BLOCK_SHIFT) * BLOCK, state = hit.result & WALK_STATE;
			state = walk_write(w->buffer + from, w->length - from, state | WALK_ONWARD, hit.epoch);
			hit.result = with_state(hit.result, state);
		}
	}
	if (c->flow != w->flow)
		return;
	__u64 state = hit.result & WALK_STATE, other = hit.result & WALK_APART ? OTHER(hit.result) : state;
	/* Behind what is too long the walk starts afresh. */
	c->walk = length > w->length ? remember(hit.epoch, 0, 0) : remember(hit.epoch, state, other);
	c->tail = tail;
	c->walked = w->length;
}

/* Stops bytes that never come by to be walked, if anything blocks. */
static __always_inline void stop_unread(struct pt_regs *ctx, struct write_state *w, __u64 length)
{
	struct hit hit = { .result = WALK_FAULT, .length = length, .epoch = current_epoch(), .function = FN_SENDFILE };

	w->length = 0;
	if (hit.epoch)
		judge(ctx, w, &hit);
}

#endif
