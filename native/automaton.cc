#include "automaton.h"

#include <cstring>

namespace spectral {
namespace {

// Fields of the serial form, drawn in assembly/automaton.ts.
constexpr uint32_t kMagic = 0x43415053, kVersion = 1;
constexpr size_t kLiterals = 12, kStates = 16, kFirst = 20, kClasses = 24, kShift = 28, kWidth = 32, kLongest = 36;
constexpr size_t kTable = 44, kOutputs = 52, kLengths = 64, kClass = 128, kHeader = 384;
constexpr uint32_t kLengthMask = 0x1fff;

struct Output {
  uint32_t exact, folded, link;
};

class Serial {
 public:
  Serial(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint32_t Word(size_t at) const {
    uint32_t word;
    memcpy(&word, data_ + at, sizeof word);
    return word;
  }

  // The array that the field tells the place of; nullptr if it does not lie inside.
  const uint8_t* Array(size_t field, uint64_t count, uint64_t bytes) const {
    const uint64_t at = Word(field);
    return at >= kHeader && at + count * bytes <= size_ ? data_ + at : nullptr;
  }

  const uint8_t* data() const { return data_; }

 private:
  const uint8_t* data_;
  size_t size_;
};

std::string AtMost(const char* what, uint64_t has, uint64_t most) {
  return "it has " + std::to_string(has) + " " + what + ", the kernel's table holds " + std::to_string(most);
}

}  // namespace

std::string FillAutomaton(spectral_automaton* to, const uint8_t* bytes, size_t size, uint32_t epoch) {
  static const char* const kDamaged = "it is no automaton of this version, or damaged";
  if (size < kHeader) return kDamaged;
  const Serial serial(bytes, size);
  const uint32_t literals = serial.Word(kLiterals), states = serial.Word(kStates), first = serial.Word(kFirst);
  const uint32_t shift = serial.Word(kShift), to_shift = shift < SPECTRAL_LEAST_SHIFT ? SPECTRAL_LEAST_SHIFT : shift;
  const uint32_t width = serial.Word(kWidth), longest = serial.Word(kLongest);
  if (serial.Word(0) != kMagic || serial.Word(4) != kVersion || first == 0 || first > states || shift > 8) return kDamaged;
  if (longest > SPECTRAL_LONGEST_LITERAL) return AtMost("bytes in its longest literal", longest, SPECTRAL_LONGEST_LITERAL);
  const uint64_t entries = static_cast<uint64_t>(states) << to_shift;
  if (width != 2 || entries > SPECTRAL_TABLE_ENTRIES || states > SPECTRAL_ENDS)
    return AtMost("transitions (bytes of all literals, times different bytes)", entries, SPECTRAL_TABLE_ENTRIES);
  if (states - first > SPECTRAL_LITERALS) return AtMost("ends of literals", states - first, SPECTRAL_LITERALS);
  const uint8_t* table = serial.Array(kTable, static_cast<uint64_t>(states) << shift, 2);
  const uint8_t* outputs = serial.Array(kOutputs, states - first, sizeof(Output));
  const uint8_t* lengths = serial.Array(kLengths, literals, 4);
  if (!table || !outputs || !lengths) return kDamaged;

  to->epoch = epoch;
  to->first = first;
  to->shift = to_shift;
  to->longest = longest;
  for (size_t byte = 0; byte < 256; byte++) {
    const uint8_t cls = serial.data()[kClass + byte];
    if (cls >= serial.Word(kClasses) || cls >> shift) return kDamaged;
    to->class_[byte] = static_cast<uint16_t>(cls * 2);
  }
  for (uint32_t state = 0; state < states; state++) {
    uint16_t* row = to->table + (static_cast<size_t>(state) << to_shift);
    memcpy(row, table + (static_cast<size_t>(state) << (shift + 1)), size_t{2} << shift);
    for (uint32_t i = 0; i < 1u << shift; i++) {
      if (row[i] >= states) return kDamaged;
      if (row[i] >= first) row[i] |= SPECTRAL_ENDS;
    }
  }
  for (uint32_t i = 0; i < states - first; i++) {
    Output out{0, 0, 0};
    // Links lead to ever shorter literals; the first state with one of its own has the longest.
    uint32_t at = i, hops = 0;
    do {
      memcpy(&out, outputs + at * sizeof out, sizeof out);
      if (out.exact || out.folded) break;
      if (out.link < first || out.link >= states || ++hops > SPECTRAL_LONGEST_LITERAL) return kDamaged;
      at = out.link - first;
    } while (true);
    const uint32_t literal = (out.exact ? out.exact : out.folded) - 1;
    if (literal >= literals) return kDamaged;
    uint32_t length;
    memcpy(&length, lengths + 4 * static_cast<size_t>(literal), sizeof length);
    to->ends[i].literal = literal;
    to->ends[i].length = length & kLengthMask;
  }
  return "";
}

}  // namespace spectral
