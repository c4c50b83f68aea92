/* What results of net/sys mean: no system call, so the simulator links it as it is. */
#include <errno.h>
#include <string.h>

#include "net/sys.h"

bool sys_is_again(int64_t result)
{
    return result == -EAGAIN;
}

const char *sys_error_text(int64_t result)
{
    return strerror((int)-result);
}
