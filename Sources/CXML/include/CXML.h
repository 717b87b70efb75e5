/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nodes of an XML document, one at a time, as libxml2's reader gives them.
 *
 * libxml2 is looked for when a document is read, and is not linked: it brings ICU with it, 30 MB
 * that no other command of moor needs, and where there is libvirt's XML, there is libvirt, which
 * links it.
 */
#ifndef MOOR_CXML_H
#define MOOR_CXML_H

#include <stddef.h>

enum moor_xml_kind {
	MOOR_XML_END,
	MOOR_XML_ELEMENT,
	MOOR_XML_ELEMENT_END,
	MOOR_XML_TEXT,
	/* Comments, blanks between elements, processing instructions. */
	MOOR_XML_OTHER,
	/* What a document type or an entity makes, which is taken from nobody. */
	MOOR_XML_ENTITY,
	MOOR_XML_FAILED,
};

struct moor_xml_reader;

/* Whether libxml2 is there; all else may be called only then. */
int moor_xml_is_available(void);

/*
 * Begins to read a document of UTF-8, which must stay where it is. It never opens another file and
 * never the network. NULL without memory.
 */
struct moor_xml_reader *moor_xml_open(const char *bytes, size_t count);
void moor_xml_close(struct moor_xml_reader *reader);

enum moor_xml_kind moor_xml_read(struct moor_xml_reader *reader);

/* Goes to the next attribute of an element: 0 when there is none. Name, namespace and value are
 * then its own. */
int moor_xml_next_attribute(struct moor_xml_reader *reader);

/* Of where the reader stands; texts are valid until it goes on, and may be NULL. */
const char *moor_xml_name(struct moor_xml_reader *reader);
const char *moor_xml_namespace(struct moor_xml_reader *reader);
const char *moor_xml_value(struct moor_xml_reader *reader);
int moor_xml_is_empty_element(struct moor_xml_reader *reader);
int moor_xml_line(struct moor_xml_reader *reader);

/* What was wrong with the document, or NULL. */
const char *moor_xml_problem(void);

#endif /* MOOR_CXML_H */
