/* Sends standard input to a hookwire socket:  cc -o sender sender.c && ./sender /run/spectral.sock < file
 * The wire format is drawn in src/frame.ts. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEADER = 36, END = 2, MOST = 128 * 1024 };

static void put(uint8_t *at, uint64_t value, int bytes) { /* little-endian on any machine */
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static int write_all(int fd, const uint8_t *from, size_t bytes) {
    while (bytes > 0) {
        ssize_t n = write(fd, from, bytes);
        if (n < 0)
            return -1;
        from += n;
        bytes -= (size_t)n;
    }
    return 0;
}

static int send_frame(int fd, uint32_t seq, uint16_t flags, const uint8_t *data, uint32_t length) {
    uint8_t header[HEADER] = "SPHW";
    put(header + 4, 1, 2); /* version */
    put(header + 6, flags, 2);
    put(header + 8, (uint64_t)getpid(), 4);
    put(header + 12, seq, 4);
    put(header + 16, length, 4);
    memcpy(header + 20, "sender", 6);
    return write_all(fd, header, HEADER) || write_all(fd, data, length);
}

int main(int argc, char **argv) {
    static uint8_t data[MOST];
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (argc != 2 || strlen(argv[1]) >= sizeof to.sun_path) {
        fprintf(stderr, "usage: sender SOCKET < FILE\n");
        return 2;
    }
    strcpy(to.sun_path, argv[1]);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        perror(argv[1]);
        return 1;
    }
    uint32_t seq = 1;
    for (ssize_t n; (n = read(STDIN_FILENO, data, MOST)) > 0; seq++)
        if (send_frame(fd, seq, 0, data, (uint32_t)n) != 0)
            return perror("sensor"), 1;
    return send_frame(fd, seq, END, data, 0) != 0 || close(fd) != 0;
}
