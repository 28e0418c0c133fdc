/* Calls write functions nested as OpenSSL 3.3 and later nest them, where the OpenSSL installed here may be older:
 * SSL_write_ex hands its own arguments to SSL_write_ex2. Nothing is encrypted; only the entries matter.
 *
 * Build with -rdynamic.
 */
#include <stddef.h>
#include <stdint.h>

typedef struct ssl_st SSL;

__attribute__((noinline)) int SSL_write_ex2(SSL *ssl, const void *buffer, size_t size, uint64_t flags, size_t *written)
{
	(void)ssl, (void)flags;
	__asm__ volatile("" : : "r"(buffer) : "memory");
	*written = size;
	return 1;
}

__attribute__((noinline)) int SSL_write_ex(SSL *ssl, const void *buffer, size_t size, size_t *written)
{
	return SSL_write_ex2(ssl, buffer, size, 0, written);
}

__attribute__((noinline)) int SSL_write(SSL *ssl, const void *buffer, int size)
{
	(void)ssl;
	__asm__ volatile("" : : "r"(buffer) : "memory");
	return size;
}

int main(void)
{
	char text[] = "nested"; /* on the stack: a page that is there */
	SSL *ssl = (SSL *)main; /* an address like any other */
	size_t written;
	SSL_write(ssl, text, 6);
	SSL_write_ex(ssl, text, 6, &written);
	SSL_write_ex(ssl, text, 6, &written);
	SSL_write_ex2(ssl, text, 6, 0, &written);
	SSL_write_ex2(ssl, text, 6, 0, &written);
	SSL_write(ssl, text, 6);
	return 0;
}
