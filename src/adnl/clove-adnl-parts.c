/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Long messages (src/adnl/README.md, "Parts"). Each assembly is a fixed block of memory that is
 * used again for the next message, so a steady stream of long messages allocates nothing.
 */
#include "config.h"

#include "clove-adnl-parts.h"

#include "clove-adnl-cipher.h"

#include <string.h>

/* Parts of one message; the reference cuts at 1024, so 8320 bytes are at most 9. */
#define MAX_PIECES 16

typedef struct {
  guint32 offset;
  guint32 size;
} Piece;

typedef struct {
  guint8 hash[CLOVE_CHECKSUM_SIZE];
  guint64 last_used; /* 0: free */
  guint32 total_size;
  guint32 n_received;
  guint n_pieces;
  Piece pieces[MAX_PIECES];
  guint8 data[CLOVE_ADNL_MAX_JOINED_SIZE];
} Assembly;

struct _CloveAdnlParts {
  Assembly *assemblies[CLOVE_ADNL_MAX_ASSEMBLIES]; /* owned, made when first needed */
  guint64 n_uses;
};

/** clove_adnl_parts_new: (transfer full): Make an empty set of assemblies. */
CloveAdnlParts *
clove_adnl_parts_new (void)
{
  return g_new0 (CloveAdnlParts, 1);
}

/** clove_adnl_parts_free: (nullable): Free. */
void
clove_adnl_parts_free (CloveAdnlParts *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (self->assemblies); i++)
    g_free (self->assemblies[i]);
  g_free (self);
}

/* The assembly of the message, if one has begun. */
static Assembly *
find_assembly (CloveAdnlParts *self, const guint8 *hash)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->assemblies); i++) {
    Assembly *assembly = self->assemblies[i];

    if (assembly != NULL && assembly->last_used != 0 &&
        memcmp (assembly->hash, hash, sizeof assembly->hash) == 0)
      return assembly;
  }
  return NULL;
}

/* A free assembly, else the one that waited longest, made ready for the message of @part. */
static Assembly *
begin_assembly (CloveAdnlParts *self, const CloveAdnlMessage *part)
{
  gsize oldest = 0;
  Assembly *assembly = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (self->assemblies); i++) {
    if (self->assemblies[i] == NULL)
      self->assemblies[i] = g_new0 (Assembly, 1);
    if (self->assemblies[i]->last_used < self->assemblies[oldest]->last_used)
      oldest = i;
    if (self->assemblies[oldest]->last_used == 0)
      break;
  }
  assembly = self->assemblies[oldest];
  memcpy (assembly->hash, part->id, sizeof assembly->hash);
  assembly->total_size = part->total_size;
  assembly->n_received = 0;
  assembly->n_pieces = 0;
  return assembly;
}

static gboolean
overlaps (const Assembly *assembly, const CloveAdnlMessage *part)
{
  for (guint i = 0; i < assembly->n_pieces; i++) {
    const Piece *piece = &assembly->pieces[i];

    if (part->offset < piece->offset + piece->size &&
        piece->offset < part->offset + part->data_size)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_repeated (const Assembly *assembly, const CloveAdnlMessage *part)
{
  for (guint i = 0; i < assembly->n_pieces; i++) {
    if (assembly->pieces[i].offset == part->offset && assembly->pieces[i].size == part->data_size)
      return TRUE;
  }
  return FALSE;
}

static void
keep_piece (Assembly *assembly, const CloveAdnlMessage *part)
{
  assembly->pieces[assembly->n_pieces++] =
    (Piece){ .offset = part->offset, .size = (guint32) part->data_size };
  memcpy (assembly->data + part->offset, part->data, part->data_size);
  assembly->n_received += (guint32) part->data_size;
}

static gboolean
finish (Assembly *assembly, const guint8 **joined_out, gsize *size_out, GError **error)
{
  guint8 hash[CLOVE_CHECKSUM_SIZE] = { 0 };

  assembly->last_used = 0;
  clove_adnl_cipher_checksum (hash, assembly->data, assembly->total_size);
  if (memcmp (hash, assembly->hash, sizeof hash) != 0) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_FORGED,
                         "joined message does not have its hash");
    return FALSE;
  }
  *joined_out = assembly->data;
  *size_out = assembly->total_size;
  return TRUE;
}

/**
 * clove_adnl_parts_add:
 * @self: the assemblies of one peer
 * @part: a message of type %CLOVE_ADNL_MESSAGE_PART that clove_adnl_message_read() accepted
 * @joined_out: (out) (nullable): the whole message once its last part came, %NULL before; valid
 *   until the next call
 * @size_out: (out): its size in bytes
 * @error: %CLOVE_ADNL_ERROR_MALFORMED for a part that contradicts another,
 *   %CLOVE_ADNL_ERROR_FORGED when the whole does not have the hash
 *
 * Take one part; repeated ones are ignored.
 *
 * Returns: %FALSE when the part or the whole message was refused
 */
gboolean
clove_adnl_parts_add (CloveAdnlParts *self,
                      const CloveAdnlMessage *part,
                      const guint8 **joined_out,
                      gsize *size_out,
                      GError **error)
{
  Assembly *assembly = NULL;

  g_return_val_if_fail (part->type == CLOVE_ADNL_MESSAGE_PART, FALSE);

  *joined_out = NULL;
  *size_out = 0;
  assembly = find_assembly (self, part->id);
  if (assembly == NULL)
    assembly = begin_assembly (self, part);
  assembly->last_used = ++self->n_uses;
  if (is_repeated (assembly, part))
    return TRUE;
  if (assembly->total_size != part->total_size || assembly->n_pieces == MAX_PIECES ||
      overlaps (assembly, part)) {
    assembly->last_used = 0;
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED,
                         "part contradicts another of the same message");
    return FALSE;
  }
  keep_piece (assembly, part);
  if (assembly->n_received < assembly->total_size)
    return TRUE;
  return finish (assembly, joined_out, size_out, error);
}
