// SPDX-License-Identifier: GPL-2.0-only
/* What an access policy answers about sockets of the internet families. */
#include "access_make.h"
#include "access_network.h"
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { LISTEN = MOOR_WAY_LISTEN, CONNECT = MOOR_WAY_CONNECT };
enum { TCP = MOOR_ACCESS_TCP, UDP = MOOR_ACCESS_UDP };

static struct moor_endpoint end_of(const char *text, u16 port)
{
	struct moor_endpoint endpoint = {0};
	u8 address[16];

	if (inet_pton(AF_INET, text, address) == 1)
		moor_endpoint_set(&endpoint, 4, address, port);
	else if (inet_pton(AF_INET6, text, address) == 1)
		moor_endpoint_set(&endpoint, 6, address, port);
	else
		test_fail(__FILE__, __LINE__, "%s is no address", text);
	return endpoint;
}

static struct moor_access_rule rule_of(u8 class, u8 way, u8 effect, const char *address, u8 prefix,
				       u16 first, u16 last)
{
	struct moor_access_rule rule = {
		.rule_class = class,
		.way = way,
		.effect = effect,
		.prefix = prefix,
		.first_port = first,
		.last_port = last,
	};

	if (!address)
		return rule;
	rule.address_class = strchr(address, ':') ? 6 : 4;
	if (inet_pton(rule.address_class == 6 ? AF_INET6 : AF_INET, address, rule.address) != 1)
		test_fail(__FILE__, __LINE__, "%s is no address", address);
	return rule;
}

/* The domain's rules are these, at most POLICY_RULES. */
static struct moor_access *made(const struct moor_access_rule *rules, u32 count)
{
	struct policy policy = policy_make();
	u32 offset;

	memset(policy.rules, 0, sizeof(policy.rules));
	for (u32 i = 0; i < POLICY_RULES; i++)
		policy.rules[i] =
			i < count ? rules[i]
				  : (struct moor_access_rule){.mask = 1,
							      .rule_class = MOOR_ACCESS_CAPABILITY};
	return moor_access_create(policy_copy(&policy, sizeof(policy)), sizeof(policy), &offset);
}

