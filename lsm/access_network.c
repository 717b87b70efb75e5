// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets of the internet families: their addresses, and what an access policy says of
 * them. An address is what the kernel will use, whatever family of socket it is given to.
 */
#include "access_network.h"
#include "access_packed.h"

/**
 * moor_network_class - which rules are about a socket
 * @family: AF_*
 * @type: SOCK_*
 * @protocol: IPPROTO_*; 0: the usual one of the type
 *
 * MPTCP, SCTP, UDP-Lite, raw sockets and the like reach the same addresses by other ways.
 *
 * Return: MOOR_ACCESS_TCP, MOOR_ACCESS_UDP, or 0 for a socket that no rule is about.
 */
u8 moor_network_class(int family, int type, int protocol)
{
	if (family != AF_INET && family != AF_INET6)
		return 0;
	if (type == SOCK_STREAM && (!protocol || protocol == IPPROTO_TCP))
		return MOOR_ACCESS_TCP;
	if (type == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP))
		return MOOR_ACCESS_UDP;
	return 0;
}

/**
 * moor_endpoint_set - an address as rules have it
 * @endpoint: out, but for its family
 * @address_class: 4 or 6
 * @address: 4 or 16 bytes
 * @port: in the machine's order
 *
 * IPv4 addresses in IPv6 form are IPv4: packets go there by IPv4.
 */
void moor_endpoint_set(struct moor_endpoint *endpoint, u8 address_class, const void *address,
		       u16 port)
{
	static const u8 mapped[12] = {[10] = 0xff, [11] = 0xff};
	const u8 *bytes = address;
	u32 length = address_class == 4 ? 4 : 16;

	if (length == 16 && !memcmp(bytes, mapped, sizeof(mapped))) {
		bytes += sizeof(mapped);
		length = 4;
	}
	memset(endpoint->address, 0, sizeof(endpoint->address));
	memcpy(endpoint->address, bytes, length);
	endpoint->address_class = length == 4 ? 4 : 6;
	endpoint->port = port;
}

static u16 port_of(__be16 port)
{
	const u8 *bytes = (const u8 *)&port;

	return (u16)(bytes[0] << 8 | bytes[1]);
}

/**
 * moor_endpoint_read - the address that user space names
 * @endpoint: out, but for its family
 * @address: a struct sockaddr, in the kernel's memory
 * @length: of it
 *
 * Its own family counts, not the socket's: an IPv6 socket sends to IPv4 addresses as well. What
 * says that it is of no family is taken for IPv4 by bind(2), and by UDP when it sends.
 *
 * Return: false when it is no such address.
 */
bool moor_endpoint_read(struct moor_endpoint *endpoint, const void *address, u32 length)
{
	const struct sockaddr_in6 *six = address;
	const struct sockaddr_in *four = address;

	/* Up to the scope, which the kernel does without. */
	if (length < sizeof(four->sin_family))
		return false;
	if (four->sin_family == AF_INET6) {
		if (length < offsetof(struct sockaddr_in6, sin6_scope_id))
			return false;
		moor_endpoint_set(endpoint, 6, &six->sin6_addr, port_of(six->sin6_port));
		return true;
	}
	if ((four->sin_family != AF_INET && four->sin_family != AF_UNSPEC) ||
	    length < sizeof(*four))
		return false;
	moor_endpoint_set(endpoint, 4, &four->sin_addr, port_of(four->sin_port));
	return true;
}

static bool same_bits(const u8 *one, const u8 *other, u32 bits)
{
	u32 bytes = bits / 8, rest = bits % 8;

	if (memcmp(one, other, bytes))
		return false;
	return !rest || !((one[bytes] ^ other[bytes]) >> (8 - rest));
}

static bool denies(const struct moor_access_rule *rule)
{
	return rule->effect == MOOR_EFFECT_DENY || rule->effect == MOOR_EFFECT_QUIET;
}

static bool address_matches(const struct moor_access_rule *rule,
			    const struct moor_endpoint *endpoint)
{
	/* This is every address of the host, or its loopback: each that is denied may be meant. */
	if (denies(rule) && moor_is_zero(endpoint->address, sizeof(endpoint->address)))
		return true;
	if (!rule->address_class)
		return true;
	return rule->address_class == endpoint->address_class &&
	       same_bits(rule->address, endpoint->address, rule->prefix);
}

static bool is_about(const struct moor_access_rule *rule, u8 class, u8 way,
		     const struct moor_endpoint *endpoint)
{
	if (rule->rule_class != class)
		return false;
	if (!way)
		return true;
	return rule->way == way && rule->first_port <= endpoint->port &&
	       endpoint->port <= rule->last_port && address_matches(rule, endpoint);
}

