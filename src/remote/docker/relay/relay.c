/* A way into a container's network, for the machines that reach a Docker daemon and nothing else.
 *
 * `relay wait` waits for its end. `relay connect` connects to port 8080 of 127.0.0.1, copies what
 * it reads to that connection and what arrives there to its output, and ends with either.
 * Exit status: 0; 1 where nothing listens; 2 where the connection broke.
 *
 * It calls Linux and nothing else, so it runs in every container, one without a libc included.
 * `scripts/relay` compiles it to the files beside it, which jot carries.
 */

#if defined(__x86_64__)
enum { READ = 0, WRITE = 1, SOCKET = 41, CONNECT = 42, EXIT = 231, PPOLL = 271 };

static long call(long number, long a, long b, long c, long d) {
    long answer;
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = 0;
    __asm__ volatile("syscall"
                     : "=a"(answer)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory");
    return answer;
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall relay\n");
#elif defined(__aarch64__)
enum { READ = 63, WRITE = 64, SOCKET = 198, CONNECT = 203, EXIT = 94, PPOLL = 73 };

static long call(long number, long a, long b, long c, long d) {
    register long eighth __asm__("x8") = number;
    register long first __asm__("x0") = a;
    register long second __asm__("x1") = b;
    register long third __asm__("x2") = c;
    register long fourth __asm__("x3") = d;
    register long fifth __asm__("x4") = 0;
    __asm__ volatile("svc 0"
                     : "+r"(first)
                     : "r"(eighth), "r"(second), "r"(third), "r"(fourth), "r"(fifth)
                     : "memory");
    return first;
}

__asm__(".globl _start\n_start: mov x0, sp\nbl relay\n");
#else
#error "Docker runs on x86_64 and aarch64"
#endif

struct watched {
    int file;
    short wanted;
    short seen;
};

static char buffer[65536];

static void end(long status) {
    for (;;) call(EXIT, status, 0, 0, 0);
}

/* Copies what there is to read; ends the process where that was the last. */
static void copy(long from, long to) {
    long left = call(READ, from, (long)buffer, sizeof buffer, 0);
    char *next = buffer;
    if (left < 0) end(2);
    if (left == 0) end(0);
    while (left > 0) {
        long written = call(WRITE, to, (long)next, left, 0);
        if (written <= 0) end(2);
        next += written;
        left -= written;
    }
}

__attribute__((used)) void relay(long *stack) {
    /* AF_INET, port 8080 and 127.0.0.1 in network order. */
    static const unsigned char address[16] = {2, 0, 0x1f, 0x90, 127, 0, 0, 1};
    struct watched both[2];
    /* The count of arguments, the program's name, the first argument. */
    while (stack[0] < 2 || *(char *)stack[2] != 'c') call(PPOLL, 0, 0, 0, 0);
    long stream = call(SOCKET, 2, 1, 0, 0);
    if (call(CONNECT, stream, (long)address, sizeof address, 0) < 0) end(1);
    both[0].file = 0;
    both[1].file = stream;
    both[0].wanted = both[1].wanted = 1;
    for (;;) {
        both[0].seen = both[1].seen = 0;
        if (call(PPOLL, (long)both, 2, 0, 0) < 0) end(2);
        if (both[1].seen) copy(stream, 1);
        if (both[0].seen) copy(0, stream);
    }
}