static void tells_classes(void)
{
	static const struct {
		const char *what;
		int family, type, protocol;
		u8 class;
	} rows[] = {
		{"TCP", AF_INET, SOCK_STREAM, 0, TCP},
		{"TCP by number, IPv6", AF_INET6, SOCK_STREAM, IPPROTO_TCP, TCP},
		{"UDP", AF_INET6, SOCK_DGRAM, 0, UDP},
		{"UDP by number", AF_INET, SOCK_DGRAM, IPPROTO_UDP, UDP},
		{"MPTCP", AF_INET, SOCK_STREAM, IPPROTO_MPTCP, 0},
		{"SCTP", AF_INET, SOCK_STREAM, IPPROTO_SCTP, 0},
		{"UDP-Lite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, 0},
		{"ping", AF_INET, SOCK_DGRAM, IPPROTO_ICMP, 0},
		{"raw", AF_INET, SOCK_RAW, IPPROTO_UDP, 0},
		{"a stream of UDP", AF_INET, SOCK_STREAM, IPPROTO_UDP, 0},
		{"unix", AF_UNIX, SOCK_STREAM, 0, 0},
		{"netlink", AF_NETLINK, SOCK_DGRAM, 0, 0},
		{"packet", AF_PACKET, SOCK_DGRAM, 0, 0},
		{"vsock", AF_VSOCK, SOCK_STREAM, 0, 0},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		test_begin("access tells what rules are about: %s", rows[i].what);
		CHECK_EQUAL(moor_network_class(rows[i].family, rows[i].type, rows[i].protocol),
			    rows[i].class);
		test_end();
	}
}

static void reads_addresses(void)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(4444)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(22)};
	struct moor_endpoint endpoint = {.family = 99};
	struct sockaddr_storage large = {.ss_family = AF_PACKET};
	const u32 without_scope = offsetof(struct sockaddr_in6, sin6_scope_id);

	test_begin("access reads the addresses of sockets");
	inet_pton(AF_INET, "10.1.2.3", &four.sin_addr);
	CHECK(moor_endpoint_read(&endpoint, &four, sizeof(four)));
	CHECK_EQUAL(endpoint.address_class, 4);
	CHECK_EQUAL(endpoint.port, 4444);
	CHECK(!memcmp(endpoint.address, "\x0a\x01\x02\x03\0\0\0\0\0\0\0\0\0\0\0", 16));
	CHECK_EQUAL(endpoint.family, 99);
	/* The whole of a longer one counts no more. */
	memcpy(&large, &four, sizeof(four));
	CHECK(moor_endpoint_read(&endpoint, &large, sizeof(large)));
	CHECK_EQUAL(endpoint.port, 4444);
	four.sin_family = AF_UNSPEC;
	CHECK(moor_endpoint_read(&endpoint, &four, sizeof(four)));
	CHECK_EQUAL(endpoint.address_class, 4);

	inet_pton(AF_INET6, "fe80::1", &six.sin6_addr);
	six.sin6_scope_id = 7;
	CHECK(moor_endpoint_read(&endpoint, &six, sizeof(six)));
	CHECK_EQUAL(endpoint.address_class, 6);
	CHECK_EQUAL(endpoint.port, 22);
	CHECK(!memcmp(endpoint.address, &six.sin6_addr, 16));
	CHECK(moor_endpoint_read(&endpoint, &six, without_scope));
	test_end();

	test_begin("access takes IPv4 in IPv6 form for IPv4, and nothing else");
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &six.sin6_addr);
	CHECK(moor_endpoint_read(&endpoint, &six, sizeof(six)));
	CHECK_EQUAL(endpoint.address_class, 4);
	CHECK(!memcmp(endpoint.address, "\x7f\0\0\x01\0\0\0\0\0\0\0\0\0\0\0", 16));
	inet_pton(AF_INET6, "::fffe:127.0.0.1", &six.sin6_addr);
	CHECK(moor_endpoint_read(&endpoint, &six, sizeof(six)));
	CHECK_EQUAL(endpoint.address_class, 6);
	inet_pton(AF_INET6, "::127.0.0.1", &six.sin6_addr);
	CHECK(moor_endpoint_read(&endpoint, &six, sizeof(six)));
	CHECK_EQUAL(endpoint.address_class, 6);
	test_end();

	test_begin("access reads no address that is cut, or of another family");
	CHECK(!moor_endpoint_read(&endpoint, &six, without_scope - 1));
	CHECK(!moor_endpoint_read(&endpoint, &four, sizeof(four) - 1));
	CHECK(!moor_endpoint_read(&endpoint, &four, 1));
	CHECK(!moor_endpoint_read(&endpoint, &four, 0));
	four.sin_family = AF_UNIX;
	CHECK(!moor_endpoint_read(&endpoint, &four, sizeof(four)));
	test_end();
}

