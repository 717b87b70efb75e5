/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR Apache-2.0 */
/*
 * The one ABI between moor's kernel module and user space: the ioctls of
 * /dev/moor, the packed trust entries, and the tags of the measurement log.
 * docs/formats.md explains every field. All integers of the ioctls are in the
 * machine's order; all integers of the measurement log are big-endian, as the
 * TCG Canonical Event Log has them.
 */
#ifndef MOOR_UAPI_H
#define MOOR_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MOOR_ABI_VERSION     1
#define MOOR_DEVICE_NAME     "moor"
#define MOOR_DEVICE_PATH     "/dev/moor"
#define MOOR_SYSFS_PATH	     "/sys/kernel/moor"
#define MOOR_SECURITYFS_PATH "/sys/kernel/security/moor"

/* Limits, the same on both sides. */
#define MOOR_PATH_MAX	       4095 /* bytes of a path, without the NUL */
#define MOOR_VM_NAME_MAX       63
#define MOOR_POLICY_NAME_MAX   127
#define MOOR_DIGEST_MAX	       64
#define MOOR_TRUST_ENTRIES_MAX 65536
#define MOOR_TRUST_BYTES_MAX   (16U << 20)
#define MOOR_BANKS_MAX	       8

/* What a trust entry vouches for. */
enum moor_kind {
	MOOR_KIND_EXEC = 1,	/* a program; see MOOR_TRUST_DOMAIN */
	MOOR_KIND_LIBRARY = 2,	/* a PROT_EXEC mapping inside a domain */
	MOOR_KIND_FIRMWARE = 3, /* a file a domain opens or is handed */
	MOOR_KIND_MODULE = 4,	/* a kernel module read from a file */
};

/* Flags of a trust entry; only with MOOR_KIND_EXEC. */
#define MOOR_TRUST_DOMAIN      (1U << 0) /* exec starts a guarded domain */
#define MOOR_TRUST_MEMORY_EXEC (1U << 1) /* anonymous executable memory */
#define MOOR_TRUST_FLAGS       (MOOR_TRUST_DOMAIN | MOOR_TRUST_MEMORY_EXEC)

/* How a digest was taken. NONE: the entry names a path whose digest is yet
 * unknown; it is measured in learning mode and refused in enforcing mode. */
enum moor_algorithm {
	MOOR_ALGORITHM_NONE = 0,	    /* no digest */
	MOOR_ALGORITHM_SHA256 = 1,	    /* of the file's bytes, 32 bytes */
	MOOR_ALGORITHM_FSVERITY_SHA256 = 2, /* fs-verity file digest, 32 bytes */
	MOOR_ALGORITHM_FSVERITY_SHA512 = 3, /* fs-verity file digest, 64 bytes */
};

/* One packed trust entry, 8-byte aligned: this header, the digest, the path
 * (absolute, normalised, no NUL), zero bytes up to a multiple of 8. Several
 * digests of one path are several entries. */
struct moor_trust_entry {
	__u16 size; /* of the whole entry, a multiple of 8 */
	__u16 path_length;
	__u8 kind;	/* enum moor_kind */
	__u8 algorithm; /* enum moor_algorithm */
	__u8 digest_length;
	__u8 flags;
};

/* Every ioctl argument begins with its own size and the ABI version; one that
 * does not fit is refused: EINVAL for the size, ENOTSUP for the version. */
struct moor_header {
	__u32 size;
	__u32 version;
};

struct moor_simple {
	struct moor_header header;
};

struct moor_trust_begin {
	struct moor_header header;
	__u32 entry_count;
	__u32 byte_count; /* of all packed entries together */
};

struct moor_trust_add {
	struct moor_header header;
	__u64 entries; /* user pointer to packed entries */
	__u32 byte_count;
	__u32 error_offset; /* out: where the first unreadable entry begins */
};

