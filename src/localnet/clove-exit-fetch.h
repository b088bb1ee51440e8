/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"
#include "clove-exit-reply.h"
#include "clove-exit-request.h"
#include "clove-origin.h"

#include <glib.h>

G_BEGIN_DECLS

/* What an exit allows a site. */
#define CLOVE_EXIT_FETCH_TIMEOUT_US (60 * G_USEC_PER_SEC)
#define CLOVE_EXIT_MAX_REDIRECTS    10

/**
 * CloveExitFetch:
 *
 * One request on its way to the demo site or the origin, redirections included.
 */
typedef struct _CloveExitFetch CloveExitFetch;

/**
 * CloveExitFetchFunc:
 * @reply: (transfer full): what the site said, or the exit's own 502
 *
 * Called once, never from inside clove_exit_fetch_new(). May free the fetch.
 */
typedef void (*CloveExitFetchFunc) (CloveExitReply *reply, gpointer user_data);

CloveExitFetch *clove_exit_fetch_new (CloveClock *clock,
                                      CloveOrigin *origin,
                                      const char *host,
                                      CloveExitRequest *request,
                                      CloveExitFetchFunc callback,
                                      gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_exit_fetch_free (CloveExitFetch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveExitFetch, clove_exit_fetch_free)

G_END_DECLS
