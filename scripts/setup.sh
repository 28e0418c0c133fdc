#!/usr/bin/env bash
# Makes this checkout ready to run: system packages, npm dependencies, build. Every step is skipped when it has nothing
# to do, so a second run takes about a second.
#
#   scripts/setup.sh          what building and the demo need
#   scripts/setup.sh --test   and what the tests need
#   scripts/setup.sh --kernel and what the tests of other kernels need
#
# Exit code 3: something is missing that this script may not or cannot install; the line to run has been printed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly MISSING=3
readonly NODE_MIN_MAJOR=20 NODE_MIN_MINOR=19

say() { printf 'setup: %s\n' "$*" >&2; }

# --- Node -------------------------------------------------------------------------------------------------------------
node_ok() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e "const [a, b] = process.versions.node.split('.'); process.exit(a > $NODE_MIN_MAJOR || (a == $NODE_MIN_MAJOR && b >= $NODE_MIN_MINOR) ? 0 : 1)"
}
if ! node_ok; then
  say "Node.js >= $NODE_MIN_MAJOR.$NODE_MIN_MINOR with npm is needed, found: $(node --version 2>/dev/null || echo none). See https://nodejs.org/en/download"
  exit $MISSING
fi

# --- system packages --------------------------------------------------------------------------------------------------
# One row per need: check | Debian | Fedora | Arch | Alpine
needs() {
  cat <<'ROWS'
command clang    | clang        | clang            | clang    | clang
command llvm-strip | llvm       | llvm             | llvm     | llvm
command make     | make         | make             | make     | make
command g++      | g++          | gcc-c++          | gcc      | g++
command python3  | python3      | python3          | python   | python3
command openssl  | openssl      | openssl          | openssl  | openssl
command curl     | curl         | curl             | curl     | curl
header bpf/libbpf.h | libbpf-dev | libbpf-devel libbpf-static | libbpf | libbpf-dev
header libelf.h  | libelf-dev   | elfutils-libelf-devel elfutils-libelf-devel-static | libelf | elfutils-dev libelf-static
header zlib.h    | zlib1g-dev   | zlib-devel zlib-static | zlib | zlib-dev zlib-static
archive libbpf.a | libbpf-dev   | libbpf-static    | libbpf   | libbpf-dev
archive libelf.a | libelf-dev   | elfutils-libelf-devel-static | libelf | libelf-static
archive libz.a   | zlib1g-dev   | zlib-static      | zlib     | zlib-static
ROWS
  if [[ " $* " == *' --test '* ]]; then
    echo 'header openssl/ssl.h | libssl-dev | openssl-devel | openssl | openssl-dev'
    echo 'command chromium | chromium | chromium | chromium | chromium'
  fi
  if [[ " $* " == *' --kernel '* ]]; then
    echo 'command qemu-system-x86_64 | qemu-system-x86 | qemu-system-x86-core | qemu-system-x86 | qemu-system-x86_64'
    echo 'command busybox | busybox-static | busybox | busybox | busybox-static'
    echo 'command cpio | cpio | cpio | cpio | cpio'
  fi
}

satisfied() { # satisfied KIND NAME
  case $1 in
    command) command -v "$2" >/dev/null ;;
    header) command -v cc >/dev/null && printf '#include <%s>\n' "$2" | cc -E -x c - >/dev/null 2>&1 ;;
    archive) command -v cc >/dev/null && [[ -f $(cc -print-file-name="$2") ]] ;;
  esac
}

system_packages() {
  local kind name deb rpm arch alpine
  local -A missing=()
  while IFS='|' read -r check deb rpm arch alpine; do
    read -r kind name <<<"$check"
    satisfied "$kind" "$name" && continue
    missing[apt]+="$deb" missing[dnf]+="$rpm" missing[pacman]+="$arch" missing[apk]+="$alpine"
  done < <(needs "$@")
  [[ ${#missing[@]} -eq 0 ]] && return

  local manager
  for manager in apt dnf pacman apk; do
    missing[$manager]=$(tr -s ' ' '\n' <<<"${missing[$manager]}" | sed '/^$/d' | sort -u | paste -sd' ')
  done
  if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null && [[ -z ${packages_tried:-} ]]; then
    packages_tried=yes
    apt_install ${missing[apt]}
    system_packages "$@" # what apt says it installed is not proof: look again
    return
  fi
  say 'these system packages are missing; install them and run the same command again:'
  if command -v apt-get >/dev/null; then
    say "  sudo apt-get update && sudo apt-get install -y ${missing[apt]}"
  elif command -v dnf >/dev/null; then
    say "  sudo dnf install -y ${missing[dnf]}"
  elif command -v pacman >/dev/null; then
    say "  sudo pacman -S --needed ${missing[pacman]}"
  elif command -v apk >/dev/null; then
    say "  sudo apk add ${missing[apk]}"
  else
    say "  (under their Debian names) ${missing[apt]}"
  fi
  exit $MISSING
}

apt_install() {
  local log
  log=$(mktemp)
  say "installing system packages: $*"
  if ! { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 update &&
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@"; } \
    >"$log" 2>&1 </dev/null; then
    say 'apt-get failed; its last lines:'
    tail -n 15 "$log" >&2
  fi
  rm -f "$log"
}

# The sensor's own parts exist on Linux only; elsewhere the library is built and tested.
if [[ $(uname -s) == Linux ]]; then
  system_packages "$@"
fi

# --- npm dependencies -------------------------------------------------------------------------------------------------
# The versions are those of the lock file. Not `npm ci`: it refuses a lock file that lacks the binaries of another platform.
# The stamp lies inside node_modules: who deletes that folder deletes the stamp with it.
stamp=node_modules/.installed-lock
wanted=$(cat package-lock.json package.json packages/*/package.json | cksum)
if [[ ! -f $stamp || $(<"$stamp") != "$wanted" ]]; then
  say 'installing npm dependencies'
  npm install --no-save --prefer-offline --no-audit --no-fund --loglevel=error >&2
  printf '%s\n' "$wanted" >"$stamp"
fi

# --- other JavaScript runtimes ----------------------------------------------------------------------------------------
# The packed packages are tried in them. Their tests are skipped where a runtime is missing.
runtimes=test/package/runtimes
if [[ ${1:-} == --test && ! $runtimes/node_modules/.package-lock.json -nt $runtimes/package.json ]]; then
  say 'installing other JavaScript runtimes for the tests of the packages'
  npm install --prefix $runtimes --no-package-lock --prefer-offline --no-audit --no-fund --loglevel=error >&2 ||
    say 'that failed: the tests will say what they skip'
fi

# --- build ------------------------------------------------------------------------------------------------------------
node scripts/build.mjs