#define MOOR_COMMIT_ENFORCING (1U << 0)
#define MOOR_COMMIT_FLAGS     MOOR_COMMIT_ENFORCING

struct moor_trust_commit {
	struct moor_header header;
	__u32 flags;
	__u32 reserved;	  /* zero */
	__u64 version;	  /* the person's number, from the policy header */
	__u64 generation; /* 0 while the policy is not sealed */
	__u8 digest[32];  /* SHA-256 of all packed bytes in order */
	char name[MOOR_POLICY_NAME_MAX + 1];
};

/* ATTACH_BEGIN: the hooks of access rules are held as well. */
#define MOOR_ATTACH_ACCESS (1U << 0)
#define MOOR_ATTACH_FLAGS  MOOR_ATTACH_ACCESS

/* ATTACH_BEGIN answers with the cookie that every link must carry; only the
 * caller can load programs that call the module until ARM or close. */
struct moor_attach_begin {
	struct moor_header header;
	__u64 cookie;	  /* out */
	__u32 hook_count; /* out: how many links make it whole */
	__u32 flags;	  /* MOOR_ATTACH_* */
};

struct moor_attach {
	struct moor_header header;
	__s32 link_fd;
	__u32 reserved;
};

/* Sets of hooks: hook N of the module's table is bit N % 64 of word N / 64. */
#define MOOR_HOOK_WORDS 2

struct moor_arm {
	struct moor_header header;
	__u64 missing[MOOR_HOOK_WORDS];	 /* out, with ENOLINK: these have no link */
	__u64 unproven[MOOR_HOOK_WORDS]; /* out, with EPROTO: these were never called */
};

struct moor_bind {
	struct moor_header header;
	char vm[MOOR_VM_NAME_MAX + 1];
};

/* Further device numbers that obey the gate (those with dynamic majors). */
struct moor_gate {
	struct moor_header header;
	__u32 major;
	__u32 minor_first;
	__u32 minor_last;
	__u32 reserved;
};

/* The log from a record on, and the PCR, as of one instant. */
struct moor_bank_value {
	__u16 algorithm; /* TPM_ALG_ID */
	__u16 digest_length;
	__u32 reserved;
	__u8 digest[MOOR_DIGEST_MAX];
};

struct moor_snapshot {
	struct moor_header header;
	__u64 first_record;  /* in: record number of the first one wanted */
	__u64 buffer;	     /* in: user pointer */
	__u32 buffer_size;   /* in */
	__u32 log_bytes;     /* out: bytes written, or with ENOSPC needed */
	__u64 record_count;  /* out: records in the log */
	__u64 pending_count; /* out: records that wait for the cap */
	__u32 pcr;	     /* out */
	__u32 bank_count;    /* out */
	struct moor_bank_value banks[MOOR_BANKS_MAX]; /* out, read from the TPM */
};

/* An object that is a VM's alone, for the access policy that is being staged. The module takes it
 * from an open descriptor, and never from a number. */
struct moor_access_object {
	struct moor_header header;
	__u64 token;  /* of the policy, from /sys/kernel/moor/access/begin */
	__s32 fd;     /* of the object; O_PATH is enough */
	__u32 number; /* of this claim; out, with EEXIST: of the other VM's that has it */
	char vm[MOOR_VM_NAME_MAX + 1];
};