/**
 * moor_access_judge_network - may a domain use this end?
 * @access: the policy
 * @domain: from moor_access_find()
 * @class: of rules: MOOR_ACCESS_TCP or MOOR_ACCESS_UDP; 0: no rule is about it
 * @way: MOOR_WAY_LISTEN or MOOR_WAY_CONNECT; 0: none yet, it is to be made
 * @endpoint: its own end to listen, the other to connect; not looked at without a way
 *
 * A socket may be made when some rule allows something with one of its class, whatever others
 * deny. Of what is found, @missing and @recorded are 1 for the socket.
 *
 * Context: any; no allocation, no sleep, no lock. One step a rule of the domain.
 */
struct moor_access_finding moor_access_judge_network(const struct moor_access *access, u32 domain,
						     u8 class, u8 way,
						     const struct moor_endpoint *endpoint)
{
	bool has[MOOR_EFFECTS] = {false};
	const struct moor_access_slice *rules;
	struct moor_access_finding finding;
	u32 i;

	if (domain < access->domain_count) {
		rules = &access->domains[domain].rules;
		for (i = rules->first; i < rules->first + rules->count; i++)
			if (is_about(&access->rules[i], class, way, endpoint))
				has[access->rules[i].effect] = true;
	}
	if (!way && (has[MOOR_EFFECT_ALLOW] || has[MOOR_EFFECT_AUDIT]))
		return (struct moor_access_finding){.enforced =
							    moor_access_enforces(access, domain)};
	finding = moor_access_found(has);
	finding.enforced = moor_access_enforces(access, domain);
	return finding;
}

static char *write_number(char *to, u32 number, u32 base)
{
	if (number >= base)
		to = write_number(to, number / base, base);
	*to++ = "0123456789abcdef"[number % base];
	return to;
}

static u32 group(const struct moor_endpoint *endpoint, u32 index)
{
	return (u32)endpoint->address[2 * index] << 8 | endpoint->address[2 * index + 1];
}

/* How many groups are zero from @index on. */
static u32 zeros(const struct moor_endpoint *endpoint, u32 index)
{
	u32 count = 0;

	while (index + count < 8 && !group(endpoint, index + count))
		count++;
	return count;
}

/* RFC 5952: the first longest run of zero groups is left out, when it is of two or more. */
static char *write_six(char *to, const struct moor_endpoint *endpoint)
{
	u32 i, first = 8, longest = 1;

	for (i = 0; i < 8; i++) {
		if (zeros(endpoint, i) > longest) {
			longest = zeros(endpoint, i);
			first = i;
		}
	}
	for (i = 0; i < 8; i++) {
		if (i == first) {
			*to++ = ':';
			*to++ = ':';
			i += longest - 1;
			continue;
		}
		if (i && i != first + longest)
			*to++ = ':';
		to = write_number(to, group(endpoint, i), 16);
	}
	return to;
}

/**
 * moor_address_text - an address as policies spell it, without brackets
 * @endpoint: that has one
 * @text: out
 */
void moor_address_text(const struct moor_endpoint *endpoint, char text[MOOR_ADDRESS_TEXT])
{
	char *to = text;
	u32 i;

	if (endpoint->address_class == 6) {
		to = write_six(to, endpoint);
	} else {
		for (i = 0; i < 4; i++) {
			if (i)
				*to++ = '.';
			to = write_number(to, endpoint->address[i], 10);
		}
	}
	*to = '\0';
}

/**
 * moor_family_name - a family of sockets as the access log spells it
 * @family: AF_*
 *
 * Return: a constant string; NULL for one that has no name here.
 */
const char *moor_family_name(u8 family)
{
	static const char *const names[] = {
		[AF_UNIX] = "unix",
		[AF_INET] = "inet",
		[AF_INET6] = "inet6",
		[AF_X25] = "x25",
		[AF_NETLINK] = "netlink",
		[AF_PACKET] = "packet",
		[AF_RDS] = "rds",
		[AF_CAN] = "can",
		[AF_TIPC] = "tipc",
		[AF_IUCV] = "iucv",
		[AF_BLUETOOTH] = "bluetooth",
		[AF_ALG] = "alg",
		[AF_KCM] = "kcm",
		[AF_VSOCK] = "vsock",
		[AF_XDP] = "xdp",
		[AF_SMC] = "smc",
		[AF_QIPCRTR] = "qipcrtr",
		[AF_NFC] = "nfc",
	};

	return family < ARRAY_SIZE(names) ? names[family] : NULL;
}
