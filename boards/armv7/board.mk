# 32-bit ARM with a plain FPU: Raspberry Pi 2, IPQ40xx, mvebu. No NEON: the Cortex-A9 of mvebu has none.
TRIPLE       = arm-linux-gnueabihf
CPU_FLAGS    = -march=armv7-a -mfpu=vfpv3-d16 -mfloat-abi=hard -mthumb
OPT          = -Os
PIE          = yes
AES_FIRST    = 0
QEMU         = qemu-arm
BIN_BYTES_MAX       = 692224
MEMORY_DEFAULT      = 8388608
CONNECTIONS_DEFAULT = 64
DEB_ARCH     = armhf
OPENWRT_ARCH = arm_cortex-a7_neon-vfpv4 arm_cortex-a7_vfpv4 arm_cortex-a9_vfpv3-d16 arm_cortex-a15_neon-vfpv4
