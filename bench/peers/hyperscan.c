/*
 * One peer of bench:engine: all occurrences of literals with native Hyperscan, block mode, one call per chunk.
 *
 *   cc -O3 -o hyperscan hyperscan.c -lhs
 *   hyperscan CORPUS PATTERNS CHUNK RUNS FOLDED     literals one per line, in hexadecimal digits; from number
 *                                                   FOLDED on in either case
 *
 * Prints {"seconds":…,"matches":…,"compile_ms":…}. Time is taken for every 256 KiB by itself, and the best of RUNS counts, so
 * that other work on the machine does not.
 */
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLICE ((size_t)256 << 10)

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static char *slurp(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f) { perror(path); exit(2); }
  fseek(f, 0, SEEK_END);
  *size = ftell(f);
  rewind(f);
  char *bytes = malloc(*size + 1);
  if (!bytes || fread(bytes, 1, *size, f) != *size) { perror(path); exit(2); }
  bytes[*size] = 0;
  fclose(f);
  return bytes;
}

static int digit(char c) {
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *count) {
  (void)id; (void)from; (void)to; (void)flags;
  ++*(size_t *)count;
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 6) { fprintf(stderr, "usage: %s CORPUS PATTERNS CHUNK RUNS FOLDED\n", argv[0]); return 2; }
  size_t size, list_size, chunk = strtoul(argv[3], 0, 10);
  char *text = slurp(argv[1], &size), *list = slurp(argv[2], &list_size);
  int runs = atoi(argv[4]);
  unsigned folded = strtoul(argv[5], 0, 10);
  if (chunk == 0 || chunk > SLICE) chunk = SLICE;

  unsigned count = 0;
  const char **literals = malloc((list_size + 1) * sizeof *literals);
  size_t *lengths = malloc((list_size + 1) * sizeof *lengths);
  unsigned *flags = calloc(list_size + 1, sizeof *flags), *ids = malloc((list_size + 1) * sizeof *ids);
  for (char *line = list; line < list + list_size; ) {
    char *end = memchr(line, '\n', list + list_size - line);
    if (!end) end = list + list_size;
    if (end > line) {
      lengths[count] = (end - line) / 2;
      for (size_t i = 0; i < lengths[count]; i++) line[i] = digit(line[2 * i]) << 4 | digit(line[2 * i + 1]);
      literals[count] = line;
      ids[count] = count;
      flags[count] = count >= folded ? HS_FLAG_CASELESS : 0;
      count++;
    }
    line = end + 1;
  }

  hs_database_t *db;
  hs_compile_error_t *error;
  hs_scratch_t *scratch = NULL;
  double t = now();
  if (hs_compile_lit_multi(literals, flags, ids, lengths, count, HS_MODE_BLOCK, NULL, &db, &error) != HS_SUCCESS) {
    fprintf(stderr, "hyperscan: %s\n", error->message);
    return 1;
  }
  double compile_ms = (now() - t) * 1e3, seconds = 0;
  if (hs_alloc_scratch(db, &scratch) != HS_SUCCESS) return 1;
  size_t matches = 0;
  for (size_t slice = 0; slice < size; slice += SLICE) {
    size_t end = size - slice < SLICE ? size : slice + SLICE, before = matches;
    double best = 1e30;
    for (int run = 0; run < runs; run++) {
      matches = before;
      t = now();
      for (size_t at = slice; at < end; at += chunk) {
        hs_scan(db, text + at, end - at < chunk ? end - at : chunk, 0, scratch, on_match, &matches);
      }
      t = now() - t;
      if (t < best) best = t;
    }
    seconds += best;
  }
  printf("{\"seconds\":%.6f,\"matches\":%zu,\"compile_ms\":%.2f}\n", seconds, matches, compile_ms);
  return 0;
}
