// SPDX-License-Identifier: GPL-2.0-only
/*
 * All decisions but that on an exec, row by row. decide_property_test.c goes
 * through all combinations of facts.
 */
#include "decide_facts.h"

static void map_row(const char *name, struct moor_context context, struct moor_subject subject,
		    struct moor_file_facts file, bool writable, struct moor_verdict expected)
{
	test_begin("mapping %s", name);
	check_verdict(moor_decide_map(&context, &subject, &file, writable), expected);
	test_end();
}

static void map_rows(void)
{
	map_row("outside passes, whatever it is", ENFORCE, OUTSIDE, FACTS(MEMFD), true, PASS);
	map_row("outside passes while broken", ENFORCE_BROKEN, OUTSIDE, FACTS(PLAIN), false, PASS);
	map_row("of a listed library wants its digest", ENFORCE, INSIDE, FACTS(LISTED), false,
		MEASURE_FIRST);
	map_row("of a listed library passes", ENFORCE, INSIDE, FACTS(LISTED, GOOD), false,
		MEASURED(NONE));
	map_row("of a changed library is refused", ENFORCE, INSIDE, FACTS(LISTED, BAD), false,
		REFUSED(DIGEST));
	map_row("of a changed library is remarked when learning", LEARN, INSIDE, FACTS(LISTED, BAD),
		false, MEASURED(DIGEST));
	map_row("of an unlisted library is refused unread", ENFORCE, INSIDE, FACTS(PLAIN), false,
		REFUSED(UNLISTED));
	map_row("of an unlisted library is measured when learning", LEARN, INSIDE, FACTS(PLAIN),
		false, MEASURE_FIRST);
	map_row("of an unlisted library is recorded when learning", LEARN, INSIDE,
		FACTS(PLAIN, BAD), false, MEASURED(UNLISTED));
	map_row("of a library with a writer is refused", ENFORCE, INSIDE,
		FACTS(LISTED, .writer = true), false, REFUSED(WRITER));
	map_row("of a library with a writer is refused though its digest was known", ENFORCE,
		INSIDE, FACTS(LISTED, GOOD, .writer = true), false, REFUSED(WRITER));
	map_row("of an unreadable library is refused", ENFORCE, INSIDE,
		FACTS(LISTED, .unreadable = true), false, REFUSED(UNREADABLE));
	map_row("of an unreadable library is remarked when learning", LEARN, INSIDE,
		FACTS(LISTED, .unreadable = true), false, UNMEASURED(UNREADABLE));
	map_row("of a memfd is refused", ENFORCE, INSIDE, FACTS(MEMFD), false, REFUSED(UNLINKED));
	map_row("of a memfd is refused with the permission for executable memory", ENFORCE,
		INSIDE_JIT, FACTS(MEMFD), false, REFUSED(UNLINKED));
	map_row("of an unlinked listed library is refused", ENFORCE, INSIDE,
		FACTS(LISTED, GOOD, .unlinked = true), false, REFUSED(UNLINKED));
	map_row("of a file no path leads to is refused", ENFORCE, INSIDE,
		FACTS(.filesystem_allowed = true), false, REFUSED(PATH));
	map_row("of a file on a foreign filesystem is refused", ENFORCE, INSIDE,
		FACTS(.has_path = true, .listed = true), false, REFUSED(FILESYSTEM));
	map_row("writable and executable is refused", ENFORCE, INSIDE, FACTS(LISTED, GOOD), true,
		REFUSED(WRITABLE));
	map_row("writable and executable is refused with executable memory", ENFORCE, INSIDE_JIT,
		FACTS(LISTED, GOOD), true, REFUSED(WRITABLE));
	map_row("writable and executable is remarked when learning", LEARN, INSIDE,
		FACTS(LISTED, GOOD), true, MEASURED(WRITABLE));
	map_row("of a new library is refused while broken", ENFORCE_BROKEN, INSIDE,
		FACTS(LISTED, GOOD), false, REFUSED(BROKEN));
	map_row("of a new library is refused while broken even when learning", LEARN_BROKEN, INSIDE,
		FACTS(LISTED, GOOD), false, REFUSED(BROKEN));
	map_row("of a library the log has passes while broken", ENFORCE_BROKEN, INSIDE,
		FACTS(LISTED, GOOD, .extended = true), false, MEASURED(NONE));
}

