/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-fault-board.h"

struct _CloveFaultBoard {
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (CloveFaultBoard, clove_fault_board, ADW_TYPE_BIN)

static void
clove_fault_board_class_init (CloveFaultBoardClass *klass)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               CLOVE_RESOURCES "/ui/clove-fault-board.ui");
}

static void
clove_fault_board_init (CloveFaultBoard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** clove_fault_board_set_control: Set the demo's control socket; %NULL when there is no demo. */
void
clove_fault_board_set_control (CloveFaultBoard *self, const char *control)
{
}