/* Numbers 1 and 2 never reach a driver as whole commands; moor starts at 16. */
#define MOOR_IOC_MAGIC	      0xB7
#define MOOR_IOC_ATTACH_BEGIN _IOWR(MOOR_IOC_MAGIC, 16, struct moor_attach_begin)
#define MOOR_IOC_ATTACH	      _IOW(MOOR_IOC_MAGIC, 17, struct moor_attach)
#define MOOR_IOC_ARM	      _IOWR(MOOR_IOC_MAGIC, 18, struct moor_arm)
#define MOOR_IOC_RELEASE      _IOW(MOOR_IOC_MAGIC, 19, struct moor_simple)
#define MOOR_IOC_TRUST_BEGIN  _IOW(MOOR_IOC_MAGIC, 20, struct moor_trust_begin)
#define MOOR_IOC_TRUST_ADD    _IOWR(MOOR_IOC_MAGIC, 21, struct moor_trust_add)
#define MOOR_IOC_TRUST_COMMIT _IOW(MOOR_IOC_MAGIC, 22, struct moor_trust_commit)
#define MOOR_IOC_TRUST_ABORT  _IOW(MOOR_IOC_MAGIC, 23, struct moor_simple)
#define MOOR_IOC_BIND	      _IOW(MOOR_IOC_MAGIC, 24, struct moor_bind)
#define MOOR_IOC_GATE	      _IOW(MOOR_IOC_MAGIC, 25, struct moor_gate)
#define MOOR_IOC_CAP	      _IOW(MOOR_IOC_MAGIC, 26, struct moor_simple)
#define MOOR_IOC_LOCK	      _IOW(MOOR_IOC_MAGIC, 27, struct moor_simple)
#define MOOR_IOC_SNAPSHOT     _IOWR(MOOR_IOC_MAGIC, 28, struct moor_snapshot)
/* Reserved: 29 gate key, 30 grant. */
#define MOOR_IOC_ACCESS_OBJECT _IOWR(MOOR_IOC_MAGIC, 31, struct moor_access_object)

/*
 * The measurement log: records of the TCG Canonical Event Log (TLV). A record
 * is RECNUM, PCR, DIGESTS, then a content of type MOOR_CEL_CONTENT. Each bank's
 * digest is that bank's hash over the value of the content's EVENT element;
 * the NOTE element is not extended.
 */
#define MOOR_CEL_RECNUM	 0
#define MOOR_CEL_PCR	 1
#define MOOR_CEL_DIGESTS 3
#define MOOR_CEL_CONTENT 0x6D

/* Elements of the content's value: type (1 byte), length (4 bytes), value. */
enum moor_content {
	MOOR_CONTENT_EVENT = 1,
	MOOR_CONTENT_NOTE = 2,
};

/* What a record says. */
enum moor_record {
	MOOR_RECORD_START = 1,	 /* armed: what the PCR held, who we are */
	MOOR_RECORD_CAP = 2,	 /* the PCR is capped */
	MOOR_RECORD_POLICY = 3,	 /* a trust policy came into force */
	MOOR_RECORD_MODE = 4,	 /* learning or enforcing */
	MOOR_RECORD_MEASURE = 5, /* a file was measured and let pass */
	MOOR_RECORD_REFUSE = 6,	 /* a file or an act was refused */
	MOOR_RECORD_LOCK = 7,
	MOOR_RECORD_RELEASE = 8,    /* the hooks were given back */
	MOOR_RECORD_UNMEASURED = 9, /* something came in without a file to measure */
	MOOR_RECORD_FLOOD = 10,	    /* refusals of a VM, or outside, are not recorded any more */
	MOOR_RECORD_ACCESS = 11,    /* an access policy came into force */
};

/* Fields of an EVENT's value, each once, in ascending order of tag. */
enum moor_field {
	MOOR_FIELD_RECORD = 1,	      /* u8, enum moor_record */
	MOOR_FIELD_KIND = 2,	      /* u8, enum moor_kind */
	MOOR_FIELD_PATH = 3,	      /* bytes as the kernel builds them */
	MOOR_FIELD_ALGORITHM = 4,     /* u8, enum moor_algorithm */
	MOOR_FIELD_DIGEST = 5,	      /* what was found */
	MOOR_FIELD_EXPECTED = 6,      /* what the policy lists (the first of several) */
	MOOR_FIELD_REASON = 7,	      /* u8, enum moor_reason */
	MOOR_FIELD_MODE = 8,	      /* u8, enum moor_mode */
	MOOR_FIELD_NAME = 9,	      /* policy name */
	MOOR_FIELD_VERSION = 10,      /* u64 */
	MOOR_FIELD_GENERATION = 11,   /* u64 */
	MOOR_FIELD_ABI = 12,	      /* u32, MOOR_ABI_VERSION */
	MOOR_FIELD_BUILD_ID = 13,     /* the module's GNU build id */
	MOOR_FIELD_PROGRAM_TAGS = 14, /* 8 bytes a hook, in table order */
	MOOR_FIELD_PCR_BEFORE = 15,   /* u16 algorithm, u16 length, digest; repeated */
	MOOR_FIELD_CLOSED = 16,	      /* u8, 1 when loaded with closed=1 */
};

