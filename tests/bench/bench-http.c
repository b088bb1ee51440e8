/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the HTTP codecs do for one request and its reply. */
#include "config.h"

#include "bench-layers.h"
#include "clove-http-response.h"
#include "clove-http-target.h"
#include "clove-http-upstream.h"

#include <string.h>

#define MAX_UPSTREAM_SIZE 8044

/* As a browser asks a proxy. */
static const char request_text[] =
  "GET http://demo.ton/gallery?page=2 HTTP/1.1\r\n"
  "Host: demo.ton\r\n"
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
  "Accept-Language: en-GB,en;q=0.5\r\n"
  "Accept-Encoding: gzip, deflate\r\n"
  "Referer: http://demo.ton/\r\n"
  "Connection: keep-alive\r\n"
  "Upgrade-Insecure-Requests: 1\r\n"
  "Priority: u=0, i\r\n"
  "\r\n";

static const char response_text[] = "HTTP/1.1 200 OK\r\n"
                                    "Content-Type: text/html; charset=utf-8\r\n"
                                    "Content-Length: 1024\r\n"
                                    "Date: Thu, 01 Jan 2026 12:00:00 GMT\r\n"
                                    "ETag: \"5f2c9a71\"\r\n"
                                    "Cache-Control: max-age=60\r\n"
                                    "Connection: keep-alive\r\n"
                                    "\r\n";

static void
parse_request (CloveHttpRequest *request, CloveHttpTarget *target)
{
  CloveHttpScan scan = { 0 };

  bench_require (clove_http_request_parse (request, &scan, (const guint8 *) request_text,
                                           sizeof request_text - 1, NULL) == CLOVE_HTTP_DONE &&
                   clove_http_target_resolve (target, request, "127.0.0.1:8080", NULL),
                 "a request is refused");
}

static void
run_request (gpointer fixture, guint64 n_operations, BenchWatch *watch)
{
  CloveHttpRequest request;
  CloveHttpTarget target;

  for (guint64 i = 0; i < n_operations; i++)
    parse_request (&request, &target);
}

static void
run_upstream (gpointer fixture, guint64 n_operations, BenchWatch *watch)
{
  CloveHttpRequest request;
  CloveHttpTarget target;

  parse_request (&request, &target);
  for (guint64 i = 0; i < n_operations; i++) {
    CloveHttpUpstream upstream = { 0 };
    g_autoptr (GBytes) bytes = NULL;

    bench_require (clove_http_upstream_begin (&upstream, &request, &target, MAX_UPSTREAM_SIZE),
                   "a request is too large");
    bytes = clove_http_upstream_finish (&upstream);
    bench_require (g_bytes_get_size (bytes) > 0, "a request is empty");
    clove_http_upstream_clear (&upstream);
  }
}

static void
run_response (gpointer fixture, guint64 n_operations, BenchWatch *watch)
{
  g_auto (CloveBuffer) out = { 0 };
  CloveHttpResponse response;

  for (guint64 i = 0; i < n_operations; i++) {
    CloveHttpDelivery delivery = { .framing = CLOVE_HTTP_FRAMING_LENGTH, .length = 1024 };

    bench_require (clove_http_response_parse (&response, FALSE, (const guint8 *) response_text,
                                              sizeof response_text - 1, NULL) == CLOVE_HTTP_DONE,
                   "a reply is refused");
    clove_http_response_format (&response, &delivery, &out);
    clove_buffer_consume (&out, clove_buffer_get_size (&out));
  }
}

/** bench_http_cases: The benchmarks of src/proxy. */
const BenchCase *
bench_http_cases (gsize *n_out)
{
  static const BenchCase cases[] = {
    { "http codecs", "request of a browser: parse, resolve", 0, NULL, run_request, NULL },
    { "http codecs", "request for the exit: write", 0, NULL, run_upstream, NULL },
    { "http codecs", "head of a reply: parse, write", 0, NULL, run_response, NULL },
  };

  *n_out = G_N_ELEMENTS (cases);
  return cases;
}
