/* SPDX-License-Identifier: GPL-2.0-only */
/* Walks the bytes of a write through the automaton of the block literals, which the Wasm engine compiled.
 *
 *   write   ├──── block ────┼──── block ────┼──── block ────┼─ tail ─┤
 *   state ──▶ walk_block() ─▶ walk_block() ─▶ …             ─▶ walk_tail() ─▶ state, for the connection's next write
 *                  │ a literal ends in here
 *                  └─▶ find_end(): byte by byte, which one and where
 *
 * Blocks are read to the stack, which no one else uses: programs at uprobes may be preempted, so memory of the CPU will not
 * do. The functions are global, so that the verifier looks at each once and not at every turn of the loops around them.
 */
#ifndef SPECTRAL_WALK_H
#define SPECTRAL_WALK_H

#define BLOCK 64
#define TABLE_MASK ((SPECTRAL_TABLE_ENTRIES - 1) * 2)

struct automaton_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct spectral_automaton)); /* behind a map in a map, the type itself gets lost */
};

/* A new policy is a new map in the slot that is not in use, and then a new epoch: a walk that is under way ends with the
 * automaton that it began with. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct automaton_map);
} automata SEC(".maps");

/* The epoch in force, 0 for none; its automaton is in slot epoch % 2. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} epoch_in_force SEC(".maps");

static __always_inline __u32 current_epoch(void)
{
	__u32 zero = 0, *epoch = bpf_map_lookup_elem(&epoch_in_force, &zero);
	return epoch ? *epoch : 0;
}

static __always_inline const struct spectral_automaton *automaton_of(__u32 epoch)
{
	__u32 slot = epoch & 1, zero = 0;
	void *map = bpf_map_lookup_elem(&automata, &slot);
	const struct spectral_automaton *automaton = map ? bpf_map_lookup_elem(map, &zero) : NULL;
	return automaton && automaton->epoch == epoch ? automaton : NULL;
}

/* What the walks return: the state at the end in the low 16 bits, and one of these. */
#define WALK_END (1ull << 32)   /* a literal ends in the block */
#define WALK_FAULT (1ull << 33) /* the bytes cannot be read, or the automaton has been replaced twice meanwhile */
#define WALK_STATE 0x7fffull

/* One byte further. An entry's mark stays in `state`, where the next step shifts it out, and gathers in `marks`. */
#define MOVE(state, byte)                                                                                     \
	do {                                                                                                  \
		state = *(__u16 *)((void *)a->table + (((state << shift) + a->class_[byte]) & TABLE_MASK));  \
		marks |= state;                                                                               \
	} while (0)

/* The barrier keeps the compiler from loading more bytes ahead than there are registers; the processor does that better. */
#define STEP(byte)                                                               \
	do {                                                                     \
		MOVE(state, byte);                                               \
		asm volatile("" : "+r"(state), "+r"(marks) : : "memory");        \
	} while (0)

#define REPEAT_8(DO, i) DO(i) DO(i + 1) DO(i + 2) DO(i + 3) DO(i + 4) DO(i + 5) DO(i + 6) DO(i + 7)
#define REPEAT_32(DO, i) REPEAT_8(DO, i) REPEAT_8(DO, i + 8) REPEAT_8(DO, i + 16) REPEAT_8(DO, i + 24)
#define REPEAT_64(DO) REPEAT_32(DO, 0) REPEAT_32(DO, 32)

/* Before 6.8 global functions are verified whether or not they are called: where nothing is walked, at no cost. */
#define IF_WALKING    \
	if (!config.mode) \
		return 0;

#define WALK_BEGIN                                                        \
	IF_WALKING                                                        \
	const struct spectral_automaton *a = automaton_of(epoch);         \
	if (!a)                                                           \
		return WALK_FAULT;                                        \
	__u64 state = from & WALK_STATE, marks = 0;                       \
	__u32 shift = (a->shift + 1) & 15;

#define WALK_RETURN return (state & WALK_STATE) | (marks & SPECTRAL_ENDS ? WALK_END : 0)

