/* write.h - bureaurc gets lines: what stands in it stays, comments too; atomically, 0600. */
#ifndef SETUP_WRITE_H
#define SETUP_WRITE_H

#include "base/error.h"
#include "base/str.h"

struct config_account;

/* Appends lines to the config at path (made when absent; a symbolic link stays one). */
enum status setup_write_lines(const char *path, const char *lines, struct error *err) MUST_CHECK;
/* A name for the account of an address that no account has: "example" for anna@mail.example.com, then
 * "example2". Yours. */
char *setup_write_name(const char *address);
/* Is it the address of a server: one of the two beginnings (imaps://), a host or number, at most a port? false: err says
 * what is wrong (USAGE). */
bool setup_write_server(const char *url, const char *tls, const char *plain, struct error *err) MUST_CHECK;
/* USAGE for what cannot stand in bureaurc: a control character in a value. */
enum status setup_write_valid(const struct config_account *a, struct error *err) MUST_CHECK;

#endif
