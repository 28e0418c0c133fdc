/* SPDX-License-Identifier: GPL-2.0-only */
/* What the BPF programs and the addon share: the ring buffer's records, the counters, the limits. */
#ifndef SPECTRAL_H
#define SPECTRAL_H

/* Payload sizes of ring records. Small writes take small records, so that they do not starve the ring. */
#define SPECTRAL_SMALL 512
#define SPECTRAL_MEDIUM 4096
#define SPECTRAL_LARGE 16384

/* Most bytes captured of one write: with bpf_loop, and without it (kernels before 5.17, unrolled). */
#define SPECTRAL_WRITE_CAP (4u << 20)
#define SPECTRAL_WRITE_CAP_UNROLLED (8u * SPECTRAL_LARGE)

/* A set of block literals as the kernel walks it. An entry of the table is a state, marked if a literal ends in it. Rows are
 * at least 64 entries long, so that the next step shifts the mark out of the table's bounds. What does not fit is refused
 * by whoever makes it. */
#define SPECTRAL_ENDS 0x8000u
#define SPECTRAL_LEAST_SHIFT 6
#define SPECTRAL_TABLE_ENTRIES (1u << 20)
#define SPECTRAL_LITERALS 16384
#define SPECTRAL_LONGEST_LITERAL 4096

/* Names of processes that are never touched, by prefix. */
#define SPECTRAL_EXEMPT_NAMES 4096
#define SPECTRAL_EXEMPT_PROCESSES 1024

/* Connections remembered at once, and processes that have some. */
#define SPECTRAL_CONNECTIONS 65536
#define SPECTRAL_PROCESSES 16384
#define SPECTRAL_FINGERPRINT_BITS 18

enum spectral_kind {
	SPECTRAL_DATA = 0,  /* `length` bytes of plaintext follow the header */
	SPECTRAL_LOST = 1,  /* `length` bytes from `offset` were not captured, `detail` says why */
	SPECTRAL_CLOSE = 2, /* the connection is over, `offset` is its final length */
	SPECTRAL_EXIT = 3,  /* the process is gone or has replaced its image */
	SPECTRAL_BLOCK = 4, /* a write holds a block literal: struct spectral_verdict follows; comes before the write's data */
};

enum spectral_lost {
	SPECTRAL_LOST_RING_FULL = 1, /* only counted: there is no room to say it; the next record's offset shows it */
	SPECTRAL_LOST_FAULT = 2,     /* a page of the buffer was not resident, or not to be read at all */
	SPECTRAL_LOST_TRUNCATED = 3, /* the write is longer than the cap */
	SPECTRAL_LOST_SENDFILE = 4,  /* SSL_sendfile: the bytes never pass through user memory */
};

/*  0        4        8                16               24               32
 *  ┌────────┬────────┬────────────────┬────────────────┬────────────────┐
 *  │ kind   │ detail │ flow           │ offset         │ length         │
 *  ├────────┴────────┼────────┬───────┼────────────────┴────────────────┤
 *  │ time, ns (boot) │ pid    │ 0     │ comm, 16 bytes                  │
 *  └─────────────────┴────────┴───────┴─────────────────────────────────┘
 *  32                40       44      48                                64   payload …            */
struct spectral_header {
	__u32 kind;
	__u32 detail;
	__u64 flow;   /* unique while the sensor runs, < 2^53 */
	__u64 offset; /* bytes of the flow before this record, captured or not */
	__u64 length;
	__u64 time;
	__u32 pid; /* thread group, in the initial PID namespace */
	__u32 reserved;
	char comm[16]; /* of the thread group's leader: the name of the process */
};

/* What is done about a write that holds a block literal, gentlest first. */
enum spectral_mode {
	SPECTRAL_OBSERVE = 0,
	SPECTRAL_REDACT = 1, /* the literal's bytes are overwritten in the program's buffer */
	SPECTRAL_DENY = 2,   /* the function returns an error without having run */
	SPECTRAL_KILL = 3,   /* SIGKILL, before the function runs */
};

