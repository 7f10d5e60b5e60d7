# Translations. `make update-po` gathers the texts of all sources and merges them into each po file.
LINGUAS = zh_CN
EXTRA_DIST += $(LINGUAS:%=po/%.po)
po_mo = $(LINGUAS:%=po/locale/%/LC_MESSAGES/bureau.mo)
CLEANFILES += $(po_mo)
generated_files += $(po_mo)

po/locale/%/LC_MESSAGES/bureau.mo: $(srcdir)/po/%.po
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MSGFMT) --check-format --check-header -o $@.new $< && mv $@.new $@

po_sources = $(filter %.c,$(libbureau_base_a_SOURCES) $(libbureau_core_a_SOURCES) $(bureau_SOURCES))
po_pot = $(XGETTEXT) --from-code=UTF-8 --language=C --keyword=_ --keyword=N_ --keyword=P_:1,2 --keyword=C_:1c,2 --keyword=NC_:1c,2 \
	--add-comments=translators: --no-wrap --no-location --sort-by-file --package-name=bureau \
	--directory='$(srcdir)' -o - $(po_sources)
update-po:
	@$(po_pot) > po/bureau.pot.new && \
	for l in $(LINGUAS); do \
		$(MSGMERGE) --quiet --update --backup=none --no-fuzzy-matching --no-wrap \
			'$(srcdir)'/po/$$l.po po/bureau.pot.new && \
		$(MSGFMT) --statistics -o /dev/null '$(srcdir)'/po/$$l.po || exit 1; \
	done; rm -f po/bureau.pot.new

install-translations: $(po_mo)
	@for l in $(LINGUAS); do \
		$(MKDIR_P) "$(DESTDIR)$(localedir)/$$l/LC_MESSAGES" && \
		$(INSTALL_DATA) po/locale/$$l/LC_MESSAGES/bureau.mo "$(DESTDIR)$(localedir)/$$l/LC_MESSAGES/bureau.mo" || exit 1; \
	done
uninstall-translations:
	@for l in $(LINGUAS); do rm -f "$(DESTDIR)$(localedir)/$$l/LC_MESSAGES/bureau.mo"; done
.PHONY: update-po install-translations uninstall-translations
