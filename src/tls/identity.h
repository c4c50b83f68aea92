/* identity - who a TLS server is: its certificate, the chain behind it, and its private key.
 *
 * Loaded from two PEM texts, which may be the same: `certificates` has the server's own first and
 * then its issuers in order, `key` one key in PKCS#8, PKCS#1 or SEC1 form. RSA of 2048 to 4096 bits
 * or EC on P-256, P-384 or P-521; not encrypted. Everything is measured before it is copied, and a
 * signature by the key is verified with the certificate's, so that what was loaded works.
 *
 * Memory: the object itself, tls_identity_bytes(), which points into itself: never move it. Wipe it
 * when it is not used any more. Dates are kept, not judged. */
#ifndef TLS_IDENTITY_H
#define TLS_IDENTITY_H

#include "base/fmt.h"

enum {
    TLS_CHAIN_MAX = 6,          /* certificates; public chains have two to four */
    TLS_CHAIN_BYTES_MAX = 8192, /* of all of them; with RSA of 4096 bits each has about 2 KB */
    TLS_PEM_BYTES_MAX = 24576,  /* a file's text: base64 of the above, twice over with comments */
};

enum tls_identity_fault {
    TLS_IDENTITY_GOOD,
    TLS_IDENTITY_NO_CERTIFICATE,
    TLS_IDENTITY_KEY_AS_CERTIFICATE, /* the files are exchanged */
    TLS_IDENTITY_BAD_CERTIFICATE,
    TLS_IDENTITY_LONG_CHAIN,
    TLS_IDENTITY_CERTIFICATE_TYPE, /* Ed25519, DSA */
    TLS_IDENTITY_NO_KEY,
    TLS_IDENTITY_CERTIFICATE_AS_KEY,
    TLS_IDENTITY_ENCRYPTED_KEY,
    TLS_IDENTITY_BAD_KEY,
    TLS_IDENTITY_KEY_TYPE,
    TLS_IDENTITY_KEY_SIZE,
    TLS_IDENTITY_MISMATCH,
    TLS_IDENTITY_FAULTS,
};

enum { TLS_IDENTITY_BYTES = 10240 }; /* enough for the object, for who has it on the stack */

struct tls_identity;

size_t tls_identity_bytes(void);
enum tls_identity_fault tls_identity_load(struct tls_identity *id, struct span certificates,
                                          struct span key);
void tls_identity_wipe(struct tls_identity *id);
/* What is wrong and what to do, a sentence; of which file it speaks tells the next. */
const char *tls_identity_fault_text(enum tls_identity_fault fault);
bool tls_identity_fault_is_of_key(enum tls_identity_fault fault);

/* The same certificates and the same key. */
bool tls_identity_same(const struct tls_identity *a, const struct tls_identity *b);
/* Unix seconds. */
int64_t tls_identity_begins(const struct tls_identity *id);
int64_t tls_identity_ends(const struct tls_identity *id);
/* "RSA 2048" or "EC P-256". */
void tls_identity_fmt_key(const struct tls_identity *id, struct fmt *f);
/* The names and addresses that it is for, ", " between them: "router.lan, 192.168.1.1". */
void tls_identity_fmt_names(const struct tls_identity *id, struct fmt *f);

#endif
