/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_BULK_MAX_HOSTS 256

/**
 * CloveBulkHosts:
 *
 * The sites that cannot be asked for parts, as far as is known and remembered: the ones that were
 * met last, no more than %CLOVE_BULK_MAX_HOSTS. Pure.
 */
typedef struct _CloveBulkHosts CloveBulkHosts;

CloveBulkHosts *clove_bulk_hosts_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_bulk_hosts_free (CloveBulkHosts *self);

void clove_bulk_hosts_add (CloveBulkHosts *self, const char *host);
gboolean clove_bulk_hosts_has (CloveBulkHosts *self, const char *host);
guint clove_bulk_hosts_get_size (const CloveBulkHosts *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveBulkHosts, clove_bulk_hosts_free)

G_END_DECLS