/* One rule, and an end: is it granted? */
static void matches(void)
{
	static const struct {
		const char *what;
		u8 class, way;
		const char *network;
		u8 prefix;
		u16 first, last;
		u8 asked, asked_way;
		const char *address;
		u16 port;
		bool granted;
	} rows[] = {
		{"the address", TCP, CONNECT, "10.0.0.1", 32, 22, 22, TCP, CONNECT, "10.0.0.1", 22,
		 true},
		{"another address", TCP, CONNECT, "10.0.0.1", 32, 22, 22, TCP, CONNECT, "10.0.0.2",
		 22, false},
		{"a port below", TCP, CONNECT, "10.0.0.1", 32, 22, 24, TCP, CONNECT, "10.0.0.1", 21,
		 false},
		{"the last port", TCP, CONNECT, "10.0.0.1", 32, 22, 24, TCP, CONNECT, "10.0.0.1",
		 24, true},
		{"a port above", TCP, CONNECT, "10.0.0.1", 32, 22, 24, TCP, CONNECT, "10.0.0.1", 25,
		 false},
		{"the other way", TCP, LISTEN, "10.0.0.1", 32, 22, 22, TCP, CONNECT, "10.0.0.1", 22,
		 false},
		{"the other protocol", UDP, CONNECT, "10.0.0.1", 32, 22, 22, TCP, CONNECT,
		 "10.0.0.1", 22, false},
		{"a network", TCP, CONNECT, "10.0.0.0", 8, 22, 22, TCP, CONNECT, "10.255.0.1", 22,
		 true},
		{"another network", TCP, CONNECT, "10.0.0.0", 8, 22, 22, TCP, CONNECT, "11.0.0.1",
		 22, false},
		{"the last bit of a network", TCP, CONNECT, "10.128.0.0", 9, 0, 65535, TCP, CONNECT,
		 "10.127.0.1", 22, false},
		{"within nine bits", TCP, CONNECT, "10.128.0.0", 9, 0, 65535, TCP, CONNECT,
		 "10.200.0.1", 22, true},
		{"the network of 31 bits", TCP, CONNECT, "10.0.0.2", 31, 0, 65535, TCP, CONNECT,
		 "10.0.0.3", 22, true},
		{"beside the network of 31 bits", TCP, CONNECT, "10.0.0.2", 31, 0, 65535, TCP,
		 CONNECT, "10.0.0.4", 22, false},
		{"all of IPv4", TCP, CONNECT, "0.0.0.0", 0, 22, 22, TCP, CONNECT, "192.0.2.1", 22,
		 true},
		{"all of IPv4 is not IPv6", TCP, CONNECT, "0.0.0.0", 0, 22, 22, TCP, CONNECT,
		 "fd00::1", 22, false},
		{"every address, IPv6", TCP, CONNECT, NULL, 0, 22, 22, TCP, CONNECT, "fd00::1", 22,
		 true},
		{"IPv4 in IPv6 form", TCP, CONNECT, "127.0.0.1", 32, 22, 22, TCP, CONNECT,
		 "::ffff:127.0.0.1", 22, true},
		{"a network of IPv6 has no IPv4", TCP, CONNECT, "::", 0, 22, 22, TCP, CONNECT,
		 "::ffff:127.0.0.1", 22, false},
		{"a network of IPv6", UDP, CONNECT, "fd00::", 8, 22, 22, UDP, CONNECT, "fdff::1",
		 22, true},
		{"another network of IPv6", UDP, CONNECT, "fd00:1::", 33, 22, 22, UDP, CONNECT,
		 "fd00:1:8000::1", 22, false},
		{"the last address of IPv6", TCP, CONNECT, "::1", 128, 22, 22, TCP, CONNECT, "::1",
		 22, true},
		{"beside the last address of IPv6", TCP, CONNECT, "::1", 128, 22, 22, TCP, CONNECT,
		 "::2", 22, false},
		{"all addresses are not one", TCP, LISTEN, "127.0.0.1", 32, 22, 22, TCP, LISTEN,
		 "0.0.0.0", 22, false},
		{"all addresses by name", TCP, LISTEN, "0.0.0.0", 32, 22, 22, TCP, LISTEN,
		 "0.0.0.0", 22, true},
		{"all addresses", TCP, LISTEN, NULL, 0, 22, 22, TCP, LISTEN, "::", 22, true},
		{"a port that the kernel chooses", TCP, LISTEN, NULL, 0, 1, 65535, TCP, LISTEN,
		 "::", 0, false},
		{"every port, also one that the kernel chooses", TCP, LISTEN, NULL, 0, 0, 65535,
		 TCP, LISTEN, "::", 0, true},
		{"what no rule is about", TCP, CONNECT, NULL, 0, 0, 65535, 0, CONNECT, "10.0.0.1",
		 22, false},
		{"a socket that is made", TCP, LISTEN, "10.0.0.1", 32, 22, 22, TCP, 0, "10.0.0.9",
		 9, true},
		{"a socket of the other protocol", TCP, LISTEN, "10.0.0.1", 32, 22, 22, UDP, 0,
		 "10.0.0.1", 22, false},
		{"a socket that no rule is about", TCP, LISTEN, "10.0.0.1", 32, 22, 22, 0, 0,
		 "10.0.0.1", 22, false},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct moor_access_rule rule =
			rule_of(rows[i].class, rows[i].way, MOOR_EFFECT_ALLOW, rows[i].network,
				rows[i].prefix, rows[i].first, rows[i].last);
		const struct moor_endpoint endpoint = end_of(rows[i].address, rows[i].port);
		struct moor_access *access = made(&rule, 1);
		struct moor_access_finding finding;

		test_begin("access matches sockets: %s", rows[i].what);
		CHECK(!IS_ERR(access));
		finding = moor_access_judge_network(access, POLICY_WEB1, rows[i].asked,
						    rows[i].asked_way, &endpoint);
		CHECK_EQUAL(finding.missing, !rows[i].granted);
		CHECK(!finding.recorded);
		CHECK(!finding.quiet);
		CHECK(!finding.enforced);
		access->enforcing = true;
		CHECK(moor_access_judge_network(access, POLICY_WEB1, rows[i].asked,
						rows[i].asked_way, &endpoint)
			      .enforced);
		/* Without a domain nothing is. */
		finding = moor_access_judge_network(access, MOOR_ACCESS_NO_DOMAIN, rows[i].asked,
						    rows[i].asked_way, &endpoint);
		CHECK(finding.missing && finding.enforced);
		moor_access_free(access);
		test_end();
	}
}

