{
  "targets": [
    {
      "target_name": "spectral",
      "sources": ["addon.cc", "automaton.cc", "block.cc", "capture.cc", "elf_symbols.cc", "errors.cc", "map_watch.cc", "probe_point.cc", "static_libraries.cc", "waiter.cc"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "../bpf"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_ADDON_API_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags_cc": ["-std=c++17", "-fexceptions", "-Wall", "-Wextra", "-O2"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "ldflags": ["-Wl,--exclude-libs,ALL", "-Wl,-Bsymbolic", "-static-libgcc", "-static-libstdc++"],
      "libraries": ["-l:libbpf.a", "-l:libelf.a", "-l:libz.a"]
    }
  ]
}
