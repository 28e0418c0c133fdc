// The header shared with the BPF programs, which spell integers the kernel's way.
#pragma once
#include <linux/types.h>

#include "spectral.h"
