# The sample office of `bureau demo`, installed as it lies here (names hold no blanks).
demo_files = $(shell cd $(srcdir) && find data/demo -type f | LC_ALL=C sort)
EXTRA_DIST += $(demo_files)
install-data-hook:
	@for f in $(demo_files); do $(INSTALL) -D -m 644 $(srcdir)/$$f $(DESTDIR)$(pkgdatadir)/$${f#data/} || exit 1; done
uninstall-hook:
	rm -rf $(DESTDIR)$(pkgdatadir)/demo
