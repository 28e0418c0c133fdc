// Where in a function's first instructions a uprobe costs least.
//
// A uprobe replaces an instruction with a breakpoint. Afterwards the kernel either carries the original instruction out
// itself or, if it does not know how, lets the processor run a copy of it in single step: a second exception, which on
// virtual machines costs several microseconds. On x86 it knows push, nop, near jumps and calls (arch/x86/kernel/uprobes.c,
// branch_setup_xol_ops and push_setup_xol_ops). Compilers often begin with something else, so we look a few instructions
// further, as long as the arguments are still in their registers and nothing has branched:
//
//   SSL_write:  sub  $0x18,%rsp          single step
//               mov  %fs:0x28,%rax
//               mov  %rax,0x8(%rsp)
//               xor  %eax,%eax
//               test %edx,%edx
//               js   …                   ← here
#pragma once
#include <cstddef>
#include <cstdint>

namespace spectral {

// Bytes of code worth looking at.
constexpr size_t kPrologueBytes = 64;

// Offset from the function's entry of the instruction to probe; 0 when none is better than the entry itself.
size_t ProbePoint(const uint8_t* code, size_t length);

}  // namespace spectral