static void firmware_row(const char *name, struct moor_context context, struct moor_subject subject,
			 struct moor_file_facts file, bool writable, struct moor_verdict expected)
{
	test_begin("firmware %s", name);
	check_verdict(moor_decide_firmware(&context, &subject, &file, writable), expected);
	test_end();
}

static void firmware_rows(void)
{
	firmware_row("outside passes", ENFORCE, OUTSIDE, FACTS(LISTED, BAD), true, PASS);
	firmware_row("that is not listed is none", ENFORCE, INSIDE, FACTS(PLAIN), true, PASS);
	firmware_row("that is not listed is none, on any filesystem", ENFORCE, INSIDE, FACTS(MEMFD),
		     false, PASS);
	firmware_row("wants its digest", ENFORCE, INSIDE, FACTS(LISTED), false, MEASURE_FIRST);
	firmware_row("as listed passes", ENFORCE, INSIDE, FACTS(LISTED, GOOD), false,
		     MEASURED(NONE));
	firmware_row("that was changed is refused", ENFORCE, INSIDE, FACTS(LISTED, BAD), false,
		     REFUSED(DIGEST));
	firmware_row("that was changed is remarked when learning", LEARN, INSIDE,
		     FACTS(LISTED, BAD), false, MEASURED(DIGEST));
	firmware_row("with a writer is refused", ENFORCE, INSIDE, FACTS(LISTED, .writer = true),
		     false, REFUSED(WRITER));
	firmware_row("opened for writing is refused", ENFORCE, INSIDE, FACTS(LISTED, GOOD), true,
		     REFUSED(WRITABLE));
	firmware_row("opened for writing is refused unread", ENFORCE, INSIDE, FACTS(LISTED), true,
		     REFUSED(WRITABLE));
	firmware_row("on a foreign filesystem is refused", ENFORCE, INSIDE,
		     FACTS(.has_path = true, .listed = true), false, REFUSED(FILESYSTEM));
	firmware_row("that is new is refused while broken", ENFORCE_BROKEN, INSIDE,
		     FACTS(LISTED, GOOD), false, REFUSED(BROKEN));
}

static void memory_row(const char *name, struct moor_context context, struct moor_subject subject,
		       struct moor_verdict expected)
{
	test_begin("executable memory %s", name);
	check_verdict(moor_decide_anonymous(&context, &subject), expected);
	test_end();
}

static void memory_rows(void)
{
	memory_row("outside passes", ENFORCE, OUTSIDE, PASS);
	memory_row("inside is refused", ENFORCE, INSIDE, REFUSED(ANONYMOUS));
	memory_row("inside passes with the permission", ENFORCE, INSIDE_JIT, PASS);
	memory_row("inside is remarked when learning", LEARN, INSIDE, UNMEASURED(ANONYMOUS));
	memory_row("inside with the permission passes when learning", LEARN, INSIDE_JIT, PASS);
	memory_row("inside passes with the permission while broken", ENFORCE_BROKEN, INSIDE_JIT,
		   PASS);
	memory_row("inside is refused without a policy", NO_POLICY, INSIDE, REFUSED(ANONYMOUS));
}

static void userfaultfd_row(const char *name, struct moor_context context,
			    struct moor_subject subject, struct moor_verdict expected)
{
	test_begin("userfaultfd %s", name);
	check_verdict(moor_decide_userfaultfd(&context, &subject), expected);
	test_end();
}

static void userfaultfd_rows(void)
{
	userfaultfd_row("outside passes", ENFORCE, OUTSIDE, PASS);
	userfaultfd_row("inside is refused", ENFORCE, INSIDE, REFUSED(USERFAULTFD));
	userfaultfd_row("inside passes with executable memory", ENFORCE, INSIDE_JIT, PASS);
	userfaultfd_row("inside is remarked when learning", LEARN, INSIDE, UNMEASURED(USERFAULTFD));
	userfaultfd_row("inside with executable memory passes when learning", LEARN, INSIDE_JIT,
			PASS);
	userfaultfd_row("inside passes with executable memory while broken", ENFORCE_BROKEN,
			INSIDE_JIT, PASS);
	userfaultfd_row("inside is refused without a policy", NO_POLICY, INSIDE,
			REFUSED(USERFAULTFD));
}

