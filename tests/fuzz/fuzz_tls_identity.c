/* Any text as certificate and key of a TLS server. The first byte says what it is: a key beside a
 * good certificate (even), a certificate beside a good key (odd), or both from one text (255). What
 * is loaded signs and tells its names; what is not leaves nothing behind. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "tls/keypair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char good_certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBwDCCAWagAwIBAgIUJORDhDIDcoKft6Yw8AFeMJx/zwwwCgYIKoZIzj0EAwIw\n"
    "GzEZMBcGA1UEAwwQYXBpLnRlc3QuZXhhbXBsZTAeFw0yMDAxMDEwMDAwMDBaFw00\n"
    "OTEyMzEyMzU5NTlaMBsxGTAXBgNVBAMMEGFwaS50ZXN0LmV4YW1wbGUwWTATBgcq\n"
    "hkjOPQIBBggqhkjOPQMBBwNCAASx3lgmBEgJJrl5feJ3nqvcWGSmUI4QwLQaqNrR\n"
    "v/asfevl8hrEApHBkWVCi+u9OZPcaLe2HkjlO7uUyfNIT5gRo4GHMIGEMAwGA1Ud\n"
    "EwEB/wQCMAAwDgYDVR0PAQH/BAQDAgWgMBMGA1UdJQQMMAoGCCsGAQUFBwMBMDAG\n"
    "A1UdEQQpMCeCEGFwaS50ZXN0LmV4YW1wbGWCEyoud2lsZC50ZXN0LmV4YW1wbGUw\n"
    "HQYDVR0OBBYEFO/0qzmcQ6705LW221knhG2tjnvlMAoGCCqGSM49BAMCA0gAMEUC\n"
    "IFXhe6ws9DhquZTtsWfluif4YyDsLNxBL6mu9TgpNmeoAiEA6pmQhaIOd3x8B8+7\n"
    "CcLMA9wmv5A68J/sTqT6OjvuRvc=\n"
    "-----END CERTIFICATE-----\n";
static const char good_key[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTwugRVoWFPRBTS13\n"
                               "AOwgNy54LyNBsNNtU97BzHNeevOhRANCAASx3lgmBEgJJrl5feJ3nqvcWGSmUI4Q\n"
                               "wLQaqNrRv/asfevl8hrEApHBkWVCi+u9OZPcaLe2HkjlO7uUyfNIT5gR\n"
                               "-----END PRIVATE KEY-----\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tls_identity *id = malloc(tls_identity_bytes());
    if (size > 0 && id != NULL) {
        struct span text = span_of((const char *)data + 1, size - 1);
        struct span certificate = data[0] % 2 == 0 ? SPAN(good_certificate) : text;
        struct span key = data[0] % 2 == 0 || data[0] == 255 ? text : SPAN(good_key);
        enum tls_identity_fault fault = tls_identity_load(id, certificate, key);
        CHECK(tls_identity_fault_text(fault) != NULL);
        if (fault == TLS_IDENTITY_GOOD) {
            char storage[4096];
            unsigned char signature[TLS_SIGNATURE_BYTES_MAX];
            unsigned char hash[br_sha384_SIZE] = {2};
            struct fmt f;
            fmt_init(&f, storage, sizeof storage);
            tls_identity_fmt_names(id, &f);
            tls_identity_fmt_key(id, &f);
            size_t len = tls_identity_sign(id, &br_sha384_vtable, hash, signature);
            CHECK(len > 0 && len <= sizeof signature);
            CHECK(id->chain_len > 0 && id->der_bytes <= sizeof id->der);
        } else {
            for (size_t i = 0; i < tls_identity_bytes(); i++)
                CHECK(((const char *)id)[i] == 0);
        }
    }
    free(id);
    return 0;
}
