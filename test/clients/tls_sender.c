/* Sends what it is told over one TLS connection to a server on loopback, and says how each call ended.
 *
 *   tls_sender PORT ACTION…
 *
 *   pad:N            adds N bytes of filler to the buffer
 *   text:TEXT        adds TEXT
 *   send             SSL_write of the buffer, which is empty afterwards
 *   ex               SSL_write_ex
 *   constant         SSL_write from pages that may only be read
 *   absent           SSL_write from pages of a file that this process has not touched yet
 *   sendfile         SSL_sendfile of a file with the buffer in it
 *   again            SSL_write of the same buffer as before, as a program does after an error
 *   refuse           the next SSL_write finds the connection's buffer full: it fails with SSL_ERROR_WANT_WRITE
 *   name:NAME        the process takes this name
 *   connect          another connection to the same server
 *   crowd:N          SSL_write of the buffer on each of N new connections to nobody, which fails, and keeps them all
 *   recrowd          the same on each of those once more
 *   repeat:N         does the actions behind it, up to the end, N times
 *   fork             goes on in a child; the parent waits for it and ends with its exit code
 *   apart            a child does the actions up to the next "apart"; the parent waits for it and goes on there
 *   exec             replaces this image by the same program with the actions behind it
 *   wait             prints "waiting" and reads a line of standard input
 *
 * For each call it prints, at once:
 *
 *   call RESULT SSL_ERROR ERRNO MASKED          MASKED: asterisks in the buffer afterwards
 *   child PID SIGNAL                            SIGNAL: what ended it, or 0
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition)                                                                    \
	do {                                                                                \
		if (!(condition)) {                                                         \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, strerror(errno)); \
			ERR_print_errors_fp(stderr);                                        \
			exit(70);                                                           \
		}                                                                           \
	} while (0)

#define MOST (8 << 20)

static SSL_CTX *context;
static SSL *ssl;
static char *buffer, *port;
static size_t length, before;
static BIO *full; /* in place of the socket while it refuses */

static int refuse_write(BIO *bio, const char *data, int size)
{
	(void)data, (void)size;
	BIO_clear_retry_flags(bio);
	BIO_set_retry_write(bio);
	return -1;
}

static long refuse_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static void open_connection(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	ssl = SSL_new(context);
	CHECK(ssl && SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1);
}

static void report(int result, int failed, const char *data, size_t size)
{
	int error = failed ? SSL_get_error(ssl, result) : 0, number = failed ? errno : 0;
	unsigned long masked = 0;

	for (size_t i = 0; i < size; i++)
		masked += data[i] == '*';
	printf("call %d %d %d %lu\n", result, error, number, masked);
	fflush(stdout);
	ERR_clear_error();
}

static void send_from(const char *data, size_t size)
{
	errno = 0;
	int n = SSL_write(ssl, data, (int)size);
	report(n, n <= 0, data, size);
}

static void send_ex(void)
{
	size_t written = 0;
	errno = 0;
	int ok = SSL_write_ex(ssl, buffer, length, &written);
	report(ok, ok <= 0, buffer, length);
}

static void send_refused(void)
{
	BIO *real = SSL_get_wbio(ssl);
	BIO_up_ref(real);
	BIO_up_ref(full);
	SSL_set0_wbio(ssl, full);
	send_from(buffer, length);
	SSL_set0_wbio(ssl, real);
}

static void send_mapped(int absent)
{
	int file = memfd_create("data", 0);
	CHECK(file >= 0 && write(file, buffer, length) == (ssize_t)length);
	char *pages = mmap(NULL, length, PROT_READ, MAP_SHARED | (absent ? 0 : MAP_POPULATE), file, 0);
	CHECK(pages != MAP_FAILED);
	send_from(pages, length);
	munmap(pages, length);
	close(file);
}

static SSL **lonely;
static long crowded;

static void recrowd(void)
{
	for (long i = 0; i < crowded; i++) {
		CHECK(SSL_write(lonely[i], buffer, (int)length) <= 0);
		ERR_clear_error();
	}
	length = 0;
}

static void crowd(long count)
{
	lonely = calloc((size_t)count, sizeof(*lonely));
	CHECK(lonely);
	for (crowded = 0; crowded < count; crowded++)
		CHECK((lonely[crowded] = SSL_new(context)));
	recrowd();
}