static void kexec_row(const char *name, struct moor_context context, struct moor_subject subject,
		      struct moor_verdict expected)
{
	test_begin("kexec %s", name);
	check_verdict(moor_decide_kexec(&context, &subject), expected);
	test_end();
}

static void kexec_rows(void)
{
	kexec_row("outside passes and is recorded", ENFORCE, OUTSIDE, UNMEASURED(KEXEC));
	kexec_row("outside is recorded without a policy", NO_POLICY, OUTSIDE, UNMEASURED(KEXEC));
	kexec_row("outside is recorded while closed", CLOSED, OUTSIDE, UNMEASURED(KEXEC));
	kexec_row("outside is refused once locked", ENFORCE_LOCKED, OUTSIDE, REFUSED(KEXEC));
	kexec_row("outside is refused once locked even when learning", LEARN_LOCKED, OUTSIDE,
		  REFUSED(KEXEC));
	kexec_row("outside is refused while broken", ENFORCE_BROKEN, OUTSIDE, REFUSED(BROKEN));
	kexec_row("inside is refused", ENFORCE, INSIDE, REFUSED(KEXEC));
	kexec_row("inside is refused with executable memory", ENFORCE, INSIDE_JIT, REFUSED(KEXEC));
	kexec_row("inside is remarked when learning", LEARN, INSIDE, UNMEASURED(KEXEC));
}

#define MAPPING(...) ((struct moor_protection){__VA_ARGS__})
#define FILE_MAPPING .file = true

static void protect_row(const char *name, struct moor_context context, struct moor_subject subject,
			struct moor_file_facts file, struct moor_protection protection,
			struct moor_verdict expected)
{
	test_begin("mprotect %s", name);
	check_verdict(moor_decide_protect(&context, &subject, &file, &protection), expected);
	test_end();
}

static void protect_rows(void)
{
	protect_row("outside passes", ENFORCE, OUTSIDE, FACTS(MEMFD),
		    MAPPING(FILE_MAPPING, .writable = true, .private_copy = true), PASS);
	protect_row("of memory without a file is refused", ENFORCE, INSIDE, FACTS(0), MAPPING(0),
		    REFUSED(ANONYMOUS));
	protect_row("of memory without a file passes with the permission", ENFORCE, INSIDE_JIT,
		    FACTS(0), MAPPING(.writable = true), PASS);
	protect_row("of an accepted file passes unrecorded", ENFORCE, INSIDE, FACTS(LISTED),
		    MAPPING(FILE_MAPPING, .accepted = true), PASS);
	protect_row("of an accepted file that lost its name since passes", ENFORCE, INSIDE,
		    FACTS(MEMFD), MAPPING(FILE_MAPPING, .accepted = true), PASS);
	protect_row("of an accepted file that is writable is refused", ENFORCE, INSIDE,
		    FACTS(LISTED), MAPPING(FILE_MAPPING, .accepted = true, .writable = true),
		    REFUSED(WRITABLE));
	protect_row("of a changed private copy of an accepted file is refused", ENFORCE, INSIDE,
		    FACTS(LISTED), MAPPING(FILE_MAPPING, .accepted = true, .private_copy = true),
		    REFUSED(WRITABLE));
	protect_row("of a private copy is refused with executable memory, too", ENFORCE, INSIDE_JIT,
		    FACTS(LISTED), MAPPING(FILE_MAPPING, .accepted = true, .private_copy = true),
		    REFUSED(WRITABLE));
	protect_row("of a private copy is remarked when learning", LEARN, INSIDE, FACTS(LISTED),
		    MAPPING(FILE_MAPPING, .accepted = true, .private_copy = true),
		    UNMEASURED(WRITABLE));
	protect_row("of a file never accepted is refused", ENFORCE, INSIDE, FACTS(LISTED),
		    MAPPING(FILE_MAPPING), REFUSED(DIGEST));
	protect_row("of a file never accepted is refused though its digest would match", ENFORCE,
		    INSIDE, FACTS(LISTED, GOOD), MAPPING(FILE_MAPPING), REFUSED(DIGEST));
	protect_row("of an unlisted file is refused", ENFORCE, INSIDE, FACTS(PLAIN),
		    MAPPING(FILE_MAPPING), REFUSED(UNLISTED));
	protect_row("of an unlisted file is remarked when learning", LEARN, INSIDE, FACTS(PLAIN),
		    MAPPING(FILE_MAPPING), UNMEASURED(UNLISTED));
	protect_row("of a memfd is refused", ENFORCE, INSIDE_JIT, FACTS(MEMFD),
		    MAPPING(FILE_MAPPING), REFUSED(UNLINKED));
	protect_row("of a file no path leads to is refused", ENFORCE, INSIDE,
		    FACTS(.filesystem_allowed = true), MAPPING(FILE_MAPPING), REFUSED(PATH));
	protect_row("of a file on a foreign filesystem is refused", ENFORCE, INSIDE,
		    FACTS(.has_path = true, .listed = true), MAPPING(FILE_MAPPING),
		    REFUSED(FILESYSTEM));
}