static void adds_up(void)
{
	enum { A = MOOR_EFFECT_ALLOW, R = MOOR_EFFECT_AUDIT };
	enum { D = MOOR_EFFECT_DENY, Q = MOOR_EFFECT_QUIET };
	static const struct {
		const char *what;
		u8 effect; /* of tcp connect *:1-100 */
		u8 other;  /* of tcp connect 127.0.0.0/8:50-60 */
		u8 way;
		const char *address;
		u16 port;
		bool missing, recorded, quiet;
	} rows[] = {
		{"a denial above what is allowed", A, D, CONNECT, "127.0.0.1", 55, true, false,
		 false},
		{"beside the denial", A, D, CONNECT, "10.0.0.1", 55, false, false, false},
		{"a port beside the denial", A, D, CONNECT, "127.0.0.1", 61, false, false, false},
		{"a denial of what the loopback's other name leads to", A, D, CONNECT, "0.0.0.0",
		 55, true, false, false},
		{"and that of IPv6", A, D, CONNECT, "::", 55, true, false, false},
		{"and in IPv6 form", A, D, CONNECT, "::ffff:0.0.0.0", 55, true, false, false},
		{"a denial of other ports only", A, D, CONNECT, "0.0.0.0", 61, false, false, false},
		{"a quiet denial", A, Q, CONNECT, "127.0.0.1", 55, true, false, true},
		{"a quiet denial and one that is not", D, Q, CONNECT, "127.0.0.1", 55, true, false,
		 false},
		{"what is recorded", R, A, CONNECT, "127.0.0.1", 55, false, true, false},
		{"what is recorded and denied", R, D, CONNECT, "127.0.0.1", 55, true, false, false},
		{"a socket is made in spite of denials", A, D, 0, "0.0.0.0", 0, false, false,
		 false},
		{"that a socket is made is not recorded", R, R, 0, "0.0.0.0", 0, false, false,
		 false},
		{"no socket by denials", D, Q, 0, "0.0.0.0", 0, true, false, false},
		{"quietly no socket", Q, Q, 0, "0.0.0.0", 0, true, false, true},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct moor_access_rule rules[] = {
			rule_of(TCP, CONNECT, rows[i].effect, NULL, 0, 1, 100),
			rule_of(TCP, CONNECT, rows[i].other, "127.0.0.0", 8, 50, 60),
		};
		const struct moor_endpoint endpoint = end_of(rows[i].address, rows[i].port);
		struct moor_access *access = made(rules, 2);
		struct moor_access_finding finding;

		test_begin("access adds up rules about sockets: %s", rows[i].what);
		finding =
			moor_access_judge_network(access, POLICY_WEB1, TCP, rows[i].way, &endpoint);
		CHECK_EQUAL(finding.missing, rows[i].missing);
		CHECK_EQUAL(finding.recorded, rows[i].recorded);
		CHECK_EQUAL(finding.quiet, rows[i].quiet);
		moor_access_free(access);
		test_end();
	}
}

static void writes_addresses(void)
{
	/* As inet_ntop() writes them, which follows RFC 5952. */
	static const char *const texts[] = {
		"0.0.0.0",
		"127.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"fe80::",
		"fd00::1:0:0:1",
		"1:0:0:2::3",
		"1:2:3:4:5:6:7:8",
		"1:0:3:4:5:6:7:8",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"1:2:3:4:5:6::",
		"::3:4:5:6:7:8",
		"0:2:3:4:5:6:7:0",
		"fd00::a0b",
	};

	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct moor_endpoint endpoint = end_of(texts[i], 0);
		char text[MOOR_ADDRESS_TEXT];

		test_begin("access writes the address %s", texts[i]);
		moor_address_text(&endpoint, text);
		if (strcmp(text, texts[i]))
			test_fail(__FILE__, __LINE__, "%s is written %s", texts[i], text);
		test_end();
	}
}

static void names_families(void)
{
	test_begin("access names families of sockets");
	CHECK(!strcmp(moor_family_name(AF_NETLINK), "netlink"));
	CHECK(!strcmp(moor_family_name(AF_VSOCK), "vsock"));
	CHECK(!moor_family_name(0));
	CHECK(!moor_family_name(AF_ROSE));
	CHECK(!moor_family_name(255));
	test_end();
}

void access_network_tests(void)
{
	tells_classes();
	reads_addresses();
	matches();
	adds_up();
	writes_addresses();
	names_families();
}
