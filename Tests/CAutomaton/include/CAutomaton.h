/* SPDX-License-Identifier: Apache-2.0 */
/* The module's own lookup of paths, and its check of packed policies, for the tests of what user
 * space compiles. */
#ifndef MOOR_CAUTOMATON_H
#define MOOR_CAUTOMATON_H

#include <stdint.h>

struct moor_test_answer {
	uint32_t allow;
	uint32_t audit;
	uint32_t deny;
	uint32_t quiet;
	uint32_t helper;
	uint32_t commands[4];
	uint32_t command_count;
	int parent;
};

/* Checks the packed automaton and adds to the answer what it says; 0 or -errno,
 * and where the first thing stands that is wrong. */
int moor_test_look(const void *automaton, uint32_t length, uint32_t root, const void *path,
		   uint32_t path_length, struct moor_test_answer *answer, uint32_t *error_offset);

struct moor_access;

/* Checks a packed access policy as a commit does; 0, or -errno and where the first thing stands
 * that is wrong. */
int moor_test_access_open(const void *bytes, uint32_t length, struct moor_access **access,
			  uint32_t *error_offset);
void moor_test_access_close(struct moor_access *access);

/* The domain of a VM, "" for a start without one; UINT32_MAX for none. */
uint32_t moor_test_access_find(const struct moor_access *access, const char *vm);
/* The domain of a domain's helper, by number from 1. */
uint32_t moor_test_access_helper(const struct moor_access *access, uint32_t domain,
				 uint32_t helper);
/* What a domain's rules say of a path. */
void moor_test_access_look(const struct moor_access *access, uint32_t domain, uint32_t root,
			   const void *path, uint32_t length, struct moor_test_answer *answer);
/* Whether an answer allows an ioctl command. */
int moor_test_access_commands(const struct moor_access *access,
			      const struct moor_test_answer *answer, uint32_t command);

/* Whether a domain may listen at, or connect to, an address of 4 or 16 bytes; the class is 4 or 6.
 */
int moor_test_access_network(const struct moor_access *access, uint32_t domain, int is_tcp,
			     int connects, const uint8_t *address, int address_class,
			     uint16_t port);

#endif /* MOOR_CAUTOMATON_H */
