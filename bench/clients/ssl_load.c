/* A program that writes TLS as fast or as often as it is told, to measure what watching it costs.
 *
 * The handshake is real, with a peer in this process; after it the ciphertext goes nowhere, so that a timed call is
 * OpenSSL's framing and encryption and nothing else. Commands on standard input, one answer line each:
 *
 *   latency SIZE COUNT         → latency SIZE COUNT p50 p90 p99 mean        nanoseconds per SSL_write
 *   rate SIZE PER_SECOND MS    → rate SIZE CALLS NANOSECONDS                PER_SECOND 0: as fast as it can
 *   text FILE                  → text BYTES          what is written from now on: the file's bytes, again and again
 */
#define _GNU_SOURCE
#include "tls_memory.h"
#include <stdint.h>
#include <string.h>
#include <time.h>

#define MAX_SAMPLES 1000000
#define MAX_SIZE (1 << 20)

static unsigned char payload[MAX_SIZE];
static uint32_t samples[MAX_SAMPLES];

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void latency(SSL *ssl, int size, int count)
{
	double sum = 0;
	CHECK(count > 0 && count <= MAX_SAMPLES);
	for (int i = 0; i < count / 10 + 100; i++)
		CHECK(SSL_write(ssl, payload, size) == size);
	for (int i = 0; i < count; i++) {
		uint64_t before = now();
		int n = SSL_write(ssl, payload, size);
		uint64_t took = now() - before;
		CHECK(n == size);
		samples[i] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
		sum += (double)took;
	}
	qsort(samples, (size_t)count, sizeof(samples[0]), ascending);
	printf("latency %d %d %u %u %u %.1f\n", size, count, samples[count / 2], samples[(uint64_t)count * 90 / 100],
	       samples[(uint64_t)count * 99 / 100], sum / count);
}

/* Waits until `when`: asleep while it is far, spinning for the last stretch, which a timer would miss. */
static void wait_until(uint64_t when)
{
	uint64_t t;
	while ((t = now()) < when) {
		if (when - t > 200000) {
			struct timespec nap = { 0, (long)(when - t - 100000) };
			nanosleep(&nap, NULL);
		}
	}
}

static void rate(SSL *ssl, int size, double per_second, double milliseconds)
{
	uint64_t start = now(), end = start + (uint64_t)(milliseconds * 1e6), calls = 0, t = start;
	while (t < end) {
		if (per_second > 0)
			wait_until(start + (uint64_t)((double)calls * 1e9 / per_second));
		CHECK(SSL_write(ssl, payload, size) == size);
		calls++;
		t = now();
	}
	printf("rate %d %llu %llu\n", size, (unsigned long long)calls, (unsigned long long)(t - start));
}

static void take_text(const char *path)
{
	FILE *file = fopen(path, "r");
	CHECK(file);
	size_t bytes = fread(payload, 1, sizeof(payload), file);
	CHECK(bytes > 0);
	fclose(file);
	for (size_t i = bytes; i < sizeof(payload); i++)
		payload[i] = payload[i - bytes];
	printf("text %zu\n", bytes);
}

int main(void)
{
	char line[1024], path[1000];
	struct connection c = open_pair();
	handshake(&c);
	SSL_set0_wbio(c.client, BIO_new(BIO_s_null()));
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (unsigned char)("the quick brown fox jumps over the lazy dog "[i % 44]);

	while (fgets(line, sizeof(line), stdin)) {
		int size, count;
		double per_second, milliseconds;
		if (sscanf(line, "latency %d %d", &size, &count) == 2 && size > 0 && size <= MAX_SIZE)
			latency(c.client, size, count);
		else if (sscanf(line, "rate %d %lf %lf", &size, &per_second, &milliseconds) == 3 && size > 0 && size <= MAX_SIZE)
			rate(c.client, size, per_second, milliseconds);
		else if (sscanf(line, "text %999[^\n]", path) == 1)
			take_text(path);
		else
			printf("error: not a command: %s", line);
		fflush(stdout);
	}
	return 0;
}
