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

/* Connections remembered at once, and processes that have some. */
#define SPECTRAL_CONNECTIONS 65536
#define SPECTRAL_PROCESSES 16384

enum spectral_kind {
	SPECTRAL_DATA = 0,  /* `length` bytes of plaintext follow the header */
	SPECTRAL_LOST = 1,  /* `length` bytes from `offset` were not captured, `detail` says why */
	SPECTRAL_CLOSE = 2, /* the connection is over, `offset` is its final length */
	SPECTRAL_EXIT = 3,  /* the process is gone or has replaced its image */
};

enum spectral_lost {
	SPECTRAL_LOST_RING_FULL = 1, /* only counted: there is no room to say it; the next record's offset shows it */
	SPECTRAL_LOST_FAULT = 2,     /* a page of the buffer was not resident */
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

/* Set between open and load. */
struct spectral_config {
	__u32 own_tgid;   /* never captured */
	__u32 write_cap;  /* bytes captured of one write */
	__u32 wake_bytes; /* 0: wake the reader whenever it had caught up; else only once so many bytes wait */
	__u32 reserved;
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
};

#endif
