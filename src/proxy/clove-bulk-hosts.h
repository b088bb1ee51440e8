/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_BULK_MAX_HOSTS 256

/**
 * CloveBulkHosts:
 *
 * What was learned of sites: whether they can be asked for parts, and how large their replies are;
 * of the ones that were met last, no more than %CLOVE_BULK_MAX_HOSTS. Pure.
 */
typedef struct _CloveBulkHosts CloveBulkHosts;

CloveBulkHosts *clove_bulk_hosts_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_bulk_hosts_free (CloveBulkHosts *self);

void clove_bulk_hosts_note_wholes_only (CloveBulkHosts *self, const char *host);
gboolean clove_bulk_hosts_has_wholes_only (CloveBulkHosts *self, const char *host);

void clove_bulk_hosts_note_reply (CloveBulkHosts *self, const char *host, gsize size);
gsize clove_bulk_hosts_get_reply_size (CloveBulkHosts *self, const char *host);

guint clove_bulk_hosts_get_size (const CloveBulkHosts *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveBulkHosts, clove_bulk_hosts_free)

G_END_DECLS
