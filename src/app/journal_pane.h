/* journal_pane.h - the journal on the screen: batches, and what each did to which thing. */
#ifndef APP_JOURNAL_PANE_H
#define APP_JOURNAL_PANE_H

struct pane_ops;

extern const struct pane_ops journal_pane, journal_items_pane;

#endif
