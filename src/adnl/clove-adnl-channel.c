/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-adnl-channel.h"

#include "clove-secret.h"

#include <sodium.h>
#include <string.h>

typedef struct {
  guint8 send[CLOVE_KEY_SIZE];
  guint8 receive[CLOVE_KEY_SIZE];
} ChannelKeys;

struct _CloveAdnlChannel {
  CloveAdnlIdentity *identity; /* owned: the key pair of this channel */
  CloveSecret *keys;           /* owned: a ChannelKeys; NULL until complete */
  guint8 peer_key[CLOVE_KEY_SIZE];
  guint8 send_id[CLOVE_KEY_ID_SIZE];
  guint8 receive_id[CLOVE_KEY_ID_SIZE];
};

static const ChannelKeys *
peek_keys (const CloveAdnlChannel *self)
{
  return (const ChannelKeys *) (gconstpointer) clove_secret_peek (self->keys);
}

/** clove_adnl_channel_new: (transfer full): Make our half of a channel with a fresh key pair. */
CloveAdnlChannel *
clove_adnl_channel_new (void)
{
  CloveAdnlChannel *self = g_new0 (CloveAdnlChannel, 1);

  self->identity = clove_adnl_identity_new ();
  return self;
}

/** clove_adnl_channel_free: (nullable): Free and wipe. */
void
clove_adnl_channel_free (CloveAdnlChannel *self)
{
  if (self == NULL)
    return;
  clove_secret_free (self->keys);
  clove_adnl_identity_unref (self->identity);
  g_free (self);
}

/**
 * clove_adnl_channel_complete:
 * @self: our half of a channel
 * @peer_channel_key: the public key of the other half
 * @our_id: id of our identity
 * @peer_id: id of the peer's identity
 *
 * Derive the keys of both directions.
 *
 * Returns: %FALSE when @peer_channel_key is unusable; the channel stays incomplete
 */
gboolean
clove_adnl_channel_complete (CloveAdnlChannel *self,
                             const guint8 peer_channel_key[static CLOVE_KEY_SIZE],
                             const guint8 our_id[static CLOVE_KEY_ID_SIZE],
                             const guint8 peer_id[static CLOVE_KEY_ID_SIZE])
{
  g_autoptr (CloveSecret) keys = clove_secret_new (sizeof (ChannelKeys));
  ChannelKeys *halves = (ChannelKeys *) (gpointer) clove_secret_get (keys);
  struct {
    guint8 shared[CLOVE_KEY_SIZE];
  } s = { 0 };
  gboolean has_agreed = clove_adnl_identity_agree (self->identity, peer_channel_key, s.shared);

  if (has_agreed) {
    clove_adnl_channel_keys (s.shared, our_id, peer_id, halves->send, halves->receive);
    clove_adnl_channel_id (self->send_id, halves->send);
    clove_adnl_channel_id (self->receive_id, halves->receive);
    memcpy (self->peer_key, peer_channel_key, sizeof self->peer_key);
    clove_secret_free (self->keys);
    self->keys = g_steal_pointer (&keys);
  }
  sodium_memzero (&s, sizeof s);
  return has_agreed;
}

/** clove_adnl_channel_is_complete: Tell whether both halves are known. */
gboolean
clove_adnl_channel_is_complete (const CloveAdnlChannel *self)
{
  return self->keys != NULL;
}

/** clove_adnl_channel_get_key: Get our public channel key, 32 bytes, borrowed. */
const guint8 *
clove_adnl_channel_get_key (const CloveAdnlChannel *self)
{
  return clove_adnl_identity_get_key (self->identity);
}

/** clove_adnl_channel_get_peer_key: Get the other half's public key of a complete channel. */
const guint8 *
clove_adnl_channel_get_peer_key (const CloveAdnlChannel *self)
{
  return self->peer_key;
}

/** clove_adnl_channel_get_send_id: Get the id that heads what we send. */
const guint8 *
clove_adnl_channel_get_send_id (const CloveAdnlChannel *self)
{
  return self->send_id;
}

/** clove_adnl_channel_get_receive_id: Get the id that heads what we receive. */
const guint8 *
clove_adnl_channel_get_receive_id (const CloveAdnlChannel *self)
{
  return self->receive_id;
}

/** clove_adnl_channel_peek_send_key: Get the key for what we send, of a complete channel. */
const guint8 *
clove_adnl_channel_peek_send_key (const CloveAdnlChannel *self)
{
  return peek_keys (self)->send;
}

/** clove_adnl_channel_peek_receive_key: Get the key for what we receive, of a complete channel. */
const guint8 *
clove_adnl_channel_peek_receive_key (const CloveAdnlChannel *self)
{
  return peek_keys (self)->receive;
}
