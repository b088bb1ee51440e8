/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-buffer.h"
#include "clove-http-body.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * BenchBrowserState:
 * @BENCH_BROWSER_IDLE: no request under way
 * @BENCH_BROWSER_BUSY: a reply is awaited
 * @BENCH_BROWSER_GOOD: status 200 and every byte of the body came
 * @BENCH_BROWSER_FAILED: it will not come
 * @BENCH_BROWSER_WRONG: other bytes came than the site has
 */
typedef enum {
  BENCH_BROWSER_IDLE,
  BENCH_BROWSER_BUSY,
  BENCH_BROWSER_GOOD,
  BENCH_BROWSER_FAILED,
  BENCH_BROWSER_WRONG,
} BenchBrowserState;

/**
 * BenchBrowser:
 *
 * One keep-alive connection to a proxy that asks for one page after another and compares each byte.
 * Zeroed, then initialised; never blocks.
 */
typedef struct {
  BenchBrowserState state;
  gint fd; /* -1 when not connected */
  gint64 began_ns;
  const char *problem; /* when failed or wrong */
  /*< private >*/
  CloveBuffer input;
  CloveHttpBody body;
  const guint8 *expected;
  gsize expected_size;
  gsize n_compared;
  gboolean has_head;
  gboolean closes;
} BenchBrowser;

void bench_browser_init (BenchBrowser *self, GBytes *expected);
void bench_browser_clear (BenchBrowser *self);

void bench_browser_ask (BenchBrowser *self, const CloveAddress *proxy, const char *request);
void bench_browser_read (BenchBrowser *self);
void bench_browser_give_up (BenchBrowser *self);

G_END_DECLS
