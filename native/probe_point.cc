#include "probe_point.h"

namespace spectral {

#if !defined(__x86_64__)

size_t ProbePoint(const uint8_t*, size_t) { return 0; }

#else

namespace {

// Registers that still hold arguments: rcx, rdx, rsi, rdi (Intel SDM vol. 2, table 2-2: 1, 2, 6, 7).
bool HoldsArgument(unsigned reg) { return reg == 1 || reg == 2 || reg == 6 || reg == 7; }

/* One instruction, read from left to right (Intel SDM vol. 2, figure 2-1):
 *
 *   [66] [64] [REX] opcode | 0F opcode  [ModRM [SIB] [disp8 | disp32]] [imm8 | imm32]
 */
struct Reader {
  const uint8_t* code;
  size_t length;
  size_t at;
  bool short_of_bytes = false;

  uint8_t Next() {
    if (at >= length) {
      short_of_bytes = true;
      return 0;
    }
    return code[at++];
  }
  void Skip(size_t n) {
    if (n > length - at) short_of_bytes = true;
    at = n > length - at ? length : at + n;
  }
};

struct ModRm {
  bool is_register;  // the operand rm is a register, not memory
  unsigned reg;
  unsigned rm;
};

ModRm ReadModRm(Reader* reader, uint8_t rex) {
  const uint8_t byte = reader->Next();
  const unsigned mod = byte >> 6;
  ModRm operand{mod == 3, ((byte >> 3) & 7u) | ((rex & 4u) << 1), (byte & 7u) | ((rex & 1u) << 3)};
  if (operand.is_register) return operand;
  if ((byte & 7) == 4) {
    const uint8_t sib = reader->Next();
    if (mod == 0 && (sib & 7) == 5) reader->Skip(4);
  } else if (mod == 0 && (byte & 7) == 5) {
    reader->Skip(4);
  }
  if (mod == 1) reader->Skip(1);
  if (mod == 2) reader->Skip(4);
  return operand;
}

enum class Kind { kEmulated, kHarmless, kUnknown };

// Reads one instruction. Harmless: it falls through to the next and leaves the arguments' registers alone.
Kind Classify(Reader* reader) {
  uint8_t byte = reader->Next();
  bool prefixed = false;
  uint8_t rex = 0;
  if (byte == 0xf3) {  // endbr64
    return reader->Next() == 0x0f && reader->Next() == 0x1e && reader->Next() == 0xfa ? Kind::kHarmless : Kind::kUnknown;
  }
  while (byte == 0x66 || byte == 0x64) {
    prefixed = true;
    byte = reader->Next();
  }
  if ((byte & 0xf0) == 0x40) {
    rex = byte;
    byte = reader->Next();
  }
  auto unless = [](bool spoilt) { return spoilt ? Kind::kUnknown : Kind::kHarmless; };

  if (byte >= 0x50 && byte <= 0x57) return prefixed || (rex & ~0x41) ? Kind::kUnknown : Kind::kEmulated;  // push
  if (!prefixed && !rex) {
    if (byte == 0x90 || byte == 0xe8 || byte == 0xe9 || byte == 0xeb) return Kind::kEmulated;  // nop, call, jmp
    if (byte >= 0x70 && byte <= 0x7f) return Kind::kEmulated;                                  // jcc short
  }
  switch (byte) {
    case 0x0f: {
      const uint8_t second = reader->Next();
      if (second >= 0x80 && second <= 0x8f) return prefixed || rex ? Kind::kUnknown : Kind::kEmulated;  // jcc near
      if (second != 0x1f) return Kind::kUnknown;
      ReadModRm(reader, rex);  // nop with an operand
      return Kind::kHarmless;
    }
    case 0x01: case 0x09: case 0x21: case 0x29: case 0x31: case 0x89: {  // add or and sub xor mov: rm ← reg
      const ModRm operand = ReadModRm(reader, rex);
      return unless(operand.is_register && HoldsArgument(operand.rm));
    }
    case 0x03: case 0x0b: case 0x23: case 0x2b: case 0x33: case 0x8b: case 0x63: case 0x8d:  // reg ← rm; movslq, lea
      return unless(HoldsArgument(ReadModRm(reader, rex).reg));
    case 0x84: case 0x85: case 0x38: case 0x39: case 0x3a: case 0x3b:  // test, cmp
      ReadModRm(reader, rex);
      return Kind::kHarmless;
    case 0x80: case 0x81: case 0x83: {  // add … cmp rm, immediate
      const ModRm operand = ReadModRm(reader, rex);
      reader->Skip(byte == 0x81 ? (prefixed ? 2 : 4) : 1);
      return unless(operand.is_register && (operand.reg & 7) != 7 && HoldsArgument(operand.rm));
    }
    case 0xc7: {  // mov rm, immediate
      const ModRm operand = ReadModRm(reader, rex);
      reader->Skip(prefixed ? 2 : 4);
      return unless(operand.is_register && HoldsArgument(operand.rm));
    }
    default:
      if (byte >= 0xb8 && byte <= 0xbf) {  // mov reg, immediate
        reader->Skip(rex & 8 ? 8 : prefixed ? 2 : 4);
        return unless(HoldsArgument((byte & 7u) | ((rex & 1u) << 3)));
      }
      return Kind::kUnknown;
  }
}

}  // namespace

size_t ProbePoint(const uint8_t* code, size_t length) {
  Reader reader{code, length, 0};
  for (;;) {
    const size_t start = reader.at;
    const Kind kind = Classify(&reader);
    if (kind == Kind::kUnknown || reader.short_of_bytes) return 0;
    if (kind == Kind::kEmulated) return start;
  }
}

#endif

}  // namespace spectral
