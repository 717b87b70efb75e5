/* SPDX-License-Identifier: GPL-2.0-only */
/* What an access policy says of the sockets of the internet families. */
#ifndef MOOR_ACCESS_NETWORK_H
#define MOOR_ACCESS_NETWORK_H

#include "access.h"

/* The longest IPv6 address, and a NUL. */
#define MOOR_ADDRESS_TEXT 40

/**
 * struct moor_endpoint - one end of a socket
 * @address: in network order, as rules have it; of IPv4 the first 4 bytes
 * @port: 0: the kernel chooses one
 * @address_class: 4 or 6; 0: there is no address
 * @family: AF_* of the socket
 */
struct moor_endpoint {
	u8 address[16];
	u16 port;
	u8 address_class;
	u8 family;
};

u8 moor_network_class(int family, int type, int protocol);
bool moor_endpoint_read(struct moor_endpoint *endpoint, const void *address, u32 length);
void moor_endpoint_set(struct moor_endpoint *endpoint, u8 address_class, const void *address,
		       u16 port);
struct moor_access_finding moor_access_judge_network(const struct moor_access *access, u32 domain,
						     u8 class, u8 way,
						     const struct moor_endpoint *endpoint);
void moor_address_text(const struct moor_endpoint *endpoint, char text[MOOR_ADDRESS_TEXT]);
const char *moor_family_name(u8 family);

#endif /* MOOR_ACCESS_NETWORK_H */
