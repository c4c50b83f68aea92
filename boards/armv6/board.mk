# Raspberry Pi Zero and 1 (ARM1176), soft-float: runs under any ARM userland.
TRIPLE       = arm-linux-gnueabi
CPU_FLAGS    = -march=armv6 -marm -mfloat-abi=soft
# Thumb of the first kind: a quarter smaller.
OUR_CPU      = -mthumb
OPT          = -Os
PIE          = yes
AES_FIRST    = 0
QEMU         = qemu-arm
BIN_BYTES_MAX       = 692224
MEMORY_DEFAULT      = 8388608
CONNECTIONS_DEFAULT = 64
DEB_ARCH     = armel
OPENWRT_ARCH = arm_arm1176jzf-s_vfp