/* Fields of a NOTE's value. */
enum moor_note {
	MOOR_NOTE_BOOT = 1, /* 16 bytes, the kernel's boot id */
	MOOR_NOTE_TIME = 2, /* u64, ns since boot, CLOCK_BOOTTIME */
	MOOR_NOTE_PID = 3,  /* u32, in the first pid namespace */
	MOOR_NOTE_VM = 4,   /* bound VM, when there is one */
};

/* Why something was refused (or, learning, would have been). */
enum moor_reason {
	MOOR_REASON_NONE = 0,
	MOOR_REASON_DIGEST = 1,	      /* listed, but no listed digest matches */
	MOOR_REASON_UNLISTED = 2,     /* the policy does not name it */
	MOOR_REASON_FILESYSTEM = 3,   /* not on the allow list */
	MOOR_REASON_UNLINKED = 4,     /* memfd, O_TMPFILE, unlinked, SysV memory */
	MOOR_REASON_WRITER = 5,	      /* open for writing somewhere */
	MOOR_REASON_WRITABLE = 6,     /* writable and executable, or changed */
	MOOR_REASON_ANONYMOUS = 7,    /* executable memory without permission */
	MOOR_REASON_UNBOUND = 8,      /* an emulator without a VM */
	MOOR_REASON_TRACED = 9,	      /* exec while traced or sharing its fs */
	MOOR_REASON_TRACE = 10,	      /* ptrace across a domain's border */
	MOOR_REASON_GATE = 11,	      /* a gated device outside a domain */
	MOOR_REASON_CLOSED = 12,      /* no policy in force yet */
	MOOR_REASON_BROKEN = 13,      /* an extend's outcome is unknown */
	MOOR_REASON_NO_FILE = 14,     /* a kernel module without a file */
	MOOR_REASON_UNREADABLE = 15,  /* reading it failed */
	MOOR_REASON_RUNNING = 16,     /* that VM runs already */
	MOOR_REASON_PATH = 17,	      /* no path leads to it */
	MOOR_REASON_USERFAULTFD = 18, /* pages of its own making, without permission */
	MOOR_REASON_KEXEC = 19,	      /* another kernel, past the measured boot */
	MOOR_REASON_NO_RULES = 20,    /* the access policy says nothing of the VM */
};

enum moor_mode {
	MOOR_MODE_NONE = 0, /* no policy */
	MOOR_MODE_LEARNING = 1,
	MOOR_MODE_ENFORCING = 2,
};

/* Shown in sysfs as text: unarmed, closed, open, locked, broken. */
enum moor_state {
	MOOR_STATE_UNARMED = 0,
	MOOR_STATE_CLOSED = 1,
	MOOR_STATE_OPEN = 2,
	MOOR_STATE_LOCKED = 3,
	MOOR_STATE_BROKEN = 4,
};

/*
 * What an access policy permits on a path: a bit each. An automaton of paths
 * (struct moor_dfa_header) leads from the bytes of a path to sets of them.
 */
