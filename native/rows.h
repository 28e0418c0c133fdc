// Ring records → the sensor's record table in Wasm memory. The row is drawn in packages/core/src/sensor/batch.ts.
#pragma once
#include <cstdint>
#include <cstring>

#include "spectral_types.h"

namespace spectral {

struct Row {
  uint32_t data;
  uint32_t length;
  uint32_t slot;
  uint32_t kind;
  double flow;
  double offset;
  double time_ms;
  uint32_t pid;
  uint32_t detail;
  char comm[16];
};
static_assert(sizeof(Row) == 64, "the layout is shared with JS and Wasm");

// Fills rows until one of the two areas might not take the next record.
class RowWriter {
 public:
  RowWriter(uint8_t* memory, uint32_t table, uint32_t rows, uint32_t data, uint32_t data_bytes, double boot_to_epoch_ms)
      : memory_(memory), table_(table), rows_(rows), data_(data), end_(data + data_bytes), boot_(boot_to_epoch_ms) {}

  bool Full() const { return count_ >= rows_ || end_ - data_ < SPECTRAL_LARGE; }
  uint32_t count() const { return count_; }

  void Add(const void* record, size_t size) {
    if (size < sizeof(spectral_header) || Full()) return;
    spectral_header header;
    memcpy(&header, record, sizeof header);
    Row row{};
    row.kind = header.kind;
    row.flow = static_cast<double>(header.flow);
    row.offset = static_cast<double>(header.offset);
    row.time_ms = boot_ + static_cast<double>(header.time) / 1e6;
    row.pid = header.pid;
    row.detail = header.detail;
    memcpy(row.comm, header.comm, sizeof row.comm);
    row.data = data_;
    row.length = header.length > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(header.length);
    if (header.kind == SPECTRAL_DATA || header.kind == SPECTRAL_BLOCK) {
      if (header.length > size - sizeof header) return;
      memcpy(memory_ + data_, static_cast<const uint8_t*>(record) + sizeof header, row.length);
      data_ += (row.length + 15u) & ~15u;
      if (data_ > end_) data_ = end_;
    }
    memcpy(memory_ + table_ + sizeof(Row) * static_cast<size_t>(count_++), &row, sizeof row);
  }

 private:
  uint8_t* memory_;
  uint32_t table_, rows_, data_, end_;
  double boot_;
  uint32_t count_ = 0;
};

}  // namespace spectral
