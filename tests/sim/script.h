/* script - scenarios as text: who says what to the gateway, and what must come of it.
 *
 * One command a line; `#` begins a comment. Texts in quotes know \r \n \t \" \\ and \xHH; the last
 * text of posts, answers and body is the rest of the line, as it stands.
 *
 *   config LINE                    adds to scene.h's configuration (only before anything else)
 *   clock boots TIME               what the clock shows at the start (likewise); UTC, ISO 8601
 *   client A connects              (sends and posts do so by themselves)
 *   client A lives ADDR            connects from there (before it connects)
 *   client A knocks                connects to the https listener, and speaks in clear there
 *   client A greets                the same, and sends a ClientHello
 *   client A secures               the same, and speaks TLS from then on
 *   client A resumes B             likewise, with the session of B
 *   client A secured | resumed     its handshake is complete, and was what it says
 *   client A unsecured             it is not
 *   client A mute | speaks         reads and answers no records of TLS until it speaks again
 *   client A sends "BYTES"
 *   client A drips "BYTES" MS N    sends the bytes and lets so much time pass, N times
 *   client A header "NAME: VALUE"  for the posts and gets that follow
 *   client A posts PATH BODY       a whole request
 *   client A gets PATH
 *   client A got STATUS ["PART"]…  the next response is whole, and has these parts in head or body
 *   client A reads "BYTES"         the next bytes that came, payload of a stream's chunks only
 *   client A holds ["PART"]…       parts of what came so far, nothing is taken
 *   client A silent                nothing came that was not read
 *   client A at-end                the gateway closed
 *   client A shuts | closes | breaks | window N
 *   client A drains                takes whatever came
 *   client A sips BYTES MS N       takes so many bytes and lets so much time pass, N times
 *   place ADDR listens | refuses | silent | unreachable | delays MS
 *   place ADDR secures BODY        speaks TLS as ec-leaf.pem (2020 to 2049); 200 and BODY to all
 *   dns knows NAME [ADDR]…         the name server's records from now on; none: no such name
 *   dns ttl S                      of its answers (at first 300 s)
 *   dns MODE                       of fake_dns.h: answers, silent, fails, lies, garbles, truncates,
 *                                  truncates-empty, only-a, only-aaaa
 *   dns tcp breaks | tcp answers
 *   dns asked N                    so many questions over UDP since the last `asked`
 *   upstream U [at ADDR] gets ["PART"]…   the next connection there is U; its request has the parts
 *   upstream U body BODY           the request is whole and its body is exactly that
 *   upstream U answers STATUS BODY a whole response; the request is taken
 *   upstream U sends "BYTES" [N "BYTES"]  the first so many times, then the others
 *   upstream U streams "DATA" [N]  one event in one chunk, \n\n added; so many times
 *   upstream U drips "BYTES" MS N  sends the bytes and lets so much time pass, N times
 *   upstream U begins-stream | ends-stream
 *   upstream U takes [N]           the request, or N bytes of it, is taken, without an answer
 *   upstream U left | stays        the gateway closed it, or did not
 *   upstream U closes | breaks | shuts | vanishes | window N
 *   no-call [ADDR]                 nobody connected there since
 *   wait MS                        virtual time
 *   busy MS                        each turn of the gateway takes so long from now on
 *   clock at TIME | forward MS | back MS   the wall clock is set; what waits goes on waiting
 *   restart [TIME]                 all hang up, an orderly end hours later, and a new start, the
 *                                  wall clock at that time
 *   changes KEY = VALUE            the configuration file holds this line from now on
 *   signal stop | reload | report
 *   disk full | disk ok
 *   learned ROUTE "HARD" "EASY"    the route has seen what it needs to tell such questions apart
 *   stopped                        the gateway came to its end
 *   said "PART", unsaid "PART"     the owner was told, or was not
 *   ledger N [COLUMN=VALUE]…       so many lines; the columns of the newest
 *
 * With a fault in the options nothing is expected of the story, but scene.h's laws hold, and every
 * client that asked for something is answered or let go. */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include "scene.h"

/* False when an expectation failed: where and why is in *why. */
bool script_run(struct span text, const struct scene_options *o, struct fmt *why);

#endif