#define MOOR_PERM_READ	       (1U << 0)
#define MOOR_PERM_WRITE	       (1U << 1)
#define MOOR_PERM_APPEND       (1U << 2)
#define MOOR_PERM_MAP	       (1U << 3) /* executable mapping */
#define MOOR_PERM_CREATE       (1U << 4)
#define MOOR_PERM_DELETE       (1U << 5)
#define MOOR_PERM_LINK	       (1U << 6)
#define MOOR_PERM_LOCK	       (1U << 7)
#define MOOR_PERM_RENAME       (1U << 8)
#define MOOR_PERM_TRUNCATE     (1U << 9)
#define MOOR_PERM_CHMOD	       (1U << 10) /* mode, owner, times, attributes */
#define MOOR_PERM_EXEC	       (1U << 11)
#define MOOR_PERM_DEVICE_READ  (1U << 12) /* of a device node */
#define MOOR_PERM_DEVICE_WRITE (1U << 13)
#define MOOR_PERM_UNIX_LISTEN  (1U << 14)
#define MOOR_PERM_UNIX_CONNECT (1U << 15) /* and send to */
#define MOOR_PERM_ATTACH_READ  (1U << 16) /* may be attached while locked */
#define MOOR_PERM_ATTACH_WRITE (1U << 17)
#define MOOR_PERM_OWN	       (1U << 18) /* what is made here is the VM's own */
/* Of what is the VM's own, or is being made: read, write, append, create, delete, lock, truncate.
 */
#define MOOR_PERM_TEMPORARY (1U << 19)
#define MOOR_PERM_ALL	    ((1U << 20) - 1)

/* Where a path that is looked up begins. */
enum moor_dfa_root {
	MOOR_DFA_ROOT_PATH = 0,	    /* at the root of the file system */
	MOOR_DFA_ROOT_VMDIR = 1,    /* at a folder handed in at binding */
	MOOR_DFA_ROOT_ABSTRACT = 2, /* a unix socket's abstract name */
	MOOR_DFA_ROOTS = 3,
};

/*
 * A packed automaton, 4-byte aligned, in the machine's order: this header,
 * states, cells, accepts, strings, zero bytes up to a multiple of 8. State 0 is
 * dead: all of it is zero. docs/formats.md says how it is walked.
 */
#define MOOR_DFA_MAGIC	     0x4146444dU /* "MDFA" on a little-endian machine */
#define MOOR_DFA_VERSION     1
#define MOOR_DFA_BYTES_MAX   (64U << 20)
#define MOOR_DFA_ACCEPTS_MAX 65535
#define MOOR_DFA_RUN_MAX     MOOR_PATH_MAX

struct moor_dfa_header {
	__u32 magic;
	__u32 version;
	__u32 size; /* of all of it */
	__u32 state_count;
	__u32 cell_count;
	__u32 accept_count;
	__u32 string_bytes;
	__u32 helper_count;  /* accepts name no higher helper */
	__u32 command_count; /* nor a higher set of ioctl commands */
	__u32 starts[MOOR_DFA_ROOTS];
};

struct moor_dfa_state {
	__u32 base;   /* of its cells; of a run: where its bytes begin in the strings */
	__u32 others; /* next state for all bytes but 0 without a cell; behind a run */
	__u16 run;    /* bytes of the run; 0: it has cells */
	__u16 accept; /* what holds for paths that end here, 0: nothing */
};

struct moor_dfa_cell {
	__u32 owner; /* the state that it belongs to, 0: nobody's */
	__u32 next;
};

struct moor_dfa_accept {
	__u32 allow;
	__u32 audit;	/* recorded though allowed */
	__u32 deny;	/* and recorded */
	__u32 quiet;	/* denied without a record */
	__u32 helper;	/* child domain of a program, 0: it stays in the domain */
	__u32 commands; /* set of ioctl commands, 0: none */
};

/*
 * A packed access policy, 8-byte aligned, in the machine's order: this header, domains, places of
 * the automata (a slice each: from the beginning of all bytes, and how many), rules, sets of ioctl
 * commands, the commands, text, zero bytes up to a multiple of 8, and then the automata themselves,
 * one behind the other up to the end, each a struct moor_dfa_header and what follows it.
 * docs/formats.md explains every field.
 */
