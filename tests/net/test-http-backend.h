/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-backend.h"
#include "clove-clock.h"

G_BEGIN_DECLS

/**
 * TestBackend:
 *
 * A backend that plays scripts. The path of a request chooses what is played:
 *
 * /echo        the request itself as the body, with a Content-Length
 * /bytes/N     N bytes with a Content-Length
 * /chunked/N   N bytes in chunks
 * /end/N       N bytes that end with the reply, whose size is known
 * /unsized/N   the same, size not known
 * /slow/MS     a short reply after MS milliseconds of the clock
 * /never       nothing, ever
 * /error/CODE  an exchange that ends with that CloveBackendError
 * /cut/N       a reply of 1000 bytes that fails after N of them in all
 * /stop/N      the same, but it ends there without an error
 * /drip/N      N bytes, one per callback
 * /raw/NAME    what test_backend_add_raw() was given
 *
 * It counts what it holds, so that a test sees whether its reader stops reading.
 */
#define TEST_TYPE_BACKEND (test_backend_get_type ())
G_DECLARE_FINAL_TYPE (TestBackend, test_backend, TEST, BACKEND, GObject)

TestBackend *test_backend_new (CloveClock *clock);
void test_backend_add_raw (TestBackend *self, const char *name, const char *reply);

void test_backend_set_max_size (TestBackend *self, gsize max_size);
guint test_backend_get_n_sent (TestBackend *self);
guint test_backend_get_n_alive (TestBackend *self);
guint test_backend_get_n_cancelled (TestBackend *self);
guint test_backend_get_peak (TestBackend *self);
guint64 test_backend_get_n_consumed (TestBackend *self);
const char *test_backend_get_last_host (TestBackend *self);
const char *test_backend_get_last_request (TestBackend *self);
GPtrArray *test_backend_get_paths (TestBackend *self);

/* The byte at a position of all generated bodies. */
guint8 test_backend_byte_at (guint64 position);

G_END_DECLS