/* Why less was done than wanted. */
enum spectral_restraint {
	SPECTRAL_UNRESTRAINED = 0,
	SPECTRAL_DRY_RUN = 1,
	SPECTRAL_EXEMPT = 2,     /* a process that is never touched */
	SPECTRAL_KILL_LIMIT = 3, /* more kills than are allowed in this time */
	SPECTRAL_FAILED = 4,     /* `error` says why */
};

/*  0        4        8        12       16       20       24               32               40
 *  ┌────────┬────────┬────────┬────────┬────────┬────────┬────────────────┬────────────────┐
 *  │ wanted │ done   │ why    │ error  │ set    │ literal│ write from     │ write length   │
 *  ├────────┴────────┼────────┴────────┼────────┴────────┼────────┬───────┴────────────────┘
 *  │ match end       │ bytes left      │ bytes stopped   │ matches│ match length           64 …
 *  └─────────────────┴─────────────────┴─────────────────┴────────┴────── 72
 *  40                48                56                64       68                                            */
struct spectral_verdict {
	__u32 wanted;   /* enum spectral_mode */
	__u32 achieved; /* enum spectral_mode */
	__u32 restraint;
	__u32 error; /* errno, 0 for none */
	__u32 set;   /* epoch of the automaton */
	__u32 literal;
	__u64 write_offset; /* of the flow, at the first byte of the write */
	__u64 write_length;
	__u64 match_end;     /* of the flow, behind the first match; it may have begun in an earlier write */
	__u64 bytes_left;    /* bytes of the matches that left in clear */
	__u64 bytes_stopped; /* of this write, kept from leaving */
	__u32 matches;       /* masked ones; else 1, the first, at which the walk ended */
	__u32 match_length;
};

/* One step:  state = table[(state << shift) + class_[byte] / 2];  states from `first` on are marked. */
struct spectral_automaton {
	__u32 epoch; /* 0: no literals */
	__u32 first;
	__u32 shift;
	__u32 longest;
	__u16 class_[256]; /* twice the class: as an offset in bytes */
	__u16 table[SPECTRAL_TABLE_ENTRIES];
	/* Of each state from `first` on: the longest literal that ends there. */
	struct {
		__u32 literal;
		__u32 length;
	} ends[SPECTRAL_LITERALS];
};

/* Set between open and load. */
struct spectral_config {
	__u32 own_tgid;   /* never captured */
	__u32 write_cap;  /* bytes captured, and walked, of one write */
	__u32 wake_bytes; /* 0: wake the reader whenever it had caught up; else only once so many bytes wait */
	__u32 mode;       /* enum spectral_mode; in SPECTRAL_OBSERVE nothing is walked */
	__u32 dry_run;
	__u32 may_sleep;  /* the programs at functions are loaded as sleepable: pages that are not resident are brought in */
	__u32 or_kill;    /* where a mask cannot be written, kill */
	__u32 fail_closed; /* what cannot be looked through to its end, or masked, is stopped */
	__u64 kill_interval_ns; /* one kill is earned in this time; 0: no limit */
	__u64 kill_burst_ns;    /* so much of earned time may be saved up */
};

/* One per CPU; sums only grow. */
struct spectral_counters {
	__u64 records;         /* records submitted */
	__u64 bytes;           /* payload bytes submitted */
	__u64 reserve_drops;   /* failed ring reservations */
	__u64 ring_full_bytes; /* payload lost to them */
	__u64 fault_bytes;
	__u64 truncated_bytes;
	__u64 sendfile_bytes;
	__u64 untracked_bytes; /* writes for which no connection entry could be made */
	__u64 redacted_writes;
	__u64 denied_writes;
	__u64 killed_writes;
	__u64 restrained_writes; /* held a block literal, and nothing was done on purpose */
	__u64 failed_writes;     /* held a block literal, and the kernel refused */
	__u64 unread_writes;     /* could not be walked to their end, and were let go */
	__u64 verdicts_lost;     /* not reported for want of room in the ring; counted above all the same */
	__u64 forgotten_connections; /* made room for others, and then wrote on: what was cut across is not seen; at least so many */
};

#endif
