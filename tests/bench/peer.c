/* peer - both ends of a bench in one program: the vendor, or the clients.
 *
 *   peer port                                               a port that is free now
 *   peer await PORT                                         returns when somebody listens there
 *   peer vendor PORT                                        serves until it is ended
 *   peer clients PORT CONNECTIONS BODY_BYTES stream|plain SECONDS|-REQUESTS
 *
 * Keep-alive HTTP/1.1 on loopback, one thread, poll(). Every answer is the same for its kind, as a
 * vendor would give it: a chat completion with usage, or EVENTS server-sent events, usage and
 * [DONE]. Clients ask, wait for the whole answer, check it, and ask again. They print one line:
 *   requests wrong seconds p50_us p99_us */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AWAIT_TRIES = 400, AWAIT_STEP_US = 50000 }; /* 20 s: valgrind starts slowly */
enum { CONNECTIONS_MAX = 512, BUFFER_BYTES = 1 << 17, EVENTS = 20, SAMPLES_MAX = 1 << 20 };

struct connection {
    int fd;
    size_t in_len;
    const char *out;
    size_t out_len;
    double asked_at;
    int asked;
    char in[BUFFER_BYTES];
};

static struct connection connections[CONNECTIONS_MAX];
static struct pollfd fds[CONNECTIONS_MAX + 1];
static double samples[SAMPLES_MAX];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void tune(int fd)
{
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static int push(struct connection *c)
{
    while (c->out_len > 0) {
        ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN ? 0 : -1;
        c->out += n;
        c->out_len -= (size_t)n;
    }
    return 0;
}

/* Length of the message at the front of the buffer; 0 when it is not whole. Framing is by
 * Content-Length, or by chunks that end in "0\r\n\r\n". */
static size_t message(struct connection *c)
{
    c->in[c->in_len] = '\0';
    char *end = strstr(c->in, "\r\n\r\n");
    if (end == NULL)
        return 0;
    size_t head = (size_t)(end + 4 - c->in);
    char *length = strcasestr(c->in, "\r\ncontent-length:");
    if (length != NULL && length < end) {
        size_t whole = head + strtoul(length + 17, NULL, 10);
        return c->in_len >= whole ? whole : 0;
    }
    char *chunked = strcasestr(c->in, "\r\ntransfer-encoding:");
    if (chunked == NULL || chunked > end)
        return head;
    if (c->in_len >= head + 5 && memcmp(c->in + c->in_len - 5, "0\r\n\r\n", 5) == 0)
        return c->in_len;
    return 0;
}

/* ---- the vendor ---- */

static char plain_answer[1024];
static char stream_answer[8192];

static void make_answers(void)
{
    const char *body = "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1,"
                       "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
                       "\"assistant\",\"content\":\"A farthing was a quarter of a penny.\"},"
                       "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":150,"
                       "\"completion_tokens\":9,\"total_tokens\":159}}";
    snprintf(plain_answer, sizeof plain_answer,
             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    char *at = stream_answer;
    at += sprintf(at, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i <= EVENTS + 1; i++) {
        char event[512];
        if (i < EVENTS)
            sprintf(event,
                    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\","
                    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word %d \"}}]}\n\n",
                    i);
        else if (i == EVENTS)
            sprintf(event, "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":"
                           "[],\"usage\":{\"prompt_tokens\":150,\"completion_tokens\":20}}\n\n");
        else
            sprintf(event, "data: [DONE]\n\n");
        at += sprintf(at, "%zx\r\n%s\r\n", strlen(event), event);
    }
    sprintf(at, "0\r\n\r\n");
}

static void vendor_read(struct connection *c)
{
    ssize_t n = recv(c->fd, c->in + c->in_len, sizeof c->in - 1 - c->in_len, 0);
    if (n <= 0 && !(n < 0 && errno == EAGAIN)) {
        close(c->fd);
        c->fd = -1;
        return;
    }
    if (n > 0)
        c->in_len += (size_t)n;
    size_t whole = message(c);
    if (whole == 0)
        return;
    c->out = strstr(c->in, "\"stream\":true") != NULL ? stream_answer : plain_answer;
    c->out_len = strlen(c->out);
    memmove(c->in, c->in + whole, c->in_len - whole);
    c->in_len -= whole;
    push(c);
}

static void vendor_accept(int listener)
{
    for (int fd = accept(listener, NULL, NULL); fd >= 0; fd = accept(listener, NULL, NULL)) {
        int i = 0;
        while (i < CONNECTIONS_MAX && connections[i].fd >= 0)
            i++;
        if (i == CONNECTIONS_MAX)
            die("too many connections");
        tune(fd);
        connections[i].fd = fd;
        connections[i].in_len = 0;
        connections[i].out_len = 0;
    }
}

static void vendor(int port)
{
    struct sockaddr_in a = loopback(port);
    int one = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, 512) < 0)
        die("bind");
    fcntl(listener, F_SETFL, O_NONBLOCK);
    make_answers();
    for (;;) {
        fds[CONNECTIONS_MAX] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (int i = 0; i < CONNECTIONS_MAX; i++)
            fds[i] =
                (struct pollfd){.fd = connections[i].fd,
                                .events = (short)(connections[i].out_len > 0 ? POLLOUT : POLLIN)};
        poll(fds, CONNECTIONS_MAX + 1, -1);
        for (int i = 0; i < CONNECTIONS_MAX; i++)
            if (fds[i].revents & POLLOUT)
                push(&connections[i]);
            else if (fds[i].revents)
                vendor_read(&connections[i]);
        if (fds[CONNECTIONS_MAX].revents)
            vendor_accept(listener);
    }
}

