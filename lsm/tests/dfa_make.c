// SPDX-License-Identifier: GPL-2.0-only
/* See dfa_make.h. */
#include "dfa_make.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static void edge(struct sample *sample, u32 owner, u8 byte, u32 next)
{
	sample->cells[sample->states[owner].base + byte] =
		(struct moor_dfa_cell){.owner = owner, .next = next};
}

struct sample sample_make(void)
{
	struct sample sample;

	_Static_assert(sizeof(struct sample) % 8 == 0, "no room between the parts");
	memset(&sample, 0, sizeof(sample));
	sample.header = (struct moor_dfa_header){
		.magic = MOOR_DFA_MAGIC,
		.version = MOOR_DFA_VERSION,
		.size = sizeof(sample),
		.state_count = SAMPLE_STATES,
		.cell_count = SAMPLE_CELLS,
		.accept_count = SAMPLE_ACCEPTS,
		.string_bytes = sizeof(sample.strings),
		.helper_count = 2,
		.command_count = 3,
		.starts = {[MOOR_DFA_ROOT_PATH] = SAMPLE_START,
			   [MOOR_DFA_ROOT_ABSTRACT] = SAMPLE_RUN},
	};
	sample.states[SAMPLE_SLASH] = (struct moor_dfa_state){.base = 1, .others = SAMPLE_ANY};
	sample.states[SAMPLE_READ].accept = 1;
	sample.states[SAMPLE_ANY] = (struct moor_dfa_state){.base = 256, .others = SAMPLE_ANY};
	sample.states[SAMPLE_WRITE] = (struct moor_dfa_state){.others = SAMPLE_ANY, .accept = 2};
	sample.states[SAMPLE_RUN] = (struct moor_dfa_state){.others = SAMPLE_SPECIAL, .run = 4};
	sample.states[SAMPLE_SPECIAL].accept = 3;
	sample.states[SAMPLE_VALUE].accept = 1;
	edge(&sample, SAMPLE_START, '/', SAMPLE_SLASH);
	edge(&sample, SAMPLE_SLASH, 'a', SAMPLE_READ);
	edge(&sample, SAMPLE_SLASH, 'r', SAMPLE_RUN);
	edge(&sample, SAMPLE_SLASH, 0, SAMPLE_VALUE);
	edge(&sample, SAMPLE_ANY, 'b', SAMPLE_WRITE);
	memcpy(sample.strings, "un/x", 4);
	sample.accepts[1].allow = MOOR_PERM_READ;
	sample.accepts[2] = (struct moor_dfa_accept){.allow = MOOR_PERM_WRITE | MOOR_PERM_APPEND,
						     .audit = MOOR_PERM_WRITE,
						     .deny = MOOR_PERM_DELETE};
	sample.accepts[3] = (struct moor_dfa_accept){
		.allow = MOOR_PERM_EXEC, .quiet = MOOR_PERM_READ, .helper = 2, .commands = 3};
	return sample;
}

static u8 *read_file(const char *path, u32 *length)
{
	FILE *file = fopen(path, "rb");
	u8 *bytes = malloc(1 << 20);
	size_t count;

	if (!file || !bytes)
		abort();
	count = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	*length = (u32)count;
	/* As large as needed, so that the sanitizer sees a read behind the end. */
	bytes = realloc(bytes, count ? count : 1);
	return bytes;
}

u32 each_compiled(void (*body)(const char *name, u8 *bytes, u32 length))
{
	DIR *folder = opendir(COMPILED);
	struct dirent *entry;
	u32 count = 0;

	if (!folder)
		return 0;
	while ((entry = readdir(folder))) {
		char path[4096];
		u32 length;
		u8 *bytes;

		if (!strstr(entry->d_name, ".bin"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", COMPILED, entry->d_name);
		bytes = read_file(path, &length);
		body(entry->d_name, bytes, length);
		free(bytes);
		count++;
	}
	closedir(folder);
	return count;
}

void look_up_everything(const struct moor_dfa *dfa)
{
	static const char *const paths[] = {
		"",
		"/",
		"/srv/web1/keys/private",
		"/usr/bin/swtpm",
		"/usr/libexec/qemu-bridge-helper",
		"/dev/kvm",
		"/alt/deep/q/r/w",
		"/class/n0123456789",
		"/star/d/x--y",
		"/middle/a/b/end",
		"/tmp/vl.aB3xY_",
		"//////////////////////////",
		"/srv/uuid/\x7f\x01\xff/disk.img",
	};
	u32 i, root;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		for (root = 0; root <= MOOR_DFA_ROOTS; root++) {
			struct moor_dfa_answer answer = {0};
			u32 length;

			for (length = 0; length <= strlen(paths[i]); length++)
				moor_dfa_look(dfa, (enum moor_dfa_root)root, paths[i], length,
					      &answer);
			if ((answer.allow | answer.audit | answer.deny | answer.quiet) &
			    ~MOOR_PERM_ALL)
				abort();
			if (answer.helper > dfa->helper_count ||
			    answer.command_count > MOOR_DFA_PER_DOMAIN)
				abort();
		}
	}
}