/* A step waits for the one before it. So both halves of a block are walked at the same time, the second from the root: that
 * is where it stands in truth unless a literal may have begun in the first. Then the walk of the first half goes on until
 * it meets the other, mostly at once.
 *
 *   first half   from ──▶ ──▶ ──▶ state ─▶ 64 ─▶ 65 ─ …  until equal
 *   second half  root ──▶ ──▶ ──▶ ahead    met[0] met[1] …
 */
#define HALF 32
#define MEETINGS 8

__noinline __u64 walk_block(__u64 address, __u64 from, __u32 epoch)
{
	__u8 bytes[BLOCK];
	__u16 met[MEETINGS];
	WALK_BEGIN
	__u64 ahead = 0;
	if (bpf_probe_read_user(bytes, BLOCK, (void *)address))
		return WALK_FAULT;
#define STEP_BOTH(i)                    \
	MOVE(state, bytes[i]);          \
	MOVE(ahead, bytes[HALF + (i)]); \
	if ((i) < MEETINGS)             \
		met[(i) & (MEETINGS - 1)] = ahead; \
	asm volatile("" : "+r"(state), "+r"(ahead), "+r"(marks) : : "memory");
	REPEAT_32(STEP_BOTH, 0)
	if (!state)
		goto done;
#define STEP_UNTIL_MET(i)                     \
	STEP(bytes[HALF + (i)]);              \
	if (state == met[i])                  \
		goto done;
	REPEAT_8(STEP_UNTIL_MET, 0)
#define STEP_ON(i) STEP(bytes[HALF + (i)]);
	REPEAT_8(STEP_ON, 8)
	REPEAT_8(STEP_ON, 16)
	REPEAT_8(STEP_ON, 24)
	ahead = state;
done:
	state = ahead;
	WALK_RETURN;
}

/* As walk_block, of fewer bytes. */
__noinline __u64 walk_tail(__u64 address, __u64 from, __u32 epoch, __u32 length)
{
	__u64 words[BLOCK / 8] = {};
	__u8 *bytes = (__u8 *)words;
	WALK_BEGIN
	if (length > BLOCK - 1)
		length = BLOCK - 1;
	barrier_var(length);
	if (length > BLOCK - 1 || bpf_probe_read_user(bytes, length, (void *)address))
		return WALK_FAULT;
#define STEP_UNLESS_DONE(i)  \
	if ((i) == length)   \
		goto done;   \
	STEP(bytes[i]);
	REPEAT_64(STEP_UNLESS_DONE)
done:
	WALK_RETURN;
}

/* The first end of a literal in at most BLOCK bytes: its distance from `address` in bits 16 to 31, and the state there.
 * 0 if there is none. */
__noinline __u64 find_end(__u64 address, __u64 from, __u32 epoch, __u32 length)
{
	WALK_BEGIN
	for (__u32 i = 0; i < BLOCK; i++) {
		__u8 byte;
		if (i >= length || bpf_probe_read_user(&byte, 1, (void *)(address + i)))
			return 0;
		STEP(byte);
		if (marks & SPECTRAL_ENDS)
			return ((__u64)(i + 1) << 16) | (state & WALK_STATE);
	}
	return 0;
}

/* Whole walks. `from` is the state to begin with, and WALK_ONWARD in order not to stop at literals. Returns the state, and
 *
 *   bit  32 WALK_END, stopped at a literal: the state is the one in front of its block, whose number is in bits 34 and up
 *        33 WALK_FAULT, some bytes could not be read: the walk started afresh behind them */
#define WALK_ONWARD (1ull << 35)
#define WALK_BLOCK_SHIFT 34

#ifdef SPECTRAL_UNROLLED
/* The verifier follows every turn of a loop, but a global function only once: so runs of blocks, and a loop over runs. */
#define RUN (128 * BLOCK)

