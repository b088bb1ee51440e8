/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

G_BEGIN_DECLS

/* Of what docs/json-lines.md describes; goes up when a reader of the old one would fail. */
#define CLOVE_SNAPSHOT_JSON_SCHEMA 1

/**
 * CloveSnapshotJson:
 * @cause_told: serial of the newest cause that was told
 * @age_told_s: age of the directory in the last line
 * @content_told: the last line without its clocks; %NULL before the first
 *
 * Turns snapshots into lines of JSON, one for each that says something new. Zeroed at first.
 */
typedef struct {
  /*< private >*/
  guint64 cause_told;
  gint64 age_told_s;
  char *content_told;
} CloveSnapshotJson;

char *clove_snapshot_json_next (CloveSnapshotJson *self,
                                const CloveSnapshot *snapshot) G_GNUC_WARN_UNUSED_RESULT;
void clove_snapshot_json_clear (CloveSnapshotJson *self);

char *clove_snapshot_format_json (const CloveSnapshot *self,
                                  guint64 cause_told) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
