/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-http-text.h"

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_HTTP_MAX_HEAD_SIZE 65536
#define CLOVE_HTTP_MAX_FIELDS    100

/**
 * CloveHttpError:
 *
 * Why a message was refused. Each value is the status code to answer with; the message is a
 * sentence for the error page.
 */
typedef enum {
  CLOVE_HTTP_ERROR_BAD_REQUEST = 400,
  CLOVE_HTTP_ERROR_FORBIDDEN = 403,
  CLOVE_HTTP_ERROR_METHOD_NOT_ALLOWED = 405,
  CLOVE_HTTP_ERROR_REQUEST_TIMEOUT = 408,
  CLOVE_HTTP_ERROR_TOO_LARGE = 413,
  CLOVE_HTTP_ERROR_TARGET_TOO_LONG = 414,
  CLOVE_HTTP_ERROR_EXPECTATION_FAILED = 417,
  CLOVE_HTTP_ERROR_HEAD_TOO_LARGE = 431,
  CLOVE_HTTP_ERROR_NOT_IMPLEMENTED = 501,
  CLOVE_HTTP_ERROR_BAD_GATEWAY = 502,
  CLOVE_HTTP_ERROR_UNAVAILABLE = 503,
  CLOVE_HTTP_ERROR_TIMEOUT = 504,
  CLOVE_HTTP_ERROR_VERSION = 505,
} CloveHttpError;

#define CLOVE_HTTP_ERROR (clove_http_error_quark ())
GQuark clove_http_error_quark (void);

/**
 * CloveHttpResult:
 * @CLOVE_HTTP_NEED_MORE: the input ends too early; give more
 * @CLOVE_HTTP_DONE: complete
 * @CLOVE_HTTP_FAILED: can never become right; the error says why
 */
typedef enum {
  CLOVE_HTTP_NEED_MORE,
  CLOVE_HTTP_DONE,
  CLOVE_HTTP_FAILED,
} CloveHttpResult;

/**
 * CloveHttpScan:
 *
 * How far an incomplete head was looked at, so that one that arrives byte by byte is read once.
 * Zeroed before each head. Plain value.
 */
typedef struct {
  gsize n_scanned;
  gsize line_start;
  gsize head_start;
  guint n_lines;
  gboolean is_first_line_checked;
} CloveHttpScan;

gboolean clove_http_refuse (CloveHttpError code, const char *message, GError **error);
gboolean clove_http_refuse_bad (const char *message, GError **error);

CloveHttpResult clove_http_scan_request (CloveHttpScan *self,
                                         const guint8 *data,
                                         gsize size,
                                         GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
CloveHttpResult clove_http_scan_response (CloveHttpScan *self,
                                          const guint8 *data,
                                          gsize size,
                                          GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  CloveHttpText name;
  CloveHttpText value;
} CloveHttpField;

/**
 * CloveHttpFields:
 *
 * The header fields of one message in their order, borrowed from the bytes that were parsed.
 */
typedef struct {
  guint n_items;
  guint n_connection;
  CloveHttpField items[CLOVE_HTTP_MAX_FIELDS];
} CloveHttpFields;

void clove_http_fields_init (CloveHttpFields *self);
gboolean clove_http_fields_add (CloveHttpFields *self, CloveHttpText name, CloveHttpText value);
gboolean clove_http_fields_find (const CloveHttpFields *self,
                                 const char *name,
                                 CloveHttpText *value_out);
gboolean clove_http_fields_has_connection_option (const CloveHttpFields *self, const char *option);
gboolean clove_http_fields_goes_upstream (const CloveHttpFields *self, guint index);
gboolean clove_http_fields_goes_to_browser (const CloveHttpFields *self, guint index);

CloveHttpText clove_http_take_line (CloveHttpText *lines);
gboolean clove_http_parse_length (CloveHttpText text, guint64 *length_out, gboolean *is_huge_out)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
