// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// The container of `smoke-test`: ends like a Job with a result, serves one line over HTTP, or fetches it.

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address_of(const char *host, const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
    inet_pton(AF_INET, host, &address.sin_addr);
    return address;
}

// Prints the text and leaves it as the container's termination message.
static int finish(const char *text) {
    FILE *message = fopen("/dev/termination-log", "w");
    if (message == NULL) return 74;
    fputs(text, message);
    fclose(message);
    return puts(text) < 0 ? 74 : 0;
}

static int serve(const char *port) {
    static const char response[] = "HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
    struct sockaddr_in address = address_of("0.0.0.0", port);
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 16) != 0) return 71;
    for (;;) {
        char request[2048];
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) continue;
        if (read(connection, request, sizeof request) > 0) (void)!write(connection, response, sizeof response - 1);
        close(connection);
    }
}

static int fetch(const char *host, const char *port) {
    char response[2048] = {0};
    struct sockaddr_in address = address_of(host, port);
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) return 69;
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    if (write(connection, request, sizeof request - 1) < 0) return 69;
    size_t length = 0;
    for (ssize_t count; length < sizeof response - 1; length += (size_t)count) {
        count = read(connection, response + length, sizeof response - 1 - length);
        if (count <= 0) break;
    }
    const char *body = strstr(response, "\r\n\r\n");
    return body == NULL ? 69 : finish(body + 4);
}

int main(int count, char **arguments) {
    if (count == 3 && strcmp(arguments[1], "finish") == 0) return finish(arguments[2]);
    if (count == 3 && strcmp(arguments[1], "serve") == 0) return serve(arguments[2]);
    if (count == 4 && strcmp(arguments[1], "fetch") == 0) return fetch(arguments[2], arguments[3]);
    return 64;
}
