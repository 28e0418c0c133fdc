/* Writes what it is told over TLS connections to itself, and says what it wrote.
 *
 *   tls_writer ACTION…
 *
 *   write:CONN:SIZE      SSL_write of SIZE bytes of noise on connection CONN (0 … 7, opened when first named)
 *   ex:CONN:SIZE         the same by SSL_write_ex
 *   ex2:CONN:SIZE        the same by SSL_write_ex2; exit code 69 if this OpenSSL has none
 *   early:CONN:SIZE      the same by SSL_write_early_data, on a new connection that resumes a session
 *   absent:CONN:SIZE     SSL_write of SIZE bytes of noise in pages of a file that this process has not touched yet
 *   text:CONN:TEXT       SSL_write of TEXT
 *   ex-text:CONN:TEXT    SSL_write_ex of TEXT
 *   repeat:N             does the actions behind it, up to the end, N times
 *   close:CONN           SSL_free
 *   wait                 prints "waiting" and reads a line of standard input
 *   mark:PATH            makes an empty file, for a reader that cannot wait for output
 *   sleep:MICROSECONDS   leaves the processor to others
 *   fork                 goes on in a child; the parent waits for it and ends with its exit code
 *   exec                 replaces this image by the same program with the actions behind it
 *
 * Each write is one call into OpenSSL. At the end, before exec and before fork, it prints for each connection used since:
 *
 *   PID CONN CALLS BYTES SHA256
 */
#define _GNU_SOURCE
#include "tls_memory.h"
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONNECTIONS 8

static struct peer {
	struct connection tls;
	EVP_MD_CTX *hash;
	unsigned long calls, bytes;
	int open;
} peers[CONNECTIONS];

typedef int write_ex2_t(SSL *, const void *, size_t, uint64_t, size_t *);
typedef size_t writer_t(struct peer *, const unsigned char *, size_t);

static struct peer *use(int number)
{
	CHECK(number >= 0 && number < CONNECTIONS);
	struct peer *p = &peers[number];
	if (!p->hash) {
		p->hash = EVP_MD_CTX_new();
		EVP_DigestInit_ex(p->hash, EVP_sha256(), NULL);
	}
	if (!p->open) {
		p->tls = open_pair();
		p->open = 1;
	}
	return p;
}

static size_t by_write(struct peer *p, const unsigned char *data, size_t size)
{
	int n = SSL_write(p->tls.client, data, (int)size);
	return n > 0 ? (size_t)n : 0;
}

static size_t by_write_ex(struct peer *p, const unsigned char *data, size_t size)
{
	size_t n = 0;
	return SSL_write_ex(p->tls.client, data, size, &n) == 1 ? n : 0;
}

static size_t by_write_ex2(struct peer *p, const unsigned char *data, size_t size)
{
	write_ex2_t *write_ex2 = (write_ex2_t *)dlsym(RTLD_DEFAULT, "SSL_write_ex2");
	size_t n = 0;
	if (!write_ex2)
		exit(69);
	return write_ex2(p->tls.client, data, size, 0, &n) == 1 ? n : 0;
}

static void write_all(struct peer *p, writer_t *writer, const unsigned char *data, size_t size)
{
	size_t n = writer(p, data, size);
	CHECK(n == size);
	EVP_DigestUpdate(p->hash, data, n);
	p->calls++;
	p->bytes += n;
	drain(&p->tls);
}

/* xorshift64: noise that no rule matches and no compressor shrinks. */
static void noise(unsigned char *data, size_t size)
{
	static uint64_t x = 0x9e3779b97f4a7c15u;
	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		data[i] = (unsigned char)(x >> 32);
	}
}

static void write_noise(struct peer *p, writer_t *writer, size_t size)
{
	unsigned char *data = malloc(size + 1);
	CHECK(data);
	noise(data, size);
	write_all(p, writer, data, size);
	free(data);
}

static void write_absent(struct peer *p, size_t size)
{
	unsigned char *copy = malloc(size), *pages;
	int file = memfd_create("noise", 0);
	CHECK(copy && file >= 0);
	noise(copy, size);
	CHECK(write(file, copy, size) == (ssize_t)size);
	pages = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
	CHECK(pages != MAP_FAILED && SSL_write(p->tls.client, pages, (int)size) == (int)size);
	EVP_DigestUpdate(p->hash, copy, size);
	p->calls++;
	p->bytes += size;
	drain(&p->tls);
	munmap(pages, size);
	close(file);
	free(copy);
}

static SSL_SESSION *session;

static int keep_session(SSL *ssl, SSL_SESSION *fresh)
{
	(void)ssl;
	SSL_SESSION_free(session);
	session = fresh;
	return 1;
}

