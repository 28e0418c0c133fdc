/* A stand-in for OpenSSL 3.3 and later, where SSL_write_ex hands its arguments to SSL_write_ex2, and a program that calls
 * both. Compiled twice: -DLIBRARY makes the library.
 *
 *   nested_ex NAME…      ex: SSL_write_ex    ex2: SSL_write_ex2    twice: SSL_write_ex, two times with one buffer
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int SSL_write(void *ssl, const void *data, int length);
int SSL_write_ex(void *ssl, const void *data, size_t length, size_t *written);
int SSL_write_ex2(void *ssl, const void *data, size_t length, uint64_t flags, size_t *written);

#ifdef LIBRARY

int SSL_write(void *ssl, const void *data, int length)
{
	return ssl && data ? length : -1;
}

__attribute__((noinline)) int SSL_write_ex2(void *ssl, const void *data, size_t length, uint64_t flags, size_t *written)
{
	*written = ssl && data && flags == 0 ? length : 0;
	return *written > 0;
}

int SSL_write_ex(void *ssl, const void *data, size_t length, size_t *written)
{
	return SSL_write_ex2(ssl, data, length, 0, written);
}

#else

int main(int argc, char **argv)
{
	static char connection[8];
	size_t written;
	printf("%d\n", getpid());
	for (int i = 1; i < argc; i++) {
		char text[32];
		int length = snprintf(text, sizeof(text), "%d:%s;", i, argv[i]);
		if (!strcmp(argv[i], "ex2"))
			SSL_write_ex2(connection, text, (size_t)length, 0, &written);
		else
			SSL_write_ex(connection, text, (size_t)length, &written);
		if (!strcmp(argv[i], "twice"))
			SSL_write_ex(connection, text, (size_t)length, &written);
	}
	return 0;
}

#endif
