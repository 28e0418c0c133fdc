// The JS class Capture: one loaded BPF object, its probes, its ring buffer.
#pragma once
#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>
#include <unordered_map>

#include "waiter.h"

namespace spectral {

class Block;
class RowWriter;

class Capture : public Napi::ObjectWrap<Capture> {
 public:
  static Napi::Function Define(Napi::Env env);

  // new Capture(options, onReady); the options are CaptureOptions in packages/capture-ebpf/src/addon.ts
  explicit Capture(const Napi::CallbackInfo& info);
  ~Capture() override;

 private:
  // attach(path, offset, program, cookie) → id
  Napi::Value Attach(const Napi::CallbackInfo& info);
  // detach(id)
  void Detach(const Napi::CallbackInfo& info);
  // drain(memory, table, rows, data, dataBytes) → rows filled
  Napi::Value Drain(const Napi::CallbackInfo& info);
  // rearm(): onReady may be called again
  void Rearm(const Napi::CallbackInfo& info);
  // counters() → { records, bytes, … } summed over CPUs
  Napi::Value Counters(const Napi::CallbackInfo& info);
  // setAutomaton(serial | undefined, epoch)
  void SetAutomaton(const Napi::CallbackInfo& info);
  // setExemptNames(names)
  void SetExemptNames(const Napi::CallbackInfo& info);
  // exemptProcess(pid)
  void ExemptProcess(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  static int AddRow(void* self, void* record, size_t size);
  void Release();
  void RequireOpen(Napi::Env env) const;
  bpf_program* Program(Napi::Env env, const std::string& name) const;

  bpf_object* object_ = nullptr;
  ring_buffer* ring_ = nullptr;
  RowWriter* writer_ = nullptr;  // of the drain in progress
  bool cookies_ = false;
  int counters_fd_ = -1;
  double boot_to_epoch_ms_ = 0;
  std::unordered_map<uint32_t, bpf_link*> links_;
  uint32_t next_link_ = 1;
  std::unique_ptr<Block> block_;
  std::unique_ptr<Waiter> waiter_;
};

}  // namespace spectral
