# files of src/io
libbureau_core_a_SOURCES += \
	src/io/child.c src/io/child.h src/io/curl.c src/io/curl.h src/io/http.c src/io/http.h src/io/imap.c src/io/imap.h \
	src/io/imap_command.c src/io/imap_date.c src/io/imap_inside.h src/io/imap_name.c src/io/imap_name.h \
	src/io/imap_parse.c src/io/imap_parse.h src/io/imap_parse_data.c src/io/imap_parse_inside.h src/io/imap_reader.c \
	src/io/imap_reader.h src/io/imap_response.h src/io/imap_set.c src/io/imap_set.h src/io/imap_talk.c src/io/loop.c \
	src/io/loop.h src/io/smtp.c src/io/smtp.h src/io/sse.c src/io/sse.h src/io/standby.c src/io/standby.h src/io/transfer.c src/io/transfer.h
libbureau_core_a_SOURCES += src/io/dns.c src/io/dns.h src/io/tlskey.c src/io/tlskey.h
EXTRA_DIST += src/io/README.md
