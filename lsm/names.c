// SPDX-License-Identifier: GPL-2.0-only
/* The names of the ABI's numbers, see names.h. A number is its name's place in a table. */
#include "names.h"

static const char *name_of(const char *const *names, u32 count, u8 value)
{
	return value < count && names[value] ? names[value] : "unknown";
}

/**
 * moor_record_name - an enum moor_record as the system log and sysfs spell it
 * @record: any number
 *
 * Return: a constant string, "unknown" for what is none. So do the functions
 * that follow, each for its own enum.
 * Context: any.
 */
const char *moor_record_name(u8 record)
{
	static const char *const names[] = {
		[MOOR_RECORD_START] = "start",
		[MOOR_RECORD_CAP] = "cap",
		[MOOR_RECORD_POLICY] = "policy",
		[MOOR_RECORD_MODE] = "mode",
		[MOOR_RECORD_MEASURE] = "measure",
		[MOOR_RECORD_REFUSE] = "refuse",
		[MOOR_RECORD_LOCK] = "lock",
		[MOOR_RECORD_RELEASE] = "release",
		[MOOR_RECORD_UNMEASURED] = "unmeasured",
		[MOOR_RECORD_FLOOD] = "flood",
		[MOOR_RECORD_ACCESS] = "access",
	};

	return name_of(names, ARRAY_SIZE(names), record);
}

/**
 * moor_permission_name - a permission on a path, as messages and policies spell it
 * @bit: of MOOR_PERM_*, from 0
 */
const char *moor_permission_name(u8 bit)
{
	static const char *const names[] = {
		"read",		"write",       "append",       "map",	       "create",
		"delete",	"link",	       "lock",	       "rename",       "truncate",
		"chmod",	"exec",	       "device-read",  "device-write", "unix-listen",
		"unix-connect", "attach-read", "attach-write", "own",	       "temporary",
	};

	BUILD_BUG_ON(BIT(ARRAY_SIZE(names)) != MOOR_PERM_ALL + 1);
	return name_of(names, ARRAY_SIZE(names), bit);
}

/**
 * moor_capability_name - a capability, as policies spell it
 * @capability: CAP_*
 */
const char *moor_capability_name(u8 capability)
{
	static const char *const names[] = {
		"chown",
		"dac_override",
		"dac_read_search",
		"fowner",
		"fsetid",
		"kill",
		"setgid",
		"setuid",
		"setpcap",
		"linux_immutable",
		"net_bind_service",
		"net_broadcast",
		"net_admin",
		"net_raw",
		"ipc_lock",
		"ipc_owner",
		"sys_module",
		"sys_rawio",
		"sys_chroot",
		"sys_ptrace",
		"sys_pacct",
		"sys_admin",
		"sys_boot",
		"sys_nice",
		"sys_resource",
		"sys_time",
		"sys_tty_config",
		"mknod",
		"lease",
		"audit_write",
		"audit_control",
		"setfcap",
		"mac_override",
		"mac_admin",
		"syslog",
		"wake_alarm",
		"block_suspend",
		"audit_read",
		"perfmon",
		"bpf",
		"checkpoint_restore",
	};

	return name_of(names, ARRAY_SIZE(names), capability);
}

/**
 * moor_signal_name - a signal, as policies spell it; "realtime" for those without a name
 * @signal: SIG*, 0: exists
 */
const char *moor_signal_name(u8 signal)
{
	static const char *const names[] = {
		"exists", "hup",  "int",    "quit", "ill",   "trap", "abrt", "bus",
		"fpe",	  "kill", "usr1",   "segv", "usr2",  "pipe", "alrm", "term",
		"stkflt", "chld", "cont",   "stop", "tstp",  "ttin", "ttou", "urg",
		"xcpu",	  "xfsz", "vtalrm", "prof", "winch", "io",   "pwr",  "sys",
	};

	return signal < ARRAY_SIZE(names) ? names[signal] : "realtime";
}

/* enum moor_anonymous; "other" for what policies have no word for */
const char *moor_anonymous_name(u8 kind)
{
	static const char *const names[] = {
		[MOOR_ANONYMOUS_KVM_VM] = "kvm-vm",
		[MOOR_ANONYMOUS_KVM_VCPU] = "kvm-vcpu",
		[MOOR_ANONYMOUS_EVENTFD] = "eventfd",
		[MOOR_ANONYMOUS_IO_URING] = "io_uring",
		[MOOR_ANONYMOUS_USERFAULTFD] = "userfaultfd",
		[MOOR_ANONYMOUS_MEMFD] = "memfd",
		[MOOR_ANONYMOUS_VFIO] = "vfio",
		[MOOR_ANONYMOUS_IOMMUFD] = "iommufd",
		[MOOR_ANONYMOUS_KINDS] = "other",
	};

	return name_of(names, ARRAY_SIZE(names), kind);
}

