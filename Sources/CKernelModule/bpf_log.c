/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>

#include "CKernelModule.h"

/* libbpf has one callback a process, without an argument for the caller; the
 * buffer is the thread's, so that two threads never write into one. */
static _Thread_local char *log_buffer;
static _Thread_local size_t log_size;
static _Thread_local size_t log_used;
static _Thread_local size_t log_lost;

__attribute__((format(printf, 2, 0))) static int keep_message(enum libbpf_print_level level,
							      const char *format, va_list arguments)
{
	int length;

	if (level == LIBBPF_DEBUG || !log_buffer)
		return 0;
	length = vsnprintf(log_buffer + log_used, log_size - log_used, format, arguments);
	if (length < 0)
		return 0;
	if ((size_t)length >= log_size - log_used) {
		log_lost += (size_t)length - (log_size - log_used - 1);
		log_used = log_size - 1;
	} else {
		log_used += (size_t)length;
	}
	return length;
}

void moor_bpf_log_begin(char *buffer, size_t size)
{
	log_buffer = size ? buffer : NULL;
	log_size = size;
	log_used = 0;
	log_lost = 0;
	if (size)
		buffer[0] = '\0';
	libbpf_set_print(keep_message);
}

size_t moor_bpf_log_end(void)
{
	log_buffer = NULL;
	return log_lost;
}
