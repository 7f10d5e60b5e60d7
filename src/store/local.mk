# files of src/store
libbureau_core_a_SOURCES += src/store/textlog.c src/store/textlog.h src/store/textpace.c \
	src/store/db.c src/store/db.h src/store/db_internal.h src/store/db_pack.c src/store/db_dictionary.c src/store/db_dictionary.h src/store/bundle.c src/store/bundle.h \
	src/store/tokenizer.c src/store/tokenizer.h \
	src/store/delivery.c src/store/delivery.h src/store/ring.c src/store/ring.h \
	src/store/writer.c src/store/writer.h src/store/checkpoint.c src/store/checkpoint.h src/store/finder.c src/store/finder.h \
	src/store/migrate.c src/store/migrate.h src/store/store.c src/store/store.h \
	src/store/store_internal.h src/store/care.c src/store/care.h \
	src/store/doc.c src/store/doc.h src/store/doc_index.c src/store/doc_index.h src/store/doc_key.c \
	src/store/words.c src/store/words.h src/store/segment.c src/store/segment.h src/store/feeder.c src/store/feeder.h \
	src/store/journal.c src/store/journal.h src/store/journal_inside.h src/store/journal_undo.c src/store/job.c src/store/job.h \
	src/store/search.c src/store/search.h src/store/search_tree.h src/store/search_parse.c \
	src/store/search_date.c src/store/search_sql.c src/store/search_loose.c
EXTRA_DIST += src/store/README.md src/store/make_dictionary.py
