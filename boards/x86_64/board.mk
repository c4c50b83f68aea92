# x86-64 of any age: mini PCs, servers, containers. AES-NI is found at run time.
TRIPLE       = x86_64-linux-gnu
CPU_FLAGS    = -march=x86-64
OPT          = -Oz
PIE          = yes
AES_FIRST    = 1
QEMU         = qemu-x86_64
BIN_BYTES_MAX       = 692224
MEMORY_DEFAULT      = 8388608
CONNECTIONS_DEFAULT = 64
DEB_ARCH     = amd64
OPENWRT_ARCH = x86_64