/* ---- the clients ---- */

static char *request;
static size_t request_len;
static int streams;

static void make_request(size_t body_bytes)
{
    const char *front = streams
                            ? "{\"model\":\"m\",\"stream\":true,\"stream_options\":{"
                              "\"include_usage\":true},\"messages\":[{\"role\":\"user\","
                              "\"content\":\""
                            : "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"";
    const char *back = "\"}]}";
    size_t fixed = strlen(front) + strlen(back);
    size_t filler = body_bytes > fixed ? body_bytes - fixed : 0;
    request = malloc(body_bytes + 1024);
    int head = sprintf(request,
                       "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                       "Authorization: Bearer bench\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\n\r\n%s",
                       fixed + filler, front);
    for (size_t i = 0; i < filler; i++)
        request[(size_t)head + i] = "the quick brown fox jumps over it "[i % 34];
    memcpy(request + head + filler, back, strlen(back));
    request_len = (size_t)head + filler + strlen(back);
}

static void ask(struct connection *c)
{
    c->in_len = 0;
    c->out = request;
    c->out_len = request_len;
    c->asked = 1;
    c->asked_at = now_s();
    push(c);
}

static int is_right(const struct connection *c)
{
    const char *last = streams ? "[DONE]" : "quarter of a penny";
    return strncmp(c->in, "HTTP/1.1 200 ", 13) == 0 && strstr(c->in, last) != NULL;
}

static int by_size(const void *a, const void *b)
{
    double d = *(const double *)a - *(const double *)b;
    return d < 0 ? -1 : d > 0;
}

static void clients(int port, int count, size_t body_bytes, double limit)
{
    struct sockaddr_in a = loopback(port);
    long done = 0;
    long wrong = 0;
    long asked = 0;
    long most = limit < 0 ? (long)-limit : SAMPLES_MAX;
    make_request(body_bytes);
    for (int i = 0; i < count; i++) {
        connections[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(connections[i].fd, (struct sockaddr *)&a, sizeof a) < 0)
            die("connect");
        tune(connections[i].fd);
    }
    double begin = now_s();
    double end = limit < 0 ? begin + 3600 : begin + limit;
    for (int i = 0; i < count && asked < most; i++, asked++)
        ask(&connections[i]);
    int running = (int)asked;
    while (running > 0) {
        for (int i = 0; i < count; i++)
            fds[i] = (struct pollfd){
                .fd = connections[i].asked ? connections[i].fd : -1,
                .events = (short)(POLLIN | (connections[i].out_len > 0 ? POLLOUT : 0))};
        if (poll(fds, (nfds_t)count, 20000) <= 0)
            die("no answer for 20 s");
        for (int i = 0; i < count; i++) {
            struct connection *c = &connections[i];
            if (fds[i].revents & POLLOUT)
                push(c);
            if (!(fds[i].revents & (POLLIN | POLLHUP | POLLERR)))
                continue;
            ssize_t n = recv(c->fd, c->in + c->in_len, sizeof c->in - 1 - c->in_len, 0);
            if (n < 0 && errno == EAGAIN)
                continue;
            if (n > 0)
                c->in_len += (size_t)n;
            if (n > 0 && message(c) == 0)
                continue;
            double t = now_s();
            wrong += n <= 0 || !is_right(c);
            if (done < SAMPLES_MAX)
                samples[done] = (t - c->asked_at) * 1e6;
            done++;
            c->asked = 0;
            if (n > 0 && t < end && asked < most) {
                ask(c);
                asked++;
            } else {
                running--;
            }
        }
    }
    double seconds = now_s() - begin;
    long counted = done < SAMPLES_MAX ? done : SAMPLES_MAX;
    qsort(samples, (size_t)counted, sizeof samples[0], by_size);
    printf("%ld %ld %.3f %.0f %.0f\n", done, wrong, seconds, samples[counted / 2],
           samples[counted * 99 / 100]);
}

static void print_free_port(void)
{
    struct sockaddr_in a = loopback(0);
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        die("bind");
    printf("%d\n", ntohs(a.sin_port));
}

static int await(int port)
{
    struct sockaddr_in a = loopback(port);
    for (int i = 0; i < AWAIT_TRIES; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        int failed = connect(fd, (struct sockaddr *)&a, sizeof a);
        close(fd);
        if (failed == 0)
            return 0;
        usleep(AWAIT_STEP_US);
    }
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "await") == 0)
        return await(atoi(argv[2]));
    if (argc == 2 && strcmp(argv[1], "port") == 0) {
        print_free_port();
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        connections[i].fd = -1;
    if (argc == 3 && strcmp(argv[1], "vendor") == 0)
        vendor(atoi(argv[2]));
    if (argc != 7 || strcmp(argv[1], "clients") != 0) {
        fprintf(stderr, "peer: see the top of its source\n");
        return 2;
    }
    streams = strcmp(argv[5], "stream") == 0;
    clients(atoi(argv[2]), atoi(argv[3]), strtoul(argv[4], NULL, 10), atof(argv[6]));
    return 0;
}
