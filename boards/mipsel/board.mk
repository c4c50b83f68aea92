# MIPS 24Kc and 1004Kc, little-endian, no FPU: MT7621, MT7628.
TRIPLE       = mipsel-linux-gnu
# A static program calls directly: no table of addresses, a quarter smaller.
CPU_FLAGS    = -march=mips32r2 -mtune=24kc -msoft-float -mno-branch-likely -mno-shared -mplt
# MIPS16e is in both cores: a third smaller.
OUR_CPU      = -mips16
OPT          = -Os
# Its kernels have pages of 4 KB: padding to the ABI's 64 KB would cost flash.
LDFLAGS      += -Wl,-z,max-page-size=4096
PIE          = no
AES_FIRST    = 0
QEMU         = qemu-mipsel
BIN_BYTES_MAX       = 692224
MEMORY_DEFAULT      = 4194304
CONNECTIONS_DEFAULT = 24
DEB_ARCH     =
OPENWRT_ARCH = mipsel_24kc