static void module_row(const char *name, struct moor_context context, struct moor_file_facts file,
		       struct moor_verdict expected)
{
	test_begin("module %s", name);
	check_verdict(moor_decide_module(&context, &file), expected);
	test_end();
}

static void module_rows(void)
{
	module_row("of no family and unlisted passes unrecorded", ENFORCE, FACTS(PLAIN), PASS);
	module_row("of no family and unlisted passes while closed", CLOSED, FACTS(PLAIN), PASS);
	module_row("of a family passes without a policy", NO_POLICY, FACTS(PLAIN, .guarded = true),
		   PASS);
	module_row("of a family is refused while closed", CLOSED, FACTS(PLAIN, .guarded = true),
		   REFUSED(CLOSED));
	module_row("of a family but unlisted is refused", ENFORCE, FACTS(PLAIN, .guarded = true),
		   REFUSED(UNLISTED));
	module_row("of a family but unlisted is measured when learning", LEARN,
		   FACTS(PLAIN, .guarded = true), MEASURE_FIRST);
	module_row("of a family but unlisted is recorded when learning", LEARN,
		   FACTS(PLAIN, .guarded = true, BAD), MEASURED(UNLISTED));
	module_row("of a family from a memfd is refused", ENFORCE, FACTS(MEMFD, .guarded = true),
		   REFUSED(UNLINKED));
	module_row("that is listed wants its digest", ENFORCE, FACTS(LISTED), MEASURE_FIRST);
	module_row("that is listed passes", ENFORCE, FACTS(LISTED, GOOD), MEASURED(NONE));
	module_row("that was changed is refused", ENFORCE, FACTS(LISTED, BAD), REFUSED(DIGEST));
	module_row("that was changed is remarked when learning", LEARN, FACTS(LISTED, BAD),
		   MEASURED(DIGEST));
	module_row("with a writer is refused", ENFORCE, FACTS(LISTED, .writer = true),
		   REFUSED(WRITER));
	module_row("on a foreign filesystem is refused", ENFORCE,
		   FACTS(.has_path = true, .listed = true), REFUSED(FILESYSTEM));
	module_row("that is new is refused while broken", LEARN_BROKEN, FACTS(LISTED, GOOD),
		   REFUSED(BROKEN));
}

static void blob_row(const char *name, struct moor_context context, struct moor_verdict expected)
{
	test_begin("module without a file %s", name);
	check_verdict(moor_decide_module_without_file(&context), expected);
	test_end();
}

static void blob_rows(void)
{
	blob_row("is refused while closed", CLOSED, REFUSED(NO_FILE));
	blob_row("passes without a policy", NO_POLICY, PASS);
	blob_row("is remarked when learning", LEARN, UNMEASURED(NO_FILE));
	blob_row("is remarked when enforcing", ENFORCE, UNMEASURED(NO_FILE));
}

#define TRACE(...) ((struct moor_trace){__VA_ARGS__})
#define TRACER	   .tracer_in_domain = true
#define TARGET	   .target_in_domain = true
#define SAME	   .same_domain = true
#define ATTACH	   .attach = true
#define GRANTED	   .granted = true

static void trace_row(const char *name, struct moor_context context, struct moor_trace trace,
		      struct moor_verdict expected)
{
	test_begin("trace %s", name);
	check_verdict(moor_decide_trace(&context, &trace), expected);
	test_end();
}

