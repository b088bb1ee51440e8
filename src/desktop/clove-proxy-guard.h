/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-process-mark.h"

G_BEGIN_DECLS

/* What the program sends before it ends as it should. */
#define CLOVE_PROXY_GUARD_DONE 'd'

/**
 * CloveProxyGuard:
 *
 * A process of its own, clove-guard, that puts the system proxy back should this one die. It is
 * started again if it is killed. Belongs to one thread and uses its thread-default context.
 */
typedef struct _CloveProxyGuard CloveProxyGuard;

CloveProxyGuard *clove_proxy_guard_new (const char *program,
                                        const char *folder,
                                        const CloveProcessMark *owner) G_GNUC_WARN_UNUSED_RESULT;
void clove_proxy_guard_dismiss (CloveProxyGuard *self);
char *clove_proxy_guard_find_program (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