static void send_file(void)
{
	int file = memfd_create("data", 0);
	CHECK(file >= 0 && write(file, buffer, length) == (ssize_t)length);
	ssize_t n = SSL_sendfile(ssl, file, 0, length, 0);
	report((int)n, n <= 0, buffer, length);
	close(file);
}

static void append(const char *text, size_t size)
{
	CHECK(length + size <= MOST);
	if (text)
		memcpy(buffer + length, text, size);
	else
		memset(buffer + length, '.', size);
	length += size;
}

static const char *after(const char *action, const char *name)
{
	size_t n = strlen(name);
	return strncmp(action, name, n) == 0 && action[n] == ':' ? action + n + 1 : NULL;
}

static int inside; /* a child of "apart" */

static void run(int argc, char **argv, int from)
{
	int refuse = 0;

	for (int i = from; i < argc; i++) {
		const char *action = argv[i], *rest;
		if ((rest = after(action, "pad"))) {
			append(NULL, strtoul(rest, NULL, 10));
		} else if ((rest = after(action, "text"))) {
			append(rest, strlen(rest));
		} else if ((rest = after(action, "name"))) {
			prctl(PR_SET_NAME, rest);
		} else if ((rest = after(action, "crowd"))) {
			crowd(strtol(rest, NULL, 10));
		} else if (strcmp(action, "recrowd") == 0) {
			recrowd();
		} else if ((rest = after(action, "repeat"))) {
			for (long n = strtol(rest, NULL, 10); n > 0; n--)
				run(argc, argv, i + 1);
			return;
		} else if (strcmp(action, "refuse") == 0) {
			refuse = 1;
		} else if (strcmp(action, "connect") == 0) {
			SSL_free(ssl);
			open_connection();
		} else if (strcmp(action, "wait") == 0) {
			char line[16];
			printf("waiting\n");
			fflush(stdout);
			CHECK(fgets(line, sizeof(line), stdin));
		} else if (strcmp(action, "fork") == 0) {
			int status;
			pid_t child = fork();
			CHECK(child >= 0);
			if (child == 0)
				continue;
			CHECK(waitpid(child, &status, 0) == child);
			exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		} else if (strcmp(action, "apart") == 0) {
			int status;
			if (inside)
				exit(0);
			pid_t child = fork();
			CHECK(child >= 0);
			if (child == 0) {
				inside = 1;
				continue;
			}
			CHECK(waitpid(child, &status, 0) == child);
			printf("child %d %d\n", (int)child, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
			fflush(stdout);
			while (i + 1 < argc && strcmp(argv[i + 1], "apart") != 0)
				i++;
		} else if (strcmp(action, "exec") == 0) {
			argv[i - 1] = argv[0];
			argv[i] = port;
			execv(argv[0], argv + i - 1);
			CHECK(!"execv");
		} else if (strcmp(action, "again") == 0) {
			send_from(buffer, before);
		} else {
			before = length;
			if (refuse)
				send_refused();
			else if (strcmp(action, "send") == 0)
				send_from(buffer, length);
			else if (strcmp(action, "ex") == 0)
				send_ex();
			else if (strcmp(action, "constant") == 0)
				send_mapped(0);
			else if (strcmp(action, "absent") == 0)
				send_mapped(1);
			else if (strcmp(action, "sendfile") == 0)
				send_file();
			else {
				fprintf(stderr, "unknown action: %s\n", action);
				exit(64);
			}
			refuse = 0;
			length = 0;
		}
	}
}

int main(int argc, char **argv)
{
	CHECK(argc > 2);
	signal(SIGPIPE, SIG_IGN);
	port = argv[1];
	buffer = malloc(MOST);
	context = SSL_CTX_new(TLS_client_method());
	BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "full");
	CHECK(buffer && context && method);
	BIO_meth_set_write(method, refuse_write);
	BIO_meth_set_ctrl(method, refuse_ctrl);
	full = BIO_new(method);
	CHECK(full);
	BIO_set_init(full, 1);
	/* The server is the test's own, on this host. */
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	open_connection();
	run(argc, argv, 2);
	SSL_shutdown(ssl);
	return 0;
}
