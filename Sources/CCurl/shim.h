// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Swift cannot call C's variadic functions, so each shape of curl's setters and getters has a typed inline wrapper here.

#ifndef ALMANAC_CCURL_SHIM_H
#define ALMANAC_CCURL_SHIM_H

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static inline CURLcode almanac_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode almanac_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

/// Curl copies the string.
static inline CURLcode almanac_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

/// Curl keeps the pointer, which has to outlive the transfer.
static inline CURLcode almanac_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

/// Curl keeps the list, which has to outlive the transfer.
static inline CURLcode almanac_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

/// Curl copies the bytes.
static inline CURLcode almanac_curl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t length) {
    struct curl_blob blob = {(void *)bytes, length, CURL_BLOB_COPY};
    return curl_easy_setopt(easy, option, &blob);
}

typedef size_t (*almanac_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*almanac_curl_seek_callback)(void *context, curl_off_t offset, int origin);

/// For CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION and CURLOPT_READFUNCTION.
static inline CURLcode almanac_curl_set_data_callback(
    CURL *easy, CURLoption option, almanac_curl_data_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

static inline CURLcode almanac_curl_set_seek_callback(CURL *easy, almanac_curl_seek_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, callback);
}

/// Gives up a connection whose peer acknowledges nothing for `timeout_ms`: keep-alive probes alone leave a connection
/// with data in flight to the kernel's retransmissions, which take a quarter of an hour.
static inline int almanac_curl_socket_options(void *timeout_ms, curl_socket_t socket, curlsocktype purpose) {
    (void)purpose;
    unsigned int milliseconds = (unsigned int)(size_t)timeout_ms;
    // A socket that is no TCP socket refuses the option and works without it.
    (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
    return CURL_SOCKOPT_OK;
}

static inline CURLcode almanac_curl_set_user_timeout(CURL *easy, unsigned int milliseconds) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, almanac_curl_socket_options);
    if (code != CURLE_OK) return code;
    return curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, (void *)(size_t)milliseconds);
}

/// Curl of Debian 12 opens sockets that child processes inherit, which then keep connections open that we have closed.
static inline curl_socket_t almanac_curl_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)context;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static inline CURLcode almanac_curl_set_close_on_exec(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, almanac_curl_open_socket);
}

static inline CURLMcode almanac_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLcode almanac_curl_message_result(const CURLMsg *message) {
    return message->data.result;
}

#endif
