/* What cmocka's build asks of the platform: every libc here has it. */
#define HAVE_STDINT_H        1
#define HAVE_INTTYPES_H      1
#define HAVE_STRUCT_TIMESPEC 1
#define HAVE_CLOCK_GETTIME   1
#define HAVE_CLOCK_REALTIME  1
#define HAVE_TIME_H          1
#define HAVE_SIGNAL_H        1
#define HAVE_STRINGS_H       1
#define HAVE_UNISTD_H        1
#define HAVE_SETJMP_H        1
#define HAVE_STRSIGNAL       1
