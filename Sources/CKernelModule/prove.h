/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the proof that stand in a file of their own: see prove.c. */
#ifndef MOOR_PROVE_H
#define MOOR_PROVE_H

/* Return: 0, or the errno with which the step stopped before its hooks. */
int moor_prove_ioctl(void);
int moor_prove_ioctl_compat(void);
int moor_prove_process(void);
int moor_prove_kernel(void);
int moor_prove_namespace(void);
int moor_prove_identity(void);
int moor_prove_ipc(void);
int moor_prove_extended(void);
int moor_prove_ring(void);

#endif /* MOOR_PROVE_H */
