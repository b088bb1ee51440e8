/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

/**
 * CloveBackendError:
 * @CLOVE_BACKEND_ERROR_NOT_READY: there is no circuit yet; the front end answers 503
 * @CLOVE_BACKEND_ERROR_CIRCUIT: the circuit lost or broke the reply; 502
 * @CLOVE_BACKEND_ERROR_SITE: the exit answered that it cannot reach the site; 502 with its reason
 * @CLOVE_BACKEND_ERROR_TIMEOUT: no reply before the backend's deadline; 504
 * @CLOVE_BACKEND_ERROR_TOO_LARGE: the request does not fit the path; 413
 * @CLOVE_BACKEND_ERROR_OVERFLOW: the reply came faster than the reader took it, beyond the bound on
 *   memory; the front end breaks the connection off
 * @CLOVE_BACKEND_ERROR_CANCELLED: clove_exchange_cancel() was called, or the backend was shut down
 *
 * How an exchange can fail. The message is for logs and may name relays; it never reaches a browser
 * except for @CLOVE_BACKEND_ERROR_SITE, whose message is the exit's own words.
 */
typedef enum {
  CLOVE_BACKEND_ERROR_NOT_READY,
  CLOVE_BACKEND_ERROR_CIRCUIT,
  CLOVE_BACKEND_ERROR_SITE,
  CLOVE_BACKEND_ERROR_TIMEOUT,
  CLOVE_BACKEND_ERROR_TOO_LARGE,
  CLOVE_BACKEND_ERROR_OVERFLOW,
  CLOVE_BACKEND_ERROR_CANCELLED,
} CloveBackendError;

#define CLOVE_BACKEND_ERROR (clove_backend_error_quark ())
GQuark clove_backend_error_quark (void);

/**
 * CloveExchange:
 *
 * One HTTP request on its way and the bytes of its reply, in order, as they become readable. The
 * reader takes them at its own pace: what it leaves stays in the exchange, whose memory is bounded.
 * Belongs to the worker thread.
 */
#define CLOVE_TYPE_EXCHANGE (clove_exchange_get_type ())
G_DECLARE_DERIVABLE_TYPE (CloveExchange, clove_exchange, CLOVE, EXCHANGE, GObject)

/**
 * CloveExchangeFunc:
 * @exchange: the exchange
 * @user_data: as given to clove_backend_send()
 *
 * Called when more bytes are readable and once when the exchange has ended; never from inside
 * clove_backend_send(), clove_exchange_consume() or clove_exchange_cancel(), and never after
 * clove_exchange_cancel().
 */
typedef void (*CloveExchangeFunc) (CloveExchange *exchange, gpointer user_data);

struct _CloveExchangeClass {
  GObjectClass parent_class;

  const guint8 *(*peek) (CloveExchange *self, gsize *size_out);
  void (*consume) (CloveExchange *self, gsize size);
  /* NULL: nothing is known of what lies beyond */
  const guint8 *(*peek_beyond) (CloveExchange *self,
                                gsize from,
                                gsize *offset_out,
                                gsize *size_out);
  gint64 (*get_reply_size) (CloveExchange *self);
  gboolean (*has_ended) (CloveExchange *self, const GError **error_out);
  void (*cancel) (CloveExchange *self);
};

const guint8 *clove_exchange_peek (CloveExchange *self, gsize *size_out);
void clove_exchange_consume (CloveExchange *self, gsize size);
const guint8 *clove_exchange_peek_beyond (CloveExchange *self,
                                          gsize from,
                                          gsize *offset_out,
                                          gsize *size_out);
gint64 clove_exchange_get_reply_size (CloveExchange *self);
gboolean clove_exchange_has_ended (CloveExchange *self, const GError **error_out);
void clove_exchange_cancel (CloveExchange *self);

/**
 * CloveBackend:
 *
 * What carries requests to sites: the live circuit now, direct mode later. Belongs to the worker
 * thread.
 */
#define CLOVE_TYPE_BACKEND (clove_backend_get_type ())
G_DECLARE_INTERFACE (CloveBackend, clove_backend, CLOVE, BACKEND, GObject)

struct _CloveBackendInterface {
  GTypeInterface parent_iface;

  gsize (*get_max_request_size) (CloveBackend *self);
  CloveExchange *(*send) (CloveBackend *self,
                          const char *host,
                          GBytes *request,
                          CloveExchangeFunc on_progress,
                          gpointer user_data);
  /* NULL: as @send */
  CloveExchange *(*send_first_piece) (CloveBackend *self,
                                      const char *host,
                                      GBytes *request,
                                      CloveExchangeFunc on_progress,
                                      gpointer user_data);
  /* NULL: as @send */
  CloveExchange *(*send_piece) (CloveBackend *self,
                                const char *host,
                                GBytes *request,
                                CloveExchangeFunc on_progress,
                                gpointer user_data);
};

gsize clove_backend_get_max_request_size (CloveBackend *self);
CloveExchange *clove_backend_send (CloveBackend *self,
                                   const char *host,
                                   GBytes *request,
                                   CloveExchangeFunc on_progress,
                                   gpointer user_data)
  G_GNUC_WARN_UNUSED_RESULT;
CloveExchange *clove_backend_send_first_piece (CloveBackend *self,
                                               const char *host,
                                               GBytes *request,
                                               CloveExchangeFunc on_progress,
                                               gpointer user_data)
  G_GNUC_WARN_UNUSED_RESULT;
CloveExchange *clove_backend_send_piece (CloveBackend *self,
                                         const char *host,
                                         GBytes *request,
                                         CloveExchangeFunc on_progress,
                                         gpointer user_data)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
