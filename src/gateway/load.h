/* load - the settings that the command line asks for: a file, the environment, or the demo. */
#ifndef GATEWAY_LOAD_H
#define GATEWAY_LOAD_H

#include "gateway/gateway.h"

/* Tells every error; false when there was one. */
bool load_settings(const struct serve_options *o, struct settings *s, struct diag *d);

#endif
