#include "base/check.h"
#include "tls/session.h"

struct err_words {
    const char *text;
    const char *advice;
};

static const struct err_words words[TLS_ERR_COUNT] = {
    [TLS_OK] = {"no error", ""},
    [TLS_ERR_EXPIRED] = {"its certificate has expired",
                         "if the clock of this machine is right, only the server's owner can mend "
                         "that"},
    [TLS_ERR_NOT_YET_VALID] = {"its certificate is not valid yet",
                               "the clock of this machine is probably behind: check it and NTP"},
    [TLS_ERR_CLOCK] = {"the clock of this machine is not set",
                       "certificates cannot be checked until it is: wait for NTP, or set it"},
    [TLS_ERR_WRONG_HOST] = {"its certificate is for another host",
                            "check the url; a captive portal or a rewriting DNS gives this too"},
    [TLS_ERR_HOST_IS_ADDRESS] = {"the url has an address in place of a name",
                                 "certificates are checked against DNS names: use the name that "
                                 "stands in the server's certificate"},
    [TLS_ERR_UNKNOWN_ISSUER] = {"its certificate was issued by no authority in the CA file",
                                "update the CA bundle; for a private authority or a self-signed "
                                "server add its certificate to the file that `ca` names"},
    [TLS_ERR_BAD_CHAIN] = {"its certificate chain cannot be verified",
                           "the server must send its chain in order, with RSA of 2048 bits or more "
                           "or ECDSA keys and SHA-2 signatures"},
    [TLS_ERR_CONSTRAINTS] = {"its chain has a critical extension that cannot be checked here",
                             "name constraints are not supported: trust the server's certificate "
                             "or its direct issuer by the file that `ca` names"},
    [TLS_ERR_VERSION] = {"it does not speak TLS 1.2",
                         "it wants TLS 1.3, which is not supported yet: reach it through a local "
                         "proxy that speaks it"},
    [TLS_ERR_NO_SUITE] = {"it accepts none of our cipher suites",
                          "it must allow ECDHE with AES-GCM or ChaCha20-Poly1305 in TLS 1.2; some "
                          "servers say this when they want TLS 1.3"},
    [TLS_ERR_ALERT] = {"it refused the connection with a TLS alert",
                       "check host and port of the url; the server may not know that name"},
    [TLS_ERR_PROTOCOL] = {"it does not speak TLS 1.2 in a way that makes sense",
                          "check the port, and whether the url should begin with http://"},
    [TLS_ERR_TRUNCATED] = {"it closed the connection without the end of TLS",
                           "an answer that was cut short is not used; it is tried again with the "
                           "next request"},
    [TLS_ERR_CLIENT_OLD] = {"it speaks no TLS newer than 1.1", "it needs a newer TLS library"},
    [TLS_ERR_CLIENT_NEW] = {"it accepts TLS 1.3 only", "set the client to allow TLS 1.2"},
    [TLS_ERR_CLIENT_SUITES] = {"it has no cipher suite in common with this server",
                               "it must offer ECDHE with AES-GCM or ChaCha20-Poly1305 and, in TLS "
                               "1.2, the kind of the certificate's key"},
    [TLS_ERR_CLIENT_DISTRUSTS] = {"it does not trust the certificate",
                                  "the client needs the certificate or its issuer (curl --cacert, "
                                  "SSL_CERT_FILE, NODE_EXTRA_CA_CERTS), and must ask for a name "
                                  "that stands in it"},
};

const char *tls_err_text(enum tls_err err)
{
    CHECK(err < TLS_ERR_COUNT);
    return words[err].text;
}

const char *tls_err_advice(enum tls_err err)
{
    CHECK(err < TLS_ERR_COUNT);
    return words[err].advice;
}