#define MOOR_ACCESS_MAGIC	0x4343414dU /* "MACC" on a little-endian machine */
#define MOOR_ACCESS_VERSION	1
#define MOOR_ACCESS_BYTES_MAX	(512U << 20)
#define MOOR_ACCESS_DOMAINS_MAX 262144
#define MOOR_ACCESS_AUTOMATA	4    /* of a domain */
#define MOOR_ACCESS_RULES_MAX	4096 /* of a domain, without a path */
#define MOOR_ACCESS_PATH	MOOR_SYSFS_PATH "/access"

struct moor_access_header {
	__u32 magic;
	__u32 version;
	__u32 size; /* of all of it */
	__u32 domain_count;
	__u32 vm_count; /* the first domains: VMs, in ascending order of their names' bytes */
	__u32 automaton_count;
	__u32 rule_count;
	__u32 command_set_count;
	__u32 command_count;
	__u32 text_bytes;
};

/* Some of a section: its elements, or bytes, from one on. */
struct moor_access_slice {
	__u32 first;
	__u32 count;
};

enum moor_access_kind {
	MOOR_ACCESS_VM = 1,
	MOOR_ACCESS_GUEST = 2, /* VMs that have no domain of their own */
	MOOR_ACCESS_PROBE = 3, /* starts by a hypervisor without a VM */
	MOOR_ACCESS_HELPER = 4,
};

/* It learns, whatever is enforced elsewhere. */
#define MOOR_ACCESS_LEARNING (1U << 0)
#define MOOR_ACCESS_FLAGS    MOOR_ACCESS_LEARNING

struct moor_access_domain {
	struct moor_access_slice name; /* in the text; of a template: none; of a helper: its own */
	struct moor_access_slice helpers; /* domains; of a helper: those beside it, itself too */
	struct moor_access_slice rules;
	__u32 automata[MOOR_ACCESS_AUTOMATA]; /* unused ones: 0 */
	__u32 automaton_count;
	__u32 owner; /* the domain of the VM; itself when it is no helper */
	__u32 kind;
	__u32 flags;
};

/* What a rule is about that has no path. */
enum moor_access_class {
	MOOR_ACCESS_ANONYMOUS = 1,  /* mask: a bit for each enum moor_anonymous */
	MOOR_ACCESS_MEMORY = 2,	    /* executable memory without a file */
	MOOR_ACCESS_TERMINAL = 3,   /* a pseudo terminal of its own */
	MOOR_ACCESS_CAPABILITY = 4, /* mask: a bit for each CAP_* */
	MOOR_ACCESS_TCP = 5,
	MOOR_ACCESS_UDP = 6,
	MOOR_ACCESS_SIGNAL = 7,	    /* mask: a bit for each signal, bit 0: none, only asked */
	MOOR_ACCESS_PTRACE = 8,	    /* mask: MOOR_PTRACE_* */
	MOOR_ACCESS_DESCRIPTOR = 9, /* mask: a bit for each enum moor_descriptor */
	MOOR_ACCESS_CLASSES = 10,
};

enum moor_anonymous {
	MOOR_ANONYMOUS_KVM_VM = 0,
	MOOR_ANONYMOUS_KVM_VCPU = 1,
	MOOR_ANONYMOUS_EVENTFD = 2,
	MOOR_ANONYMOUS_IO_URING = 3,
	MOOR_ANONYMOUS_USERFAULTFD = 4,
	MOOR_ANONYMOUS_MEMFD = 5,
	MOOR_ANONYMOUS_VFIO = 6,
	MOOR_ANONYMOUS_IOMMUFD = 7,
	MOOR_ANONYMOUS_KINDS = 8,
};

