// SPDX-License-Identifier: Apache-2.0
// tiny: ends with 0. So small that a thousand copies are nothing.
#include <sys/syscall.h>

__attribute__((naked, noreturn)) void _start(void)
{
	__asm__("mov %0, %%eax\n\txor %%edi, %%edi\n\tsyscall\n\tud2" : : "i"(SYS_exit_group));
}
