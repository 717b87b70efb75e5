/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest of the fast tests: a boot sector that says so on the serial port,
 * reads the next sector of its own disk, prints the text in it, and ends QEMU
 * through isa-debug-exit. QEMU's exit code is (value << 1) | 1: 33 when the
 * disk was read, 35 when it was not.
 */
	.code16
	.globl _start

	.set COM1, 0x3f8
	.set COM1_STATUS, COM1 + 5
	.set EXIT_PORT, 0x501	/* the default of isa-debug-exit */
	.set BUFFER, 0x7e00

_start:
	ljmp	$0, $begin
begin:
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp
	movb	%dl, drive

	movw	$hello, %si
	call	print

	movw	$0x0201, %ax		/* read one sector */
	movw	$0x0002, %cx		/* cylinder 0, sector 2 */
	xorb	%dh, %dh		/* head 0 */
	movb	drive, %dl
	movw	$BUFFER, %bx
	int	$0x13
	jc	failed
	movw	$BUFFER, %si
	call	print
	movb	$0x10, %al
	jmp	exit

failed:
	movw	$unreadable, %si
	call	print
	movb	$0x11, %al
exit:
	movw	$EXIT_PORT, %dx
	outb	%al, %dx
halt:
	hlt
	jmp	halt

/* Sends the NUL-terminated text at %si to the serial port. */
print:
	lodsb
	testb	%al, %al
	jz	2f
	movb	%al, %ah
	movw	$COM1_STATUS, %dx
1:	inb	%dx, %al
	testb	$0x20, %al		/* the transmitter is free */
	jz	1b
	movb	%ah, %al
	movw	$COM1, %dx
	outb	%al, %dx
	jmp	print
2:	ret

drive:		.byte 0
hello:		.asciz "nested guest: running\n"
unreadable:	.asciz "nested guest: the disk cannot be read\n"

	.org	510
	.word	0xaa55

	/* The second sector. */
	.asciz	"nested guest: this text was read from its disk\n"
	.org	1024
