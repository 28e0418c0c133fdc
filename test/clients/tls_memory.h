/* Two ends of a TLS connection in one process, joined by growing buffers in memory: no socket, no peer process, so that
 * a write of the client end costs what OpenSSL costs and nothing else, and one call takes a write of any size. */
#ifndef TLS_MEMORY_H
#define TLS_MEMORY_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                    \
	do {                                                                                \
		if (!(condition)) {                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);     \
			ERR_print_errors_fp(stderr);                                        \
			exit(70);                                                           \
		}                                                                           \
	} while (0)

struct connection {
	SSL *client, *server;
};

static SSL_CTX *server_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	CHECK(context && key && certificate);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
	X509_NAME *name = X509_get_subject_name(certificate);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, key);
	CHECK(X509_sign(certificate, key, EVP_sha256()));
	CHECK(SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1);
	CHECK(SSL_CTX_set_max_early_data(context, 16384));
	X509_free(certificate);
	EVP_PKEY_free(key);
	return context;
}

static SSL_CTX *client_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	CHECK(context);
	/* The peer is this process. */
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	return context;
}

static SSL_CTX *client_ctx, *server_ctx;

static struct connection open_pair(void)
{
	if (!client_ctx) {
		client_ctx = client_context();
		server_ctx = server_context();
	}
	struct connection c = { SSL_new(client_ctx), SSL_new(server_ctx) };
	BIO *to_server = BIO_new(BIO_s_mem()), *to_client = BIO_new(BIO_s_mem());
	CHECK(c.client && c.server && to_server && to_client);
	BIO_set_mem_eof_return(to_server, -1); /* empty means: try again */
	BIO_set_mem_eof_return(to_client, -1);
	BIO_up_ref(to_server);
	BIO_up_ref(to_client);
	SSL_set_bio(c.client, to_client, to_server);
	SSL_set_bio(c.server, to_server, to_client);
	SSL_set_connect_state(c.client);
	SSL_set_accept_state(c.server);
	return c;
}

static void handshake(struct connection *c)
{
	for (int round = 0; round < 20 && !(SSL_is_init_finished(c->client) && SSL_is_init_finished(c->server)); round++) {
		SSL_do_handshake(c->client);
		SSL_do_handshake(c->server);
	}
	CHECK(SSL_is_init_finished(c->client) && SSL_is_init_finished(c->server));
	ERR_clear_error();
}

/* Reads all that the server end has received, and returns how many bytes of plaintext that was. */
static size_t drain(struct connection *c)
{
	static unsigned char sink[16384];
	size_t total = 0;
	int n;
	while ((n = SSL_read(c->server, sink, sizeof(sink))) > 0)
		total += (size_t)n;
	ERR_clear_error();
	return total;
}

static void close_pair(struct connection *c)
{
	SSL_free(c->client);
	SSL_free(c->server);
}

#endif
