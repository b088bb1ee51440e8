/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveTone:
 * @CLOVE_TONE_PLAIN: nothing to say
 * @CLOVE_TONE_GOOD: it works
 * @CLOVE_TONE_BUSY: something is being done
 * @CLOVE_TONE_WARNING: it works, but not as it should
 * @CLOVE_TONE_BAD: it does not work
 *
 * How to show a state: never by colour alone.
 */
typedef enum {
  CLOVE_TONE_PLAIN,
  CLOVE_TONE_GOOD,
  CLOVE_TONE_BUSY,
  CLOVE_TONE_WARNING,
  CLOVE_TONE_BAD,
} CloveTone;

const char *clove_tone_style (CloveTone tone);

CloveTone clove_describe_tone (const CloveSnapshot *snapshot);
const char *clove_describe_look (const CloveSnapshot *snapshot);
const char *clove_describe_icon (const CloveSnapshot *snapshot);
char *clove_describe_title (const CloveSnapshot *snapshot) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_subtitle (const CloveSnapshot *snapshot,
                               gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_strikes (const CloveSnapshot *snapshot) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_rebuild (const CloveSnapshot *snapshot,
                              gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_describe_can_rebuild (const CloveSnapshot *snapshot, gint64 now_us);
gint64 clove_describe_until_change (const CloveSnapshot *snapshot, gint64 now_us);

char *clove_describe_cause (const CloveSnapshotCause *cause) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_detail (const char *detail) G_GNUC_WARN_UNUSED_RESULT;

char *clove_describe_span (gint64 span_us) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_countdown (gint64 left_us) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_rtt (gint64 rtt_us) G_GNUC_WARN_UNUSED_RESULT;
const char *clove_describe_role (guint hop);

G_END_DECLS
