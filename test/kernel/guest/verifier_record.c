/* Loads every program of BPF objects and prints what this kernel's verifier made of each, one JSON line per program:
 *
 *   verifier_record MODE SLEEP OBJECT…
 *
 * MODE is that of enum spectral_mode, SLEEP 1 or 0: whether the programs are loaded as sleepable.
 *
 *   {"object":"…","program":"ssl_write","insns":1234,"limit":1000000,"states":56,"logBytes":78900,"loaded":true}
 *   {"object":"…","loaded":false,"error":"Invalid argument","log":"last lines of the verifier's log"}
 *
 * `insns` is what the verifier walked, over all paths: the number that its limit bounds. It comes from the line
 * "processed N insns (limit L) max_states_per_insn … total_states S …" (kernel/bpf/verifier.c, print_verification_stats).
 * `logBytes` is there where the log holds the whole search.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "spectral.h"

/* BPF_LOG_LEVEL2 | BPF_LOG_STATS: every path, so that the size of the log is that of the whole search. Where a walk is
 * unrolled that would be hundreds of MiB: BPF_LOG_STATS; why one is refused tells BPF_LOG_LEVEL1. */
#define LOG_PATHS (2 | 4)
#define LOG_STATS 4
#define LOG_REASON 1
#define LOG_BYTES (64u << 20)
#define PROGRAMS 64
#define TAIL 4000

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < ' ')
			printf("\\u%04x", *text);
		else
			putchar(*text);
	}
	putchar('"');
}

/* As the sensor sets it: what is constant at load decides which paths the verifier walks. */
static void configure(struct bpf_object *object, int mode, int sleep)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata.config");
	struct spectral_config config;
	size_t size = 0;
	const void *initial = map ? bpf_map__initial_value(map, &size) : NULL;

	if (!initial || size != sizeof(config))
		return;
	memcpy(&config, initial, sizeof(config));
	config.mode = (__u32)mode;
	config.may_sleep = (__u32)sleep;
	config.or_kill = mode == SPECTRAL_REDACT;
	config.fail_closed = mode != SPECTRAL_OBSERVE;
	config.kill_interval_ns = mode ? 6000000000u : 0;
	config.own_tgid = (__u32)getpid();
	config.write_cap = 20000; /* no multiple of anything, as an operator may set it */
	bpf_map__set_initial_value(map, &config, sizeof(config));
}

static void print_program(const char *path, const char *program, const char *log, int level)
{
	unsigned insns = 0, limit = 0, states = 0;
	const char *summary = strstr(log, "processed "), *next;

	/* The last one: a log may hold others for callbacks. */
	while (summary && (next = strstr(summary + 1, "processed ")))
		summary = next;
	if (summary)
		sscanf(summary, "processed %u insns (limit %u) max_states_per_insn %*u total_states %u", &insns, &limit, &states);
	printf("{\"object\":");
	print_string(path);
	printf(",\"program\":");
	print_string(program);
	printf(",\"insns\":%u,\"limit\":%u,\"states\":%u", insns, limit, states);
	if (level == LOG_PATHS)
		printf(",\"logBytes\":%zu", strlen(log));
	printf(",\"loaded\":true}\n");
}

static void print_refusal(const char *path, const char *program, int error, const char *log)
{
	size_t length = log ? strlen(log) : 0;

	printf("{\"object\":");
	print_string(path);
	printf(",\"program\":");
	print_string(program);
	printf(",\"loaded\":false,\"error\":");
	print_string(strerror(error));
	printf(",\"log\":");
	print_string(length ? log + (length > TAIL ? length - TAIL : 0) : "");
	printf("}\n");
}

static int record(const char *path, int mode, int sleep, int level)
{
	const char *names[PROGRAMS];
	char *logs[PROGRAMS] = { 0 };
	struct bpf_program *program;
	int count = 0, error, failed = -1;
	struct bpf_object *object = bpf_object__open_file(path, NULL);

	if (!object) {
		print_refusal(path, "", errno, NULL);
		return 1;
	}
	configure(object, mode, sleep);
	bpf_object__for_each_program(program, object) {
		if (count == PROGRAMS || !(logs[count] = calloc(1, LOG_BYTES))) {
			fprintf(stderr, "%s: more programs than can be recorded\n", path);
			return 2;
		}
		names[count] = bpf_program__name(program);
		if (sleep && bpf_program__type(program) == BPF_PROG_TYPE_KPROBE)
			bpf_program__set_flags(program, BPF_F_SLEEPABLE);
		bpf_program__set_log_level(program, level);
		bpf_program__set_log_buf(program, logs[count], LOG_BYTES);
		count++;
	}
	error = -bpf_object__load(object);
	if (error && level == LOG_STATS) {
		bpf_object__close(object);
		for (int i = 0; i < count; i++)
			free(logs[i]);
		return record(path, mode, sleep, LOG_REASON);
	}
	for (int i = 0; i < count; i++) {
		if (error && logs[i][0])
			failed = i; /* they are loaded in order: the last log belongs to the one refused */
		if (!error && level != LOG_REASON)
			print_program(path, names[i], logs[i], level);
	}
	if (error)
		print_refusal(path, failed < 0 ? "" : names[failed], error, failed < 0 ? NULL : logs[failed]);
	bpf_object__close(object);
	for (int i = 0; i < count; i++)
		free(logs[i]);
	return error != 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc < 4)
		return 64;
	libbpf_set_print(silent);
	for (int i = 3; i < argc; i++) {
		int mode = atoi(argv[1]), level = mode && strstr(argv[i], "unrolled") ? LOG_STATS : LOG_PATHS;
		status |= record(argv[i], mode, atoi(argv[2]), level);
	}
	return status;
}
