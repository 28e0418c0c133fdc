// Where functions lie in an ELF file. Reads any file without trusting it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace spectral {

enum class ElfStatus { kOk, kNotElf, kOtherMachine, kUnreadable };

struct ElfSymbols {
  ElfStatus status;
  int error = 0;                 // errno, when unreadable
  std::vector<int64_t> offsets;  // file offset of each name's first instruction, -1 when the file does not define it
  std::vector<int64_t> points;   // file offset of the instruction to probe (probe_point.h), -1 likewise
};

// Looks in the dynamic symbols and, for what is not there, in the full symbol table (static programs).
// Formats: System V ABI gABI 4.1, chapters 4 and 5.
ElfSymbols FindSymbols(const std::string& path, const std::vector<std::string>& names);

}  // namespace spectral
