# Manual pages and completions are made by the program itself from its tables.
EXTRA_DIST += doc/output-schema.md doc/figures.md
nodist_man_MANS += doc/bureau.1 doc/bureaurc.5
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
fishcompdir = $(datadir)/fish/vendor_completions.d
generated_docs = doc/bureau.1 doc/bureaurc.5 doc/complete.bash doc/complete.zsh doc/complete.fish
CLEANFILES += $(generated_docs)
generated_files += $(generated_docs)

dump_docs = $(MKDIR_P) doc && LC_ALL=C LANGUAGE= ./bureau$(EXEEXT) --dump-docs
doc/bureau.1: bureau$(EXEEXT)
	$(AM_V_GEN)$(dump_docs) man > $@.new && mv $@.new $@
doc/bureaurc.5: bureau$(EXEEXT)
	$(AM_V_GEN)$(dump_docs) man-rc > $@.new && mv $@.new $@
doc/complete.bash: bureau$(EXEEXT)
	$(AM_V_GEN)$(dump_docs) bash > $@.new && mv $@.new $@
doc/complete.zsh: bureau$(EXEEXT)
	$(AM_V_GEN)$(dump_docs) zsh > $@.new && mv $@.new $@
doc/complete.fish: bureau$(EXEEXT)
	$(AM_V_GEN)$(dump_docs) fish > $@.new && mv $@.new $@

install-data-local: install-completions install-translations
uninstall-local: uninstall-completions uninstall-translations
install-completions: $(generated_docs)
	$(MKDIR_P) '$(DESTDIR)$(bashcompdir)' '$(DESTDIR)$(zshcompdir)' '$(DESTDIR)$(fishcompdir)'
	$(INSTALL_DATA) doc/complete.bash '$(DESTDIR)$(bashcompdir)/bureau'
	$(INSTALL_DATA) doc/complete.zsh '$(DESTDIR)$(zshcompdir)/_bureau'
	$(INSTALL_DATA) doc/complete.fish '$(DESTDIR)$(fishcompdir)/bureau.fish'
uninstall-completions:
	rm -f '$(DESTDIR)$(bashcompdir)/bureau' '$(DESTDIR)$(zshcompdir)/_bureau' \
		'$(DESTDIR)$(fishcompdir)/bureau.fish'
.PHONY: install-completions uninstall-completions