/* enum moor_descriptor; "other" for what policies have no word for */
const char *moor_descriptor_name(u8 kind)
{
	static const char *const names[] = {
		[MOOR_DESCRIPTOR_PIPE] = "pipe",     [MOOR_DESCRIPTOR_UNIX] = "unix",
		[MOOR_DESCRIPTOR_TCP] = "tcp",	     [MOOR_DESCRIPTOR_UDP] = "udp",
		[MOOR_DESCRIPTOR_TUN] = "tun",	     [MOOR_DESCRIPTOR_VHOST] = "vhost",
		[MOOR_DESCRIPTOR_MEMFD] = "memfd",   [MOOR_DESCRIPTOR_EVENTFD] = "eventfd",
		[MOOR_DESCRIPTOR_PTY] = "pty",	     [MOOR_DESCRIPTOR_FILE] = "file",
		[MOOR_DESCRIPTOR_DEVICE] = "device", [MOOR_DESCRIPTORS] = "other",
	};

	return name_of(names, ARRAY_SIZE(names), kind);
}

/* enum moor_kind */
const char *moor_kind_name(u8 kind)
{
	static const char *const names[] = {
		[MOOR_KIND_EXEC] = "exec",
		[MOOR_KIND_LIBRARY] = "library",
		[MOOR_KIND_FIRMWARE] = "firmware",
		[MOOR_KIND_MODULE] = "module",
	};

	return name_of(names, ARRAY_SIZE(names), kind);
}

/* enum moor_algorithm */
const char *moor_algorithm_name(u8 algorithm)
{
	static const char *const names[] = {
		[MOOR_ALGORITHM_NONE] = "none",
		[MOOR_ALGORITHM_SHA256] = "sha256",
		[MOOR_ALGORITHM_FSVERITY_SHA256] = "fsverity-sha256",
		[MOOR_ALGORITHM_FSVERITY_SHA512] = "fsverity-sha512",
	};

	return name_of(names, ARRAY_SIZE(names), algorithm);
}

/* enum moor_reason */
const char *moor_reason_name(u8 reason)
{
	static const char *const names[] = {
		[MOOR_REASON_NONE] = "none",
		[MOOR_REASON_DIGEST] = "digest",
		[MOOR_REASON_UNLISTED] = "unlisted",
		[MOOR_REASON_FILESYSTEM] = "filesystem",
		[MOOR_REASON_UNLINKED] = "unlinked",
		[MOOR_REASON_WRITER] = "writer",
		[MOOR_REASON_WRITABLE] = "writable",
		[MOOR_REASON_ANONYMOUS] = "anonymous",
		[MOOR_REASON_UNBOUND] = "unbound",
		[MOOR_REASON_TRACED] = "traced",
		[MOOR_REASON_TRACE] = "trace",
		[MOOR_REASON_GATE] = "gate",
		[MOOR_REASON_CLOSED] = "closed",
		[MOOR_REASON_BROKEN] = "broken",
		[MOOR_REASON_NO_FILE] = "no-file",
		[MOOR_REASON_UNREADABLE] = "unreadable",
		[MOOR_REASON_RUNNING] = "running",
		[MOOR_REASON_PATH] = "path",
		[MOOR_REASON_USERFAULTFD] = "userfaultfd",
		[MOOR_REASON_KEXEC] = "kexec",
		[MOOR_REASON_NO_RULES] = "no-rules",
	};

	return name_of(names, ARRAY_SIZE(names), reason);
}

/* enum moor_mode */
const char *moor_mode_name(u8 mode)
{
	static const char *const names[] = {
		[MOOR_MODE_NONE] = "none",
		[MOOR_MODE_LEARNING] = "learning",
		[MOOR_MODE_ENFORCING] = "enforcing",
	};

	return name_of(names, ARRAY_SIZE(names), mode);
}

/* enum moor_state */
const char *moor_state_name(u8 state)
{
	static const char *const names[] = {
		[MOOR_STATE_UNARMED] = "unarmed", [MOOR_STATE_CLOSED] = "closed",
		[MOOR_STATE_OPEN] = "open",	  [MOOR_STATE_LOCKED] = "locked",
		[MOOR_STATE_BROKEN] = "broken",
	};

	return name_of(names, ARRAY_SIZE(names), state);
}