enum moor_descriptor {
	MOOR_DESCRIPTOR_PIPE = 0,
	MOOR_DESCRIPTOR_UNIX = 1,
	MOOR_DESCRIPTOR_TCP = 2,
	MOOR_DESCRIPTOR_UDP = 3,
	MOOR_DESCRIPTOR_TUN = 4,
	MOOR_DESCRIPTOR_VHOST = 5,
	MOOR_DESCRIPTOR_MEMFD = 6,
	MOOR_DESCRIPTOR_EVENTFD = 7,
	MOOR_DESCRIPTOR_PTY = 8,
	MOOR_DESCRIPTOR_FILE = 9,
	MOOR_DESCRIPTOR_DEVICE = 10,
	MOOR_DESCRIPTORS = 11,
};

#define MOOR_PTRACE_READ   (1U << 0)
#define MOOR_PTRACE_ATTACH (1U << 1)

/* How: of TCP and UDP listen (bind) or connect; of a descriptor inherit or receive. */
#define MOOR_WAY_LISTEN	 1
#define MOOR_WAY_CONNECT 2
#define MOOR_WAY_INHERIT 1
#define MOOR_WAY_RECEIVE 2

enum moor_effect {
	MOOR_EFFECT_ALLOW = 0,
	MOOR_EFFECT_AUDIT = 1, /* allowed and recorded */
	MOOR_EFFECT_DENY = 2,  /* whatever else allows it */
	MOOR_EFFECT_QUIET = 3, /* the same, and only counted */
	MOOR_EFFECTS = 4,
};

/* The other end of a signal or of tracing. */
enum moor_peer {
	MOOR_PEER_NONE = 0,
	MOOR_PEER_HELPER = 1, /* detail: its number */
	MOOR_PEER_VM = 2,
	MOOR_PEER_HYPERVISOR = 3,
	MOOR_PEER_PROGRAM = 4, /* outside of any domain; program: its path */
};

/* A rule about what has no path. What a class does not use is zero. */
struct moor_access_rule {
	__u64 mask;
	__u8 address[16];   /* of TCP and UDP, in network order; the bytes of IPv4 first */
	__u8 address_class; /* 0 every address, 4 IPv4, 6 IPv6 */
	__u8 prefix;	    /* leading bits of the address that count; the others are zero */
	__u16 reserved;	    /* zero */
	__u16 first_port;
	__u16 last_port;
	__u32 detail; /* of ANONYMOUS: a set of ioctl commands, 0 none; of a peer: which helper,
			 from 1 */
	struct moor_access_slice program; /* in the text */
	__u8 rule_class;		  /* enum moor_access_class */
	__u8 effect;			  /* enum moor_effect */
	__u8 way;			  /* MOOR_WAY_* */
	__u8 peer;			  /* enum moor_peer */
};

/*
 * A set of ioctl commands, in ascending order; MOOR_COMMANDS_ANY in place of their number: every
 * one. Sets are numbered from 1; what has none names 0, and no slice stands for that.
 */
#define MOOR_COMMANDS_ANY 0xffffffffU

/*
 * Written to MOOR_ACCESS_PATH/begin: staging of so many bytes begins. Read from it afterwards: the
 * token. Bytes go to MOOR_ACCESS_PATH/data, each write where the last one ended.
 */
struct moor_access_begin {
	struct moor_header header;
	__u64 byte_count;
	__u64 token; /* out */
};

/* Written to MOOR_ACCESS_PATH/commit: what is staged comes into force. MOOR_ACCESS_PATH/error says
 * what was wrong. */
struct moor_access_commit {
	struct moor_header header;
	__u32 flags;	/* MOOR_COMMIT_* */
	__u32 reserved; /* zero */
	__u64 token;
	__u64 version;
	__u64 generation;
	__u8 digest[32]; /* SHA-256 of all bytes */
	char name[MOOR_POLICY_NAME_MAX + 1];
};

#endif /* MOOR_UAPI_H */
