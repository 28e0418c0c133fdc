#include "errors.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace spectral {
namespace {

constexpr size_t kLogBytes = 8192;
thread_local std::string log_tail;

int KeepMessage(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  char line[2048];
  int length = vsnprintf(line, sizeof line, format, arguments);
  if (length <= 0) return 0;
  log_tail.append(line, std::min<size_t>(length, sizeof line - 1));
  if (log_tail.size() > kLogBytes) log_tail.erase(0, log_tail.size() - kLogBytes);
  return 0;
}

}  // namespace

void InstallLibbpfLog() { libbpf_set_print(KeepMessage); }

std::string TakeLibbpfLog() {
  std::string taken;
  taken.swap(log_tail);
  return taken;
}

Napi::Error SystemError(Napi::Env env, const std::string& operation, int error) {
  const char* name = strerrorname_np(error);
  Napi::Error result = Napi::Error::New(env, operation + ": " + strerror(error));
  result.Set("code", Napi::String::New(env, name ? name : "EUNKNOWN"));
  result.Set("errno", Napi::Number::New(env, error));
  result.Set("detail", Napi::String::New(env, TakeLibbpfLog()));
  return result;
}

}  // namespace spectral
