// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands behind a file's end. Its last page is mapped whole, and where that is part
 * of a large page, as on tmpfs with huge=, all of that is. What a shared mapping once
 * wrote there stays in the page cache until it is written back, and in memory file
 * systems for ever. No read sees it, so no digest does, but a mapping executes it.
 */
#include "moor.h"

#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/magic.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/shmem_fs.h>
#include <linux/string.h>
#include <linux/xarray.h>

/* As many pages as one mapping of the page table shows at most. */
#define LARGE_PAGES (PMD_SIZE >> PAGE_SHIFT)

/* From @size on there is nothing but zeros, or what will be zeros before anybody sees it. */
static bool folio_ends(struct folio *folio, loff_t size)
{
	size_t at = max_t(loff_t, size - folio_pos(folio), 0);
	bool zeros = true;

	if (!folio_test_uptodate(folio))
		return true;
	while (zeros && at < folio_size(folio)) {
		size_t length = PAGE_SIZE - offset_in_page(at);
		char *bytes = kmap_local_folio(folio, at);

		zeros = !memchr_inv(bytes, 0, length);
		kunmap_local(bytes);
		at += length;
	}
	return zeros;
}

/* Pages that nobody can read in again, for they begin behind the end. */
static bool any_swapped(struct address_space *mapping, unsigned long index, unsigned long last)
{
	void *entry = xa_find(&mapping->i_pages, &index, last, XA_PRESENT);

	while (entry && !xa_is_value(entry))
		entry = xa_find_after(&mapping->i_pages, &index, last, XA_PRESENT);
	return entry;
}

/*
 * The last page, large or not; and in memory file systems all that the kernel could still make one
 * of with it. Elsewhere what begins behind the end is the file system's own: fs-verity's hashes.
 * Return: 0 or -EUCLEAN.
 */
static int check_cached(struct address_space *mapping, loff_t size, bool in_memory)
{
	pgoff_t index = (size - 1) >> PAGE_SHIFT;
	pgoff_t last = in_memory ? index | (LARGE_PAGES - 1) : index;
	struct folio_batch batch;
	bool zeros = true;
	unsigned int i;

	folio_batch_init(&batch);
	while (zeros && filemap_get_folios(mapping, &index, last, &batch)) {
		for (i = 0; zeros && i < folio_batch_count(&batch); i++)
			zeros = folio_ends(batch.folios[i], size);
		folio_batch_release(&batch);
		cond_resched();
	}
	if (zeros && in_memory)
		zeros = !any_swapped(mapping, DIV_ROUND_UP(size, PAGE_SIZE), last);
	return zeros ? 0 : -EUCLEAN;
}

/**
 * moor_tail_check - is there nothing behind a file's end?
 * @file: open for reading, that nobody can write; no file of an overlay
 *
 * A last page that has left the cache, or was swapped out, is read in: it comes with
 * what stood there when it was written.
 *
 * Return: 0; -EUCLEAN when something stands there; -EOPNOTSUPP where there is no page
 * cache (DAX); -ENOMEM; what reading failed with.
 *
 * Context: sleeps.
 */
int moor_tail_check(struct file *file)
{
	struct address_space *mapping = file->f_mapping;
	loff_t size = i_size_read(mapping->host);
	bool in_memory = mapping->host->i_sb->s_magic == TMPFS_MAGIC;
	struct page *page;
	int err;

	if (!size)
		return 0;
	if (!in_memory && !mapping->a_ops->read_folio)
		return offset_in_page(size) ? -EOPNOTSUPP : 0;
	if (in_memory)
		page = shmem_read_mapping_page(mapping, (size - 1) >> PAGE_SHIFT);
	else
		page = read_mapping_page(mapping, (size - 1) >> PAGE_SHIFT, file);
	if (IS_ERR(page))
		return PTR_ERR(page);
	/* It stays in the cache meanwhile. */
	err = check_cached(mapping, size, in_memory);
	put_page(page);
	return err;
}
