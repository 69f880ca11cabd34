/* A stand-in for GraalVM's tracing agent: config-output-dir= or config-merge-dir= is where it
 * writes one reachability-metadata.json at the end. It lists every class of the class path that was
 * loaded, where the real one lists what was looked up by name, with methods, fields and
 * resources. */
#include <jvmti.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char file[4096];
static int merge;

static void one(FILE *to, const char *type, int *count) {
  fprintf(to, "%s\n    {\"type\": \"%s\"}", (*count)++ ? "," : "", type);
}

/* What a session before this one found: one type a line. */
static void before(FILE *to, int *count) {
  static char line[4096], type[4096];
  FILE *from = merge ? fopen(file, "r") : NULL;
  while (from && fgets(line, sizeof line, from))
    if (sscanf(line, " {\"type\": \"%[^\"]", type) == 1) one(to, type, count);
  if (from) fclose(from);
}

static void JNICALL ended(jvmtiEnv *jvmti, JNIEnv *jni) {
  static char part[4104];
  jint classes = 0;
  jclass *all;
  int count = 0;
  sprintf(part, "%s.part", file);
  FILE *to = fopen(part, "w");
  if (!to || (*jvmti)->GetLoadedClasses(jvmti, &classes, &all)) exit(1);
  jclass loaders = (*jni)->FindClass(jni, "java/lang/ClassLoader");
  jmethodID system = (*jni)->GetStaticMethodID(jni, loaders, "getSystemClassLoader",
                                               "()Ljava/lang/ClassLoader;");
  jobject own = (*jni)->CallStaticObjectMethod(jni, loaders, system);
  fputs("{\n  \"reflection\": [", to);
  before(to, &count);
  for (jint i = 0; i < classes; i++) {
    jobject loader = NULL;
    char *name = NULL;
    (*jvmti)->GetClassLoader(jvmti, all[i], &loader);
    (*jvmti)->GetClassSignature(jvmti, all[i], &name, NULL);
    if (!name || name[0] != 'L' || strchr(name, '.')) continue;
    if (!(*jni)->IsSameObject(jni, loader, own)) continue;
    name[strlen(name) - 1] = 0;
    for (char *at = name; *at; at++)
      if (*at == '/') *at = '.';
    one(to, name + 1, &count);
  }
  fputs("\n  ]\n}\n", to);
  fclose(to);
  rename(part, file);
}

JNIEXPORT jint JNICALL Agent_OnLoad(JavaVM *vm, char *options, void *reserved) {
  jvmtiEnv *jvmti;
  jvmtiEventCallbacks callbacks = {.VMDeath = ended};
  char *value = options ? strchr(options, '=') : NULL;
  merge = value && !strncmp(options, "config-merge-dir=", 17);
  if (!value || (!merge && strncmp(options, "config-output-dir=", 18))) {
    fprintf(stderr, "native-image-agent: unsupported option: '%s'\n", options ? options : "");
    return JNI_ERR;
  }
  mkdir(value + 1, 0755);
  snprintf(file, sizeof file, "%s/reachability-metadata.json", value + 1);
  if ((*vm)->GetEnv(vm, (void **)&jvmti, JVMTI_VERSION_1_2) ||
      (*jvmti)->SetEventCallbacks(jvmti, &callbacks, sizeof callbacks) ||
      (*jvmti)->SetEventNotificationMode(jvmti, JVMTI_ENABLE, JVMTI_EVENT_VM_DEATH, NULL))
    return JNI_ERR;
  return JNI_OK;
}