static void trace_rows(void)
{
	trace_row("between tasks outside passes", ENFORCE, TRACE(ATTACH), PASS);
	trace_row("within a domain is refused", ENFORCE, TRACE(TRACER, TARGET, SAME, ATTACH),
		  REFUSED(TRACE));
	trace_row("within a domain passes when it only reads", ENFORCE, TRACE(TRACER, TARGET, SAME),
		  PASS);
	trace_row("from outside into a domain is refused", ENFORCE, TRACE(TARGET, ATTACH),
		  REFUSED(TRACE));
	trace_row("from outside into a domain passes when it only reads", ENFORCE, TRACE(TARGET),
		  PASS);
	trace_row("out of a domain is refused", ENFORCE, TRACE(TRACER, ATTACH), REFUSED(TRACE));
	trace_row("out of a domain is refused when it only reads", ENFORCE, TRACE(TRACER),
		  REFUSED(TRACE));
	trace_row("from a domain into another is refused", ENFORCE, TRACE(TRACER, TARGET, ATTACH),
		  REFUSED(TRACE));
	trace_row("from a domain into another is refused when it only reads", ENFORCE,
		  TRACE(TRACER, TARGET), REFUSED(TRACE));
	trace_row("from outside into a domain is remarked when a rule allows it", ENFORCE,
		  TRACE(TARGET, ATTACH, GRANTED), UNMEASURED(TRACE));
	trace_row("out of a domain passes when it only reads and a rule allows it", ENFORCE,
		  TRACE(TRACER, GRANTED),
		  ((struct moor_verdict){.allow = true, .reason = MOOR_REASON_TRACE}));
	trace_row("across a border is remarked when learning", LEARN, TRACE(TRACER, TARGET, ATTACH),
		  UNMEASURED(TRACE));
	trace_row("across a border is refused while broken", ENFORCE_BROKEN, TRACE(TARGET, ATTACH),
		  REFUSED(TRACE));
}

static void device_row(const char *name, struct moor_context context, struct moor_subject subject,
		       struct moor_verdict expected)
{
	test_begin("gated device %s", name);
	check_verdict(moor_decide_device(&context, &subject), expected);
	test_end();
}

static void device_rows(void)
{
	device_row("outside a domain is refused", ENFORCE, OUTSIDE, REFUSED(GATE));
	device_row("outside a domain is refused with a VM bound", ENFORCE, BOUND, REFUSED(GATE));
	device_row("outside a domain is remarked when learning", LEARN, OUTSIDE, UNMEASURED(GATE));
	device_row("inside a domain passes", ENFORCE, INSIDE, PASS);
	device_row("inside a domain passes while broken", ENFORCE_BROKEN, INSIDE, PASS);
	device_row("passes without a policy", NO_POLICY, OUTSIDE, PASS);
	device_row("is refused while closed", CLOSED, OUTSIDE, REFUSED(CLOSED));
	device_row("is refused while closed, inside a domain as well", CLOSED, INSIDE,
		   REFUSED(CLOSED));
	device_row("is refused while closed, whatever the mode",
		   CONTEXT(.mode = MOOR_MODE_LEARNING, .closed = true), OUTSIDE, REFUSED(CLOSED));
}

static void module_names(void)
{
	static const struct {
		const char *path;
		bool guarded;
	} rows[] = {
		{"/lib/modules/6.12/kernel/arch/x86/kvm/kvm.ko", true},
		{"/tmp/kvm-amd.ko.xz", true},
		{"/x/vhost_net.ko", true},
		{"/x/vfio-pci.ko", true},
		{"/x/iommufd.ko", true},
		{"kvm.ko", true},
		{"/kvm", true},
		{"/kvm/", false},
		{"/kvm/e1000.ko", false},
		{"/x/irqbypass.ko", false},
		{"/x/mykvm.ko", false},
		{"/x/kv", false},
		{"/x/virtio.ko", false},
		{"/", false},
		{"", false},
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_begin("module name '%s' is %s", rows[i].path,
			   rows[i].guarded ? "of a family" : "of no family");
		CHECK_EQUAL(moor_module_name_guarded(rows[i].path, (u32)strlen(rows[i].path)),
			    rows[i].guarded);
		test_end();
	}
	test_begin("module name ends where its length says");
	CHECK(!moor_module_name_guarded("/x/kvm", 5));
	CHECK(moor_module_name_guarded("/x/kvm/y", 6));
	test_end();
}

void decide_tests(void)
{
	map_rows();
	firmware_rows();
	memory_rows();
	userfaultfd_rows();
	kexec_rows();
	protect_rows();
	module_rows();
	blob_rows();
	trace_rows();
	device_rows();
	module_names();
}