/* As walk_write, of RUN bytes at most. As few branches as can be. */
__noinline __u64 walk_run(__u64 address, __u64 length, __u64 from, __u32 epoch)
{
	IF_WALKING
	__u64 stop = from & WALK_ONWARD ? 0 : WALK_END, state = from & WALK_STATE, unread = 0, result;
	__u32 i;

	for (i = 0; i < RUN / BLOCK; i++) {
		if ((__u64)(i + 1) * BLOCK > length)
			break;
		result = walk_block(address + i * BLOCK, state, epoch);
		if (result & stop)
			return state | unread | WALK_END | (__u64)i << WALK_BLOCK_SHIFT;
		unread |= result & WALK_FAULT;
		state = result & WALK_STATE;
	}
	if ((__u64)i * BLOCK >= length)
		return state | unread;
	result = walk_tail(address + i * BLOCK, state, epoch, length - i * BLOCK);
	if (result & stop)
		return state | unread | WALK_END | (__u64)i << WALK_BLOCK_SHIFT;
	return (result & (WALK_STATE | WALK_FAULT)) | unread;
}

__noinline __u64 walk_write(__u64 buffer, __u64 length, __u64 from, __u32 epoch)
{
	IF_WALKING
	__u64 state = from & (WALK_STATE | WALK_ONWARD), unread = 0;

	for (__u32 i = 0; i < SPECTRAL_WRITE_CAP_UNROLLED / RUN; i++) {
		__u64 at = (__u64)i * RUN;
		if (at >= length)
			break;
		__u64 rest = length - at;
		__u64 result = walk_run(buffer + at, rest < RUN ? rest : RUN, state, epoch);
		unread |= result & WALK_FAULT;
		if (result & WALK_END)
			return (result | unread) + ((__u64)i * (RUN / BLOCK) << WALK_BLOCK_SHIFT);
		state = (result & WALK_STATE) | (from & WALK_ONWARD);
	}
	return (state & WALK_STATE) | unread;
}
#else
struct walk {
	__u64 buffer;
	__u64 length;
	__u64 state;
	__u64 stopped_at; /* where the block begins at which the walk ended early */
	__u32 epoch;
	__u32 onward;
	__u32 unread;
};

static __always_inline __u64 walk_some(const struct walk *w, __u64 at, __u64 length)
{
	return length < BLOCK ? walk_tail(w->buffer + at, w->state, w->epoch, length) :
				walk_block(w->buffer + at, w->state, w->epoch);
}

static __noinline long walk_next(__u32 index, struct walk *w)
{
	__u64 at = (__u64)index * BLOCK;

	if (at >= w->length)
		return 1;
	__u64 here = w->length - at < BLOCK ? w->length - at : BLOCK;
	__u64 result = walk_some(w, at, here);
	if (result & WALK_FAULT && bring_in(w->buffer + at, here))
		result = walk_some(w, at, here);
	if (result & WALK_END && !w->onward) {
		w->stopped_at = at;
		return 1;
	}
	if (result & WALK_FAULT)
		w->unread = 1;
	w->state = result & WALK_STATE;
	return 0;
}

__noinline __u64 walk_write(__u64 buffer, __u64 length, __u64 from, __u32 epoch)
{
	IF_WALKING
	struct walk w = { .buffer = buffer, .length = length, .state = from & WALK_STATE, .stopped_at = ~0ull,
			  .epoch = epoch, .onward = !!(from & WALK_ONWARD) };
	bpf_loop(SPECTRAL_WRITE_CAP / BLOCK, walk_next, &w, 0);
	__u64 result = w.state & WALK_STATE;
	if (w.unread)
		result |= WALK_FAULT;
	if (w.stopped_at != ~0ull)
		result |= WALK_END | w.stopped_at / BLOCK << WALK_BLOCK_SHIFT;
	return result;
}
#endif

/* A literal's number in the upper half, its length in the lower; 0 if the state ends none. */
__noinline __u64 literal_at(__u64 state, __u32 epoch)
{
	IF_WALKING
	const struct spectral_automaton *a = automaton_of(epoch);
	if (!a)
		return 0;
	__u64 index = (state & WALK_STATE) - a->first;
	if (index >= SPECTRAL_LITERALS)
		return 0;
	return (__u64)a->ends[index].literal << 32 | a->ends[index].length;
}

#endif
