/* Unpacks the JRE, its libraries and the class path that are appended to its own file below /tmp,
 * and becomes the JVM, under the loader that came with it. A second process waits for its end,
 * however it ends, and removes what was unpacked. */
#define _GNU_SOURCE
#include <endian.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/native-XXXXXX";

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t number(FILE *file) {
  uint64_t value;
  if (fread(&value, sizeof value, 1, file) != 1) fail("read");
  return be64toh(value);
}

static void folders(char *path) {
  for (char *at = path + 1; (at = strchr(at, '/')); at++) {
    *at = 0;
    mkdir(path, 0755);
    *at = '/';
  }
}

static void unpack(FILE *file, int executable) {
  static char path[4096], block[1 << 16];
  uint64_t name = number(file), left = number(file);
  size_t at = (size_t)sprintf(path, "%s/", folder);
  if (name > sizeof path - at - 1 || fread(path + at, 1, name, file) != name) fail("read");
  path[at + name] = 0;
  folders(path);
  FILE *to = fopen(path, "wb");
  if (!to) fail(path);
  while (left) {
    size_t part = left < sizeof block ? left : sizeof block;
    if (fread(block, 1, part, file) != part || fwrite(block, 1, part, to) != part) fail(path);
    left -= part;
  }
  if (fclose(to) || chmod(path, executable ? 0755 : 0644)) fail(path);
}

static int removed(const char *path, const struct stat *found, int kind, struct FTW *place) {
  return remove(path);
}

/* The pipe is closed once the JVM has ended. */
static void clean_up_after(void) {
  int ends[2];
  char none;
  if (pipe(ends)) fail("pipe");
  if (fork()) {
    close(ends[0]);
    return;
  }
  setsid();
  for (int file = 0; file < 256; file++)
    if (file != ends[0]) close(file);
  while (read(ends[0], &none, 1) > 0) continue;
  nftw(folder, removed, 16, FTW_DEPTH | FTW_PHYS);
  _exit(0);
}

int main(int count, char **arguments) {
  FILE *file = fopen("/proc/self/exe", "rb");
  if (!file || !mkdtemp(folder) || fseek(file, -8, SEEK_END)) fail("/proc/self/exe");
  long end = ftell(file);
  if (fseek(file, (long)number(file), SEEK_SET)) fail("seek");
  while (ftell(file) < end) unpack(file, fgetc(file));
  if (chdir(folder)) fail(folder);
  clean_up_after();
  char **command = calloc((size_t)count + 13, sizeof *command);
  int at = 0;
  command[at++] = "libraries/loader";
  command[at++] = "--library-path";
  command[at++] = "libraries";
  command[at++] = "runtime/bin/java";
  command[at++] = "-XX:TieredStopAtLevel=1";
  command[at++] = "-XX:+UseSerialGC";
  command[at++] = "--enable-native-access=ALL-UNNAMED";
  command[at++] = "-cp";
  command[at++] = PATHS;
  command[at++] = "Start";
  command[at++] = PROTOCOLS;
  command[at++] = MAIN;
  for (int i = 1; i < count; i++) command[at++] = arguments[i];
  execv(command[0], command);
  fail(command[0]);
}
