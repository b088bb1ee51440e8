/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What one download may hold in memory or have under way beyond what its reader took. */
#define CLOVE_BULK_MAX_HELD (2 * 1024 * 1024)

/**
 * CloveBulkPiece:
 * @first: position of its first byte
 * @size: number of bytes
 * @n_have: how many of them came, from the first on
 * @n_failures: how often it was asked for in vain
 * @not_before_us: when it may be asked for again
 *
 * A part of a download. Belongs to its plan, which alone changes it.
 */
typedef struct {
  gint64 first;
  gsize size;
  gsize n_have;
  guint n_failures;
  gint64 not_before_us;

  /*< private >*/
  guint8 *bytes;
  gsize capacity; /* of @bytes */
  gboolean is_asked;
  GList link;
} CloveBulkPiece;

/**
 * CloveBulkPlan:
 *
 * Which parts of a download are to be asked for, and its bytes in order. A part that is lost is
 * asked for again as far as it did not come. Pure.
 */
typedef struct _CloveBulkPlan CloveBulkPlan;

CloveBulkPlan *clove_bulk_plan_new (gint64 first,
                                    gint64 end,
                                    gsize max_held) G_GNUC_WARN_UNUSED_RESULT;
void clove_bulk_plan_free (CloveBulkPlan *self);

CloveBulkPiece *clove_bulk_plan_take (CloveBulkPlan *self, gsize max_size, gint64 now_us);
gint64 clove_bulk_plan_get_next_us (CloveBulkPlan *self);

void clove_bulk_plan_add (CloveBulkPlan *self,
                          CloveBulkPiece *piece,
                          const guint8 *data,
                          gsize size);
gboolean clove_bulk_piece_is_whole (const CloveBulkPiece *piece);
CloveBulkPiece *clove_bulk_plan_keep (CloveBulkPlan *self,
                                      CloveBulkPiece *piece,
                                      gint64 position,
                                      const guint8 *data,
                                      gsize size);
void clove_bulk_plan_lose (CloveBulkPlan *self, CloveBulkPiece *piece, gint64 not_before_us);
void clove_bulk_plan_finish (CloveBulkPlan *self, CloveBulkPiece *piece);

const guint8 *clove_bulk_plan_peek (CloveBulkPlan *self, gsize *size_out);
void clove_bulk_plan_consume (CloveBulkPlan *self, gsize size);
gboolean clove_bulk_plan_is_complete (CloveBulkPlan *self);
gsize clove_bulk_plan_get_held (const CloveBulkPlan *self);
gsize clove_bulk_plan_get_memory (const CloveBulkPlan *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveBulkPlan, clove_bulk_plan_free)

G_END_DECLS
