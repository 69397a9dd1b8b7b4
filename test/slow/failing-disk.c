/* Preloaded: once the file FAIL_WHEN exists, fails the FAIL_AT-th write or flush of a file below FAIL_UNDER, FAIL_TIMES times, with FAIL_ERRNO. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int calls = 0;

static int fails(int file) {
  const char *under = getenv("FAIL_UNDER"), *at = getenv("FAIL_AT"), *times = getenv("FAIL_TIMES");
  char link[64], path[4096];
  const char *when = getenv("FAIL_WHEN");
  if (!under || !at || !when || access(when, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  if (strncmp(path, under, strlen(under)) != 0) return 0;
  int call = __sync_add_and_fetch(&calls, 1);
  if (call < atoi(at) || call >= atoi(at) + (times ? atoi(times) : 1)) return 0;
  errno = atoi(getenv("FAIL_ERRNO") ? getenv("FAIL_ERRNO") : "5");
  return 1;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
  REAL(pwrite);
  return fails(file) ? -1 : real(file, bytes, size, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
  REAL(pwrite64);
  return fails(file) ? -1 : real(file, bytes, size, at);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  REAL(pwritev);
  return fails(file) ? -1 : real(file, parts, count, at);
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
  REAL(pwritev64);
  return fails(file) ? -1 : real(file, parts, count, at);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(writev);
  return fails(file) ? -1 : real(file, parts, count);
}
int fdatasync(int file) {
  REAL(fdatasync);
  return fails(file) ? -1 : real(file);
}
int fsync(int file) {
  REAL(fsync);
  return fails(file) ? -1 : real(file);
}
int ftruncate(int file, off_t size) {
  REAL(ftruncate);
  return fails(file) ? -1 : real(file, size);
}
int ftruncate64(int file, off64_t size) {
  REAL(ftruncate64);
  return fails(file) ? -1 : real(file, size);
}
