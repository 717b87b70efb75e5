// SPDX-License-Identifier: Apache-2.0
// stand-in [VERB ARGS...]: stands in for an emulator where the real one would only cost time. Its
// code is what the policy trusts; what it is told to do is what an attacker inside the process
// would do.
//   (none)               says that it runs
//   hold [FILE]          says that it runs, with FILE mapped executable, until its standard input
//   ends open FILE            opens FILE for reading exec PROGRAM ARGS... executes another program
//   call FILE            maps FILE executable and calls its first byte as a function; says what
//   that returned read-call FILE       as a program that checks for itself: reads FILE first, and
//   says what it read send FILE SOCKET     opens FILE and passes the descriptor to whoever connects
//   to SOCKET
#include "parts.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

// mov eax, imm32; ret: the fifth byte on is of no interest, the first of the number is what such a
// file returns.
#define CODE_SIZE 6

static int open_file(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);

	if (descriptor < 0)
		attack_ends("open", -1);
	return descriptor;
}

static void *map_code(int descriptor)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0);

	if (code == MAP_FAILED)
		attack_ends("executable mapping", -1);
	return code;
}

static _Noreturn void call_file(const char *path, int reads_first)
{
	int descriptor = open_file(path);
	unsigned char bytes[CODE_SIZE];
	int (*function)(void);

	if (reads_first) {
		if (pread(descriptor, bytes, sizeof(bytes), 0) != sizeof(bytes))
			setup_failed("reading %s", path);
		printf("read: %d\n", bytes[1]);
	}
	*(void **)&function = map_code(descriptor);
	printf("returned: %d\n", function());
	attack_ends("call", 0);
}

static _Noreturn void serve_descriptor(const char *path, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int descriptor = open_file(path), connection;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listener, 1))
		setup_failed("%s", name);
	connection = accept(listener, NULL, NULL);
	if (connection < 0)
		setup_failed("accept");
	attack_ends("send", send_descriptor(connection, descriptor));
}

static _Noreturn void hold(const char *path)
{
	char byte;

	if (path)
		map_code(open_file(path));
	puts("stand-in: running");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!*verb)
		puts("stand-in: running");
	else if (!strcmp(verb, "hold"))
		hold(argv[2]);
	else if (argc == 3 && !strcmp(verb, "open"))
		attack_ends("open", open_file(argv[2]));
	else if (argc >= 3 && !strcmp(verb, "exec"))
		attack_ends("exec", execv(argv[2], argv + 2));
	else if (argc == 3 && (!strcmp(verb, "call") || !strcmp(verb, "read-call")))
		call_file(argv[2], *verb == 'r');
	else if (argc == 4 && !strcmp(verb, "send"))
		serve_descriptor(argv[2], argv[3]);
	else
		setup_failed("what to do? '%s'", verb);
	return 0;
}
