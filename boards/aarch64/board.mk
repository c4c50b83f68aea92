# 64-bit ARM: Raspberry Pi 3, 4 and 5, MT798x, RK33xx. No +crypto: Pi 3 and 4 have no AES.
TRIPLE       = aarch64-linux-gnu
CPU_FLAGS    = -march=armv8-a -mno-outline-atomics
# All addresses are within 1 MB: one instruction each instead of two.
OUR_CPU      = -mcmodel=tiny
# Padding to the ABI's pages of 64 KB would cost flash. Pi 5 has pages of 16 KB: boards/pack.c sees to that.
LDFLAGS      += -Wl,-z,max-page-size=4096
OPT          = -Os
PIE          = yes
AES_FIRST    = 0
QEMU         = qemu-aarch64
BIN_BYTES_MAX       = 692224
MEMORY_DEFAULT      = 8388608
CONNECTIONS_DEFAULT = 64
DEB_ARCH     = arm64
OPENWRT_ARCH = aarch64_generic aarch64_cortex-a53 aarch64_cortex-a72 aarch64_cortex-a76
