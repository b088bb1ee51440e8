/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "test-http-backend.h"

#include "clove-server.h"

G_BEGIN_DECLS

#define TEST_SECONDS(n) ((gint64) (n) *G_USEC_PER_SEC)

/**
 * TestProxy:
 *
 * A server on a loopback port with a scripted backend and a fake clock, all on the test's own
 * context: nothing happens but inside test_proxy_settle() and the calls that wait.
 */
typedef struct {
  CloveClock *clock;
  TestBackend *backend;
  CloveServer *server;
  guint16 port;
  guint n_records;
  /* The last record; its strings are copied. */
  CloveRequestRecord record;
  char record_host[64];
  char record_method[64];
} TestProxy;

/**
 * TestClient:
 *
 * A browser's socket and what it has read so far.
 */
typedef struct {
  int fd;
  GString *read;
  gboolean has_ended;
  gboolean was_reset;
} TestClient;

void test_proxy_init (TestProxy *self);
void test_proxy_clear (TestProxy *self);
void test_proxy_settle (TestProxy *self);
void test_proxy_advance (TestProxy *self, gint64 interval_us);
CloveServerStatistics test_proxy_count (TestProxy *self);
void test_proxy_wait_connections (TestProxy *self, guint n_connections);

void test_client_init (TestClient *self, TestProxy *proxy);
void test_client_init_small (TestClient *self, TestProxy *proxy);
void test_client_clear (TestClient *self);
void test_client_send (TestClient *self, TestProxy *proxy, const char *text);
void test_client_send_bytes (TestClient *self, TestProxy *proxy, const char *data, gsize size);
void test_client_end (TestClient *self);
gboolean test_client_read_some (TestClient *self);
void test_client_wait_size (TestClient *self, TestProxy *proxy, gsize size);
void test_client_wait_end (TestClient *self, TestProxy *proxy);
int test_client_wait_reply (TestClient *self, TestProxy *proxy, GString *body_out);
void test_client_assert_silent (TestClient *self, TestProxy *proxy);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestProxy, test_proxy_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestClient, test_client_clear)

G_END_DECLS