static void write_early(struct peer *p, size_t size)
{
	static unsigned char data[16384], sink[16384];
	size_t n = 0;
	CHECK(size <= sizeof(data));
	noise(data, size);

	SSL_CTX_set_session_cache_mode(client_ctx, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(client_ctx, keep_session);
	struct connection first = open_pair();
	handshake(&first);
	SSL_read(first.client, sink, sizeof(sink)); /* the tickets */
	ERR_clear_error();
	/* Ended well, or the session would be forgotten. */
	SSL_set_shutdown(first.client, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_set_shutdown(first.server, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	close_pair(&first);
	CHECK(session && SSL_SESSION_get_max_early_data(session) > 0);

	SSL_set_session(p->tls.client, session);
	CHECK(SSL_write_early_data(p->tls.client, data, size, &n) == 1 && n == size);
	CHECK(SSL_read_early_data(p->tls.server, sink, sizeof(sink), &n) == SSL_READ_EARLY_DATA_SUCCESS && n == size);
	CHECK(memcmp(sink, data, size) == 0);
	EVP_DigestUpdate(p->hash, data, size);
	p->calls++;
	p->bytes += size;
	while (SSL_read_early_data(p->tls.server, sink, sizeof(sink), &n) == SSL_READ_EARLY_DATA_SUCCESS)
		;
	handshake(&p->tls);
}

static void report(void)
{
	for (int i = 0; i < CONNECTIONS; i++) {
		unsigned char digest[EVP_MAX_MD_SIZE];
		if (!peers[i].hash)
			continue;
		EVP_DigestFinal_ex(peers[i].hash, digest, NULL);
		EVP_MD_CTX_free(peers[i].hash);
		printf("%d %d %lu %lu ", (int)getpid(), i, peers[i].calls, peers[i].bytes);
		for (int b = 0; b < 32; b++)
			printf("%02x", digest[b]);
		printf("\n");
		peers[i].hash = NULL;
		peers[i].calls = peers[i].bytes = 0;
	}
	fflush(stdout);
}

static int is(const char *action, const char *name, char **rest)
{
	size_t length = strlen(name);
	if (strncmp(action, name, length) != 0 || action[length] != ':')
		return 0;
	*rest = (char *)action + length + 1;
	return 1;
}

static void run(int argc, char **argv, int from);

static void act(int argc, char **argv, int *at)
{
	char *action = argv[*at], *rest, *value;

	if (strcmp(action, "wait") == 0) {
		char line[16];
		printf("waiting\n");
		fflush(stdout);
		CHECK(fgets(line, sizeof(line), stdin));
		return;
	}
	if (strcmp(action, "fork") == 0) {
		int status;
		report();
		pid_t child = fork();
		CHECK(child >= 0);
		if (child == 0)
			return;
		CHECK(waitpid(child, &status, 0) == child);
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 71);
	}
	if (strcmp(action, "exec") == 0) {
		report();
		argv[*at] = argv[0];
		execv(argv[0], argv + *at);
		CHECK(!"execv");
	}
	if (is(action, "mark", &rest)) {
		FILE *file = fopen(rest, "w");
		CHECK(file);
		fclose(file);
		return;
	}
	if (is(action, "sleep", &rest)) {
		usleep((useconds_t)strtoul(rest, NULL, 10));
		return;
	}
	if (is(action, "repeat", &rest)) {
		for (long n = strtol(rest, NULL, 10); n > 0; n--)
			run(argc, argv, *at + 1);
		*at = argc;
		return;
	}
	if (is(action, "close", &rest)) {
		struct peer *p = use((int)strtol(rest, NULL, 10));
		close_pair(&p->tls);
		p->open = 0;
		return;
	}

	static const struct {
		const char *name;
		writer_t *writer;
	} noises[] = { { "write", by_write }, { "ex", by_write_ex }, { "ex2", by_write_ex2 } },
	  texts[] = { { "text", by_write }, { "ex-text", by_write_ex } };
	for (int i = 0; i < 3; i++) {
		if (!is(action, noises[i].name, &rest))
			continue;
		struct peer *p = use((int)strtol(rest, &value, 10));
		handshake(&p->tls);
		write_noise(p, noises[i].writer, strtoul(value + 1, NULL, 10));
		return;
	}
	for (int i = 0; i < 2; i++) {
		if (!is(action, texts[i].name, &rest))
			continue;
		struct peer *p = use((int)strtol(rest, &value, 10));
		handshake(&p->tls);
		write_all(p, texts[i].writer, (unsigned char *)value + 1, strlen(value + 1));
		return;
	}
	if (is(action, "absent", &rest)) {
		struct peer *p = use((int)strtol(rest, &value, 10));
		handshake(&p->tls);
		write_absent(p, strtoul(value + 1, NULL, 10));
		return;
	}
	if (is(action, "early", &rest)) {
		struct peer *p = use((int)strtol(rest, &value, 10));
		write_early(p, strtoul(value + 1, NULL, 10));
		return;
	}
	fprintf(stderr, "unknown action: %s\n", action);
	exit(64);
}

static void run(int argc, char **argv, int from)
{
	for (int i = from; i < argc; i++)
		act(argc, argv, &i);
}

int main(int argc, char **argv)
{
	run(argc, argv, 1);
	report();
	return 0;
}
