/* SPDX-License-Identifier: Apache-2.0 */
/* See CAutomaton.h: the module's check of packed access policies, and its lookups in them. */
#include "answer.h"

#include <stdlib.h>

#include "../../lsm/access.c"
#include "../../lsm/access_check.c"
#include "../../lsm/access_network.c"
#include "../../lsm/access_rules.c"

/* What the module gets from the kernel. */
void *moor_test_allocate(size_t count, size_t size)
{
	return calloc(count, size);
}

void moor_test_release(const void *memory)
{
	free((void *)memory);
}

int moor_test_access_open(const void *bytes, uint32_t length, struct moor_access **access,
			  uint32_t *error_offset)
{
	/* The policy owns them. */
	void *copy = malloc(length ? length : 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, length);
	*access = moor_access_create(copy, length, error_offset);
	if (!IS_ERR(*access))
		return 0;
	free(copy);
	return (int)PTR_ERR(*access);
}

void moor_test_access_close(struct moor_access *access)
{
	moor_access_free(access);
}

uint32_t moor_test_access_find(const struct moor_access *access, const char *vm)
{
	return moor_access_find(access, vm);
}

uint32_t moor_test_access_helper(const struct moor_access *access, uint32_t domain, uint32_t helper)
{
	return moor_access_helper(access, domain, helper);
}

void moor_test_access_look(const struct moor_access *access, uint32_t domain, uint32_t root,
			   const void *path, uint32_t length, struct moor_test_answer *answer)
{
	struct moor_dfa_answer found = {0};

	moor_access_look(access, domain, (enum moor_dfa_root)root, path, length, &found);
	tell(answer, &found);
}

int moor_test_access_commands(const struct moor_access *access,
			      const struct moor_test_answer *answer, uint32_t command)
{
	struct moor_dfa_answer found = {.command_count = answer->command_count};

	memcpy(found.commands, answer->commands, sizeof(found.commands));
	return moor_access_commands(access, &found, command);
}

int moor_test_access_network(const struct moor_access *access, uint32_t domain, int is_tcp,
			     int connects, const uint8_t *address, int address_class, uint16_t port)
{
	struct moor_endpoint endpoint = {0};
	struct moor_access_finding found;

	moor_endpoint_set(&endpoint, (u8)address_class, address, port);
	found = moor_access_judge_network(access, domain,
					  is_tcp ? MOOR_ACCESS_TCP : MOOR_ACCESS_UDP,
					  connects ? MOOR_WAY_CONNECT : MOOR_WAY_LISTEN, &endpoint);
	return !found.missing;
}
