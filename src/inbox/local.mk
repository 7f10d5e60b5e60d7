# files of src/inbox
libbureau_core_a_SOURCES += \
	src/inbox/checks.c src/inbox/checks.h src/inbox/checks_ask.c src/inbox/checks_draft.c src/inbox/checks_fact.c src/inbox/checks_inside.h src/inbox/checks_send.c src/inbox/checks_settled.c \
	src/inbox/commands.c src/inbox/commands_draft.c src/inbox/commands_draft_edit.c src/inbox/commands_inside.h src/inbox/commands_send.c src/inbox/commands_triage.c \
	src/inbox/draft.c src/inbox/draft.h src/inbox/draft_change.c src/inbox/draft_accept.c src/inbox/draft_file.c src/inbox/draft_mirror.c src/inbox/draft_mirror.h \
	src/inbox/draft_inside.h src/inbox/draft_pen.c src/inbox/inbox.c src/inbox/inbox.h \
	src/inbox/offline_draft.c src/inbox/offline_summary.c \
	src/inbox/reply.c src/inbox/reply.h src/inbox/reply_as_new.c src/inbox/reply_files.c src/inbox/inside.c src/inbox/inside.h src/inbox/reply_head.c src/inbox/reply_inside.h src/inbox/reply_material.c \
	src/inbox/store.c src/inbox/summary.c src/inbox/summary.h src/inbox/summary_inside.h \
	src/inbox/template.c src/inbox/template.h \
	src/inbox/triage.c src/inbox/triage.h src/inbox/triage_fact.c src/inbox/triage_inside.h \
	src/inbox/triage_judge.c src/inbox/triage_learn.c src/inbox/triage_model.c src/inbox/triage_reason.c
libbureau_core_a_SOURCES += \
	src/inbox/commands_folder.c src/inbox/commands_mail.c src/inbox/commands_unsubscribe.c src/inbox/commands_mail.h src/inbox/mailcap.c src/inbox/mailcap.h src/inbox/history.c src/inbox/history.h src/inbox/look.c src/inbox/look.h src/inbox/tool.c src/inbox/tool.h \
	src/inbox/part.c src/inbox/part.h src/inbox/part_event.c src/inbox/show.c src/inbox/show_bytes.c src/inbox/save.c src/inbox/export.c
bureau_SOURCES += \
	src/inbox/pane.c src/inbox/pane.h src/inbox/pane_act.c src/inbox/pane_address.c src/inbox/pane_commands.c src/inbox/pane_counts.c src/inbox/pane_counts.h src/inbox/pane_draft.c \
	src/inbox/pane_draft.h src/inbox/pane_draft_head.c src/inbox/pane_draft_send.c src/inbox/pane_inside.h \
	src/inbox/pane_lists.c src/inbox/pane_reply.c src/inbox/pane_results.c src/inbox/pane_saved.c src/inbox/pane_sent.c src/inbox/pane_summary.c \
	src/inbox/pane_message.c src/inbox/pane_message.h src/inbox/pane_open.c src/inbox/pane_view.c \
	src/inbox/pane_thread.c src/inbox/pane_words.c
EXTRA_DIST += src/inbox/README.md
