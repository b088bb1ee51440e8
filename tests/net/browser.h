/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * Browser:
 * @read: all that came so far
 * @has_ended: whether the proxy has closed the connection
 * @n_replies_wanted: how many replies browser_has_replies() waits for, 1 at first
 * @has_no_body: whether the replies are to HEAD
 *
 * A browser's connection. It reads whenever the main loop runs.
 */
typedef struct {
  GByteArray *read;
  gboolean has_ended;
  gsize n_replies_wanted;
  gboolean has_no_body;

  /*< private >*/
  gint fd;
  GSource *source; /* NULL once ended */
} Browser;

Browser *browser_new (const CloveAddress *proxy);
void browser_free (Browser *self);

void browser_send (Browser *self, const char *text);
gboolean browser_has_replies (gpointer user_data);
gboolean browser_is_done (gpointer user_data);

const char *browser_get_text (Browser *self);
guint browser_get_status (Browser *self);
const guint8 *browser_get_body (Browser *self, gsize *size_out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Browser, browser_free)

G_END_DECLS
