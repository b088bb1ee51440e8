/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveAdnlError:
 * @CLOVE_ADNL_ERROR_MALFORMED: bytes that are not what they should be: truncated, unknown
 *   constructor, absurd size
 * @CLOVE_ADNL_ERROR_FORGED: checksum, signature or sender do not fit
 * @CLOVE_ADNL_ERROR_REPLAYED: a datagram that was seen before or is too old
 * @CLOVE_ADNL_ERROR_KEY: a public key that is not a point of the curve, or of low order
 * @CLOVE_ADNL_ERROR_TOO_LARGE: a message that ADNL cannot carry
 * @CLOVE_ADNL_ERROR_TIMED_OUT: no answer before the deadline
 * @CLOVE_ADNL_ERROR_CLOSED: the session was closed
 *
 * What can go wrong between two ADNL peers.
 */
typedef enum {
  CLOVE_ADNL_ERROR_MALFORMED,
  CLOVE_ADNL_ERROR_FORGED,
  CLOVE_ADNL_ERROR_REPLAYED,
  CLOVE_ADNL_ERROR_KEY,
  CLOVE_ADNL_ERROR_TOO_LARGE,
  CLOVE_ADNL_ERROR_TIMED_OUT,
  CLOVE_ADNL_ERROR_CLOSED,
} CloveAdnlError;

#define CLOVE_ADNL_ERROR (clove_adnl_error_quark ())
GQuark clove_adnl_error_quark (void);

G_END_DECLS
