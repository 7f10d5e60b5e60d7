/* dirs.h - the directories the build defines, for readers of single files. */
#define LOCALEDIR "/usr/share/locale"
#define LIBEXECDIR "/usr/libexec/bureau"
#define DATADIR "/usr/share/bureau"
