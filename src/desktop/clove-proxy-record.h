/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-desktop-kind.h"
#include "clove-process-mark.h"
#include "clove-proxy-values.h"

G_BEGIN_DECLS

#define CLOVE_PROXY_RECORD_MAX_SIZE (64 * 1024)

/**
 * CloveProxyRecord:
 * @desktop: whose setting was changed; never %CLOVE_DESKTOP_OTHER
 * @owner: the process that changed it
 * @url: the address that was put there
 * @previous_url: (nullable): what it was before that, also ours: of the two, one is set
 * @old: what the user had
 *
 * What it takes to put the system proxy back.
 */
typedef struct {
  CloveDesktopKind desktop;
  CloveProcessMark owner;
  char *url;
  char *previous_url;
  CloveProxyValues old;
} CloveProxyRecord;

CloveProxyRecord *clove_proxy_record_new (CloveDesktopKind desktop,
                                          const CloveProcessMark *owner,
                                          const char *url) G_GNUC_WARN_UNUSED_RESULT;
void clove_proxy_record_free (CloveProxyRecord *self);
void clove_proxy_record_move (CloveProxyRecord *self, const char *url);
gboolean clove_proxy_record_has_url (const CloveProxyRecord *self, const char *url);

CloveProxyRecord *clove_proxy_record_parse (const char *text,
                                            gsize size,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *clove_proxy_record_format (const CloveProxyRecord *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveProxyRecord, clove_proxy_record_free)

G_END_DECLS
