# 64-bit RISC-V with the general extensions.
TRIPLE       = riscv64-linux-gnu
CPU_FLAGS    = -march=rv64gc -mabi=lp64d
# Registers saved by calls to libgcc: a twentieth smaller.
OUR_CPU      = -msave-restore
OPT          = -Os
PIE          = yes
AES_FIRST    = 0
QEMU         = qemu-riscv64
BIN_BYTES_MAX       = 692224
MEMORY_DEFAULT      = 8388608
CONNECTIONS_DEFAULT = 64
DEB_ARCH     = riscv64
OPENWRT_ARCH =
