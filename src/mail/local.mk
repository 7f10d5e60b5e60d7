# files of src/mail
libbureau_core_a_SOURCES += \
	src/mail/store.c src/mail/store.h src/mail/topic.c src/mail/regroup.c src/mail/inside.h src/mail/add.c src/mail/join.c \
	src/mail/thread.c src/mail/thread.h src/mail/list.c src/mail/folder.c src/mail/folder.h \
	src/mail/people.c src/mail/people.h src/mail/me.c src/mail/answers.c \
	src/mail/content.c src/mail/content.h src/mail/lines.c src/mail/lines.h src/mail/change.c src/mail/change.h src/mail/batch.c src/mail/intake.c src/mail/intake.h
libbureau_core_a_SOURCES += src/mail/box.c src/mail/box.h src/mail/maildir.h src/mail/maildir_file.c
libbureau_core_a_SOURCES += \
	src/mail/message.c src/mail/message.h src/mail/event.c src/mail/event.h src/mail/zone.c src/mail/unpack.c src/mail/unpack.h \
	src/mail/process.c src/mail/process.h src/mail/reader.c src/mail/reader.h src/mail/report.c src/mail/reread.c src/mail/report.h \
	src/mail/composing.c src/mail/composing.h src/mail/readback.c src/mail/readback.h \
	src/mail/maildir_inside.h src/mail/maildir_place.c src/mail/maildir_push.c \
	src/mail/maildir_sync.c src/mail/maildir_watch.c src/mail/wake.c src/mail/wake.h src/mail/snooze.c src/mail/snooze.h src/mail/complete.c
libbureau_core_a_SOURCES += src/mail/login.c src/mail/login.h src/mail/secret.c src/mail/secret.h src/mail/token.c src/mail/token.h
libbureau_core_a_SOURCES += src/mail/mirror.c src/mail/mirror.h src/mail/doctor.c src/mail/doctor.h
libbureau_core_a_SOURCES += src/mail/imap.h src/mail/imap_inside.h src/mail/imap_words.c src/mail/imap_queue.c src/mail/imap_thrid.c src/mail/imap_place.h src/mail/imap_place.c src/mail/imap_copy.c \
	src/mail/imap_settle.c src/mail/imap_run.h src/mail/imap_run.c src/mail/imap_hear.c src/mail/imap_list.c \
	src/mail/imap_apply.c src/mail/imap_fetch.c src/mail/imap_send.h src/mail/imap_send.c src/mail/imap_jobs.c \
	src/mail/imap_sent.c src/mail/imap_mirror.c src/mail/imap_link.h src/mail/imap_link.c \
	src/mail/write_back.c src/mail/write_back.h src/mail/imap_sync.c src/mail/imap_refused.h src/mail/imap_refused.c src/mail/imap_send_flags.c src/mail/imap_send_move.c src/mail/imap_going.h src/mail/imap_going.c src/mail/imap_send_going.c src/mail/imap_watch.c src/mail/imap_about.c
EXTRA_DIST += src/mail/README.md
