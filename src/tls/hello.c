/* hello - a ClientHello before it is given to a session (RFC 5246 section 7.4.1.2). */
#include "base/check.h"
#include "tls/server.h"

enum {
    RECORD_HEAD_BYTES = 5,
    RECORD_HANDSHAKE = 22,
    HANDSHAKE_CLIENT_HELLO = 1,
    MESSAGE_HEAD_BYTES = 4,
    RANDOM_BYTES = 32,
    VERSION_1_2 = 0x0303,
    EXTENSION_VERSIONS = 43, /* RFC 8446 section 4.2.1 */
    ALERT_FATAL = 2,
    ALERT_PROTOCOL_VERSION = 70,
};

const char tls_hello_alert[TLS_ALERT_BYTES] = {21, 3, 1, 0, 2, ALERT_FATAL, ALERT_PROTOCOL_VERSION};

/* Takes a number of `bytes` bytes off the front. */
static bool take_number(struct span *rest, size_t bytes, size_t *value)
{
    *value = 0;
    if (rest->len < bytes)
        return false;
    for (size_t i = 0; i < bytes; i++)
        *value = *value << 8 | (uint8_t)rest->ptr[i];
    *rest = span_part(*rest, bytes, rest->len);
    return true;
}

/* Takes what follows after its length of `bytes` bytes. */
static bool take_vector(struct span *rest, size_t bytes, struct span *out)
{
    size_t len;
    if (!take_number(rest, bytes, &len) || len > rest->len)
        return false;
    *out = span_part(*rest, 0, len);
    *rest = span_part(*rest, len, rest->len);
    return true;
}

/* Of supported_versions: with it, the version in the hello means nothing. */
static enum tls_hello look_at_versions(struct span extension)
{
    struct span list;
    size_t version;
    size_t best = 0;
    if (!take_vector(&extension, 1, &list))
        return TLS_HELLO_WHOLE;
    while (take_number(&list, 2, &version)) {
        if (version == VERSION_1_2)
            return TLS_HELLO_WHOLE;
        if ((version >> 8) == (VERSION_1_2 >> 8) && version > best)
            best = version;
    }
    return best > VERSION_1_2 ? TLS_HELLO_NEW : TLS_HELLO_OLD;
}

/* What cannot be read here is for the session to refuse. */
static enum tls_hello look_at_message(struct span m)
{
    size_t type;
    size_t version;
    struct span hello;
    struct span skipped;
    struct span extensions;
    size_t extension;
    struct span value;
    if (!take_number(&m, 1, &type) || type != HANDSHAKE_CLIENT_HELLO ||
        !take_vector(&m, MESSAGE_HEAD_BYTES - 1, &hello) || !take_number(&hello, 2, &version))
        return TLS_HELLO_WHOLE;
    if (version < VERSION_1_2)
        return TLS_HELLO_OLD;
    hello = span_part(hello, RANDOM_BYTES, hello.len);
    if (!take_vector(&hello, 1, &skipped) || !take_vector(&hello, 2, &skipped) ||
        !take_vector(&hello, 1, &skipped) || !take_vector(&hello, 2, &extensions))
        return TLS_HELLO_WHOLE;
    while (take_number(&extensions, 2, &extension) && take_vector(&extensions, 2, &value))
        if (extension == EXTENSION_VERSIONS)
            return look_at_versions(value);
    return TLS_HELLO_WHOLE;
}

bool tls_hello_begins(uint8_t first_byte)
{
    return first_byte == RECORD_HANDSHAKE;
}

enum tls_hello tls_hello_look(struct span bytes, size_t *need)
{
    struct span rest = bytes;
    size_t type;
    size_t version;
    size_t len;
    *need = RECORD_HEAD_BYTES;
    if (!take_number(&rest, 1, &type))
        return TLS_HELLO_MORE;
    if (type >= 'A' && type <= 'Z')
        return TLS_HELLO_HTTP;
    if (!tls_hello_begins((uint8_t)type))
        return TLS_HELLO_UNKNOWN;
    if (!take_number(&rest, 2, &version) || !take_number(&rest, 2, &len))
        return TLS_HELLO_MORE;
    if ((version >> 8) != (VERSION_1_2 >> 8) || len == 0 ||
        len > TLS_HELLO_BYTES_MAX - RECORD_HEAD_BYTES)
        return TLS_HELLO_UNKNOWN;
    *need = RECORD_HEAD_BYTES + len;
    return rest.len < len ? TLS_HELLO_MORE : look_at_message(span_part(rest, 0, len));
}
