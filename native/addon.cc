// The addon's face: two classes and a few functions. Typed for JS in packages/capture-ebpf/src/addon.ts.
#include <bpf/libbpf.h>
#include <napi.h>
#include <sys/prctl.h>

#include <cerrno>

#include "capture.h"
#include "elf_symbols.h"
#include "errors.h"
#include "map_watch.h"
#include "probe_point.h"

namespace spectral {
namespace {

Napi::Array NumbersToJs(Napi::Env env, const std::vector<int64_t>& numbers) {
  Napi::Array array = Napi::Array::New(env, numbers.size());
  for (uint32_t i = 0; i < numbers.size(); i++) array.Set(i, Napi::Number::New(env, static_cast<double>(numbers[i])));
  return array;
}

// findSymbols(path, names) → { status: 'ok' | 'not_elf' | 'other_machine' | 'unreadable', offsets, points }
Napi::Value FindSymbolsJs(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (info.Length() < 2 || !info[1].IsArray()) throw Napi::TypeError::New(env, "findSymbols takes a path and names");
  Napi::Array names = info[1].As<Napi::Array>();
  std::vector<std::string> wanted;
  for (uint32_t i = 0; i < names.Length(); i++) wanted.push_back(names.Get(i).ToString().Utf8Value());
  ElfSymbols found = FindSymbols(info[0].ToString().Utf8Value(), wanted);
  static const char* const kStatus[] = {"ok", "not_elf", "other_machine", "unreadable"};
  Napi::Object result = Napi::Object::New(env);
  result.Set("status", Napi::String::New(env, kStatus[static_cast<int>(found.status)]));
  result.Set("offsets", NumbersToJs(env, found.offsets));
  result.Set("points", NumbersToJs(env, found.points));
  return result;
}

// probePoint(code) → offset of the instruction to probe in a function that starts with these bytes
Napi::Value ProbePointJs(const Napi::CallbackInfo& info) {
  if (info.Length() < 1 || !info[0].IsTypedArray()) throw Napi::TypeError::New(info.Env(), "probePoint takes bytes");
  Napi::Uint8Array code = info[0].As<Napi::Uint8Array>();
  return Napi::Number::New(info.Env(), static_cast<double>(ProbePoint(code.Data(), code.ByteLength())));
}

// forbidCoreDumps(): this process leaves no core file, and only root may attach a debugger
Napi::Value ForbidCoreDumps(const Napi::CallbackInfo& info) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) throw SystemError(info.Env(), "forbidding core dumps", errno);
  return info.Env().Undefined();
}

// hasLoopHelper(): whether this kernel has bpf_loop for uprobes (5.17)
Napi::Value HasLoopHelper(const Napi::CallbackInfo& info) {
  int answer = libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_loop, nullptr);
  TakeLibbpfLog();
  return Napi::Boolean::New(info.Env(), answer == 1);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  InstallLibbpfLog();
  exports.Set("Capture", Capture::Define(env));
  exports.Set("MapWatch", MapWatch::Define(env));
  exports.Set("findSymbols", Napi::Function::New(env, FindSymbolsJs));
  exports.Set("probePoint", Napi::Function::New(env, ProbePointJs));
  exports.Set("forbidCoreDumps", Napi::Function::New(env, ForbidCoreDumps));
  exports.Set("hasLoopHelper", Napi::Function::New(env, HasLoopHelper));
  return exports;
}

}  // namespace
}  // namespace spectral

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return spectral::Init(env, exports); }
NODE_API_MODULE(spectral, Init)
